"""Images, depth maps and their differences, side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from course_lib.style import GREY, SEQUENTIAL, WIDTH
from course_lib.viewers.arrays import Array, as_array, as_image
from course_lib.viewers.picture import Picture

TITLE = 0.45  # inches above a row


def show_images(
    images: Any, titles: Sequence[str] | None = None, *, columns: int | None = None
) -> Picture:
    """Images `n h w 3` (or a list, of any sizes) in rows; ValueError if titles do not fit."""
    pictures = [as_image(f"images[{i}]", image) for i, image in enumerate(_listed(images))]
    if not pictures:
        raise ValueError("images is empty; give at least one image")
    titles = list(titles) if titles is not None else [""] * len(pictures)
    if len(titles) != len(pictures):
        raise ValueError(
            f"{len(pictures)} images but {len(titles)} titles; give one title per image"
        )
    rows = math.ceil(len(pictures) / (columns or 4))
    columns = columns or math.ceil(len(pictures) / rows)
    tallest = max(image.shape[0] / image.shape[1] for image in pictures)
    height = rows * (min(tallest * WIDTH / columns, 5.0) + (TITLE if any(titles) else 0.1))
    figure = Picture(
        height, _alt(f"{len(pictures)} images" if len(pictures) > 1 else "An image", titles)
    )
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, image, title in zip(grid, pictures, titles, strict=False):
        draw_image(axes, image, title)
    for axes in grid[len(pictures) :]:
        axes.axis("off")
    return figure


def show_difference(expected: Any, actual: Any, title: str = "") -> Picture:
    """Expected image, yours and the largest difference over the channels, all `h w 3`."""
    first, second = as_image("expected", expected), as_image("actual", actual)
    if first.shape != second.shape:
        raise ValueError(f"expected is {first.shape} but actual is {second.shape}; they must agree")
    difference = np.abs(first - second).max(axis=-1)
    worst = float(difference.max())
    share = float((difference > 0.01).mean())
    figure = Picture(
        _row_height(first, 3),
        f"Expected image, yours, and their difference: {share:.1%} of pixels differ.",
    )
    left, middle, right = figure.subplots(1, 3)
    draw_image(left, first, "expected")
    draw_image(middle, second, "yours")
    mappable = right.imshow(difference, cmap=SEQUENTIAL, vmin=0, vmax=max(worst, 0.01))
    _bare(right, f"difference: {share:.1%} of pixels")
    figure.colorbar(mappable, ax=right, shrink=0.8)
    if title:
        figure.suptitle(title)
    return figure


def show_depth(depth: Any, valid: Any = None, *, title: str = "depth", unit: str = "") -> Picture:
    """A depth map `h w` with its scale; grey where not finite, not positive or not valid."""
    values = as_array("depth", depth, ("h", "w"))
    known = np.isfinite(values) & (values > 0)
    if valid is not None:
        known &= as_array("valid", valid, values.shape) > 0
    shown = np.ma.masked_array(values, ~known)
    low, high = np.percentile(values[known], (1, 99)) if known.any() else (0.0, 1.0)
    figure = Picture(
        min(_row_height(values, 1) * 0.6, 5.0),
        f"Map of {title}: {low:.3g} to {high:.3g} {unit}, known in {known.mean():.0%} of pixels.",
    )
    axes = figure.subplots()
    axes.set_facecolor("#BBBBBB")
    mappable = axes.imshow(shown, cmap=SEQUENTIAL + "_r", vmin=low, vmax=high)
    _bare(axes, title)
    figure.colorbar(mappable, ax=axes, label=f"{title} ({unit})" if unit else title, shrink=0.9)
    return figure


def film_strip(frames: Any, titles: Sequence[str] | None = None) -> Picture:
    """Frames `n h w 3` on a strip of film, at most eight in a row: a moving camera on paper."""
    pictures = [as_image(f"frames[{i}]", frame) for i, frame in enumerate(_listed(frames))]
    if not 1 <= len(pictures) <= 8:
        raise ValueError(f"a strip takes 1 to 8 frames; got {len(pictures)}. Pick every k-th one")
    titles = list(titles) if titles is not None else [""] * len(pictures)
    if len(titles) != len(pictures):
        raise ValueError(
            f"{len(pictures)} frames but {len(titles)} titles; give one title per frame"
        )
    height, width = pictures[0].shape[:2]
    frame_height = height / width  # in frame widths
    gap, rim = 0.06, 0.16
    total = len(pictures) * (1 + gap) + gap
    tall = frame_height + 2 * rim
    figure = Picture(
        WIDTH * tall / total + (TITLE if any(titles) else 0),
        _alt(f"Film strip of {len(pictures)} frames", titles),
    )
    axes = figure.subplots()
    axes.set(xlim=(0, total), ylim=(tall + (0.12 if any(titles) else 0), 0), aspect="equal")
    axes.axis("off")
    axes.fill_between([0, total], 0, tall, color="#1B1B1B", zorder=0)
    holes = np.arange(0.06, total, 0.115)
    for y in (rim / 2, tall - rim / 2):
        axes.plot(
            holes,
            np.full_like(holes, y),
            linestyle="",
            marker="s",
            color="white",
            markersize=0.05 * WIDTH / total * 72,
            zorder=1,
        )
    for i, (image, title) in enumerate(zip(pictures, titles, strict=True)):
        x = gap + i * (1 + gap)
        axes.imshow(image, extent=(x, x + 1, tall - rim, rim), zorder=2)
        axes.text(x + 0.5, tall + 0.04, title, ha="center", va="top")
    axes.set(xlim=(0, total), ylim=(tall + (0.16 if any(titles) else 0), 0))
    return figure


def draw_image(axes: Axes, image: Array, title: str = "") -> None:
    """An image in uv coordinates, (0, 0) top left, so that points can be laid over it as is."""
    height, width = image.shape[:2]
    axes.imshow(image, extent=(0, 1, 1, 0), aspect=height / width)
    _bare(axes, title)


def _bare(axes: Axes, title: str) -> None:
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set(visible=True, color=GREY, linewidth=0.8)
    axes.set_title(title)


def _listed(images: Any) -> list[Any]:
    if getattr(images, "ndim", None) in (2, 3):  # one image
        return [images]
    return list(images)


def _row_height(image: Array, columns: int) -> float:
    return float(image.shape[0] / image.shape[1]) * WIDTH / columns + TITLE


def _alt(what: str, titles: Sequence[str]) -> str:
    named = ", ".join(title for title in titles if title)
    return f"{what}: {named}." if named else f"{what}."
