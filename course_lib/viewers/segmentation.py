"""What the parts of an image are called: labels as colours, with their names."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Patch
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from course_lib.style import WIDTH
from course_lib.viewers.arrays import Array, as_array, as_image
from course_lib.viewers.class_marks import COLORS
from course_lib.viewers.images import TITLE, draw_image
from course_lib.viewers.maps import NOTHING
from course_lib.viewers.picture import Picture

Labels = NDArray[np.int64]
ROOM: Final = 0.06  # of the image to either side; narrower parts have no room for their name
TALLEST: Final = 4.0  # inches, of one map


def show_segmentation(
    labels: Any, names: Sequence[str], *, image: Any = None, title: str = ""
) -> Picture:
    """Labels `h w`, or several of one view by name, as {"few pixels": …, "predicted": …, "true": …}.

    Label i is called names[i], of at most ten names; -1, drawn in grey, is a pixel without a label.
    `image` `h w 3` stands to the left. The words tell how often labels agree with those called "true".
    """
    if isinstance(names, str) or not 1 <= len(names) <= len(COLORS):
        raise ValueError(
            f"names is {names!r}; give a list of 1 to {len(COLORS)}, a name per label, in their order"
        )
    called = list(map(str, names))
    given = labels if isinstance(labels, Mapping) else {"labels": labels}
    if not given:
        raise ValueError("labels is empty; give at least one map, as in {'predicted': labels}")
    maps = {str(name): _labels(str(name), value, called) for name, value in given.items()}
    photo = None if image is None else as_image("image", image)
    _all_of_one_size(maps, photo)
    columns = len(maps) + (photo is not None)
    height, width = next(iter(maps.values())).shape
    rows = math.ceil(columns / 4)
    columns = math.ceil(columns / rows)
    cell = min(height / width * 0.95 * WIDTH / columns, TALLEST)
    figure = Picture(rows * (cell + TITLE) + (0.7 if title else 0.4), _words(maps, called, title))
    grid = list(figure.subplots(rows, columns, squeeze=False).ravel())
    for axes in grid:
        axes.axis("off")
    if photo is not None:
        draw_image(_shown(grid.pop(0)), photo, "image")
    for axes, (name, found) in zip(grid, maps.items(), strict=False):
        draw_image(_shown(axes), _colored(found), name)
        _write_names(axes, found, called)
    patches = [Patch(color=color, label=name) for color, name in zip(COLORS, called, strict=False)]
    if any((found < 0).any() for found in maps.values()):
        patches.append(Patch(color=NOTHING, label="no label"))
    figure.legend(
        handles=patches, loc="outside lower center", ncols=min(len(patches), 6), frameon=False
    )
    if title:
        figure.suptitle(title, fontsize=12)
    return figure


def _labels(name: str, value: Any, names: list[str]) -> Labels:
    array = as_array(name, value, ("h", "w"))
    if array.size == 0:
        raise ValueError(f"{name} has no pixels: its shape is {array.shape}")
    known = (array == np.round(array)) & (array >= -1) & (array < len(names))
    if not known.all():
        row, column = np.argwhere(~known)[0]
        raise ValueError(
            f"{name}[{row}, {column}] is {array[row, column]:g}; labels are whole numbers from -1 (none) to "
            f"{len(names) - 1} ({names[-1]}). Scores become labels by argmax over the classes"
        )
    return array.astype(np.int64)


def _all_of_one_size(maps: Mapping[str, Labels], photo: Array | None) -> None:
    first = next(iter(maps))
    for name, found in maps.items():
        if found.shape != maps[first].shape:
            raise ValueError(
                f"{name} has (height, width) {found.shape} but {first} has {maps[first].shape}; all must "
                "be of one view"
            )
    # A photograph may be finer than the labels, but must be of the same view.
    if photo is not None:
        (height, width), (rows, columns) = photo.shape[:2], maps[first].shape
        if height * columns != width * rows:
            raise ValueError(
                f"image has (height, width) {(height, width)} but {first} has {(rows, columns)}, which is "
                "another shape of picture"
            )


def _colored(labels: Labels) -> Array:
    table = np.array([*(to_rgb(color) for color in COLORS), NOTHING])
    colors: Array = table[labels]  # -1 is the last
    return colors


def _write_names(axes: Axes, labels: Labels, names: list[str]) -> None:
    """The name of every large part, where that part is widest."""
    for i, name in enumerate(names):
        (row, column), reach = _widest(labels == i)
        if reach < ROOM * min(labels.shape):
            continue
        axes.text(
            (column + 0.5) / labels.shape[1],
            (row + 0.5) / labels.shape[0],
            name,
            ha="center",
            va="center",
            fontsize=10,
            color="black",
            path_effects=[withStroke(linewidth=3, foreground="white")],
            clip_on=True,
        )


def _widest(part: NDArray[np.bool_]) -> tuple[tuple[int, int], int]:
    """The pixel of a part that is furthest from its edges, and by how many pixels."""
    inside, reach, place = part, 0, (0, 0)
    while inside.any():
        pixels = np.argwhere(inside)
        nearest = np.abs(pixels - pixels.mean(axis=0)).sum(axis=1).argmin()
        reach, place = reach + 1, (int(pixels[nearest, 0]), int(pixels[nearest, 1]))
        padded = np.pad(inside, 1)
        inside = (
            inside & padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
        )
    return place, reach


def _words(maps: Mapping[str, Labels], names: list[str], title: str) -> str:
    shares = []
    for name, found in maps.items():
        parts = ", ".join(
            f"{names[i]} {(found == i).mean():.0%}" for i in range(len(names)) if (found == i).any()
        )
        shares.append(f"{name}: {parts or 'nothing'}{_agreement(name, found, maps.get('true'))}")
    return f"{title or 'Segmentation'}, share of the pixels. {'; '.join(shares)}."


def _agreement(name: str, found: Labels, truth: Labels | None) -> str:
    if truth is None or name == "true":
        return ""
    both = (found >= 0) & (truth >= 0)
    return f", {(found == truth)[both].mean():.0%} as true" if both.any() else ""


def _shown(axes: Axes) -> Axes:
    axes.axis("on")
    return axes
