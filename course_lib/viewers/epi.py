"""An epipolar plane image: one row of what a camera sees, stacked over the places where it stands."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke

from course_lib.style import ORANGE, WIDTH
from course_lib.viewers.arrays import Array, as_array, as_image, as_images
from course_lib.viewers.counts import is_count
from course_lib.viewers.images import TITLE, draw_image
from course_lib.viewers.picture import Picture

MOST: Final = 4  # frames beside the image
TALLEST: Final = 4.6  # inches
LABELS: Final = ("place on the targets, t", "place of the camera, s")


def show_epi(
    epi: Any,
    frames: Any = None,
    row: int | None = None,
    *,
    places: Any = None,
    through: Any = None,
    slopes: Any = None,
    labels: tuple[str, str] = LABELS,
    title: str = "",
) -> Picture:
    """An epipolar plane image `s w 3`, the camera's first place at the top; s and t run from 0 to 1.

    `frames` `n h w 3`, one to four, are what the walking camera sees at the `places` `n` in [0, 1]
    (by default evenly from 0 to 1), and `row` the row of pixels that the image is made of: it is
    marked in them, and their places are marked on the image.

    `slopes` `k` are predictions dt/ds (as from a depth) of lines of constant colour through the
    points `through` `k 2`, (s, t): they are drawn over the image from edge to edge. ValueError names
    an argument that does not fit.
    """
    stacked = as_image("epi", epi)
    shots = [] if frames is None else as_images("frames", frames)
    if len(shots) > MOST:
        raise ValueError(f"frames has {len(shots)} images; give at most {MOST}, as every k-th")
    if (row is None) != (not shots):
        raise ValueError(
            "row marks a row of the frames: give both or neither, as show_epi(epi, frames, row)"
        )
    if shots and not is_count(row, 0, shots[0].shape[0] - 1):
        raise ValueError(f"row is {row}, but frames have rows 0 … {shots[0].shape[0] - 1}")
    if places is not None and not shots:
        raise ValueError("places has no frames to go with; give frames and row too")
    stands = (
        np.linspace(0, 1, max(len(shots), 2))[: len(shots)]
        if places is None
        else as_array("places", places, (len(shots),))
    )
    if ((stands < 0) | (stands > 1) | ~np.isfinite(stands)).any():
        raise ValueError(f"places is {stands.tolist()}; each must be in [0, 1], as s in the image")
    lines = _lines(through, slopes)
    figure, image_axes = _laid_out(stacked, shots, _words(stacked, shots, row, lines, title))
    for axes, shot, stand in zip(figure.axes[:-1], shots, stands, strict=True):
        draw_image(axes, shot)
        assert row is not None
        v = (row + 0.5) / shot.shape[0]
        axes.axhline(
            v, color=ORANGE, linewidth=2.4, path_effects=[withStroke(linewidth=4, foreground="w")]
        )
        axes.set_ylabel(f"s = {stand:.2g}", rotation=0, ha="right", va="center", fontsize=10)
    _draw_epi(image_axes, stacked, stands, labels)
    ends = np.array([0.0, 1.0])  # of s, from the top to the bottom
    for (s, t), slope in lines:
        across = t + slope * (ends - s)
        image_axes.plot(across, ends, color="white", linewidth=3.2, zorder=3)
        image_axes.plot(across, ends, "--", color="black", linewidth=1.6, zorder=4)
    image_axes.set_title(title)
    return figure


def _laid_out(stacked: Array, shots: list[Array], alt: str) -> tuple[Picture, Axes]:
    """Frames in a column on the left, the image to the right of them, as tall as fits the page."""
    if not shots:
        height = min(TALLEST, max(2.2, 0.8 * WIDTH * stacked.shape[0] / stacked.shape[1]))
        figure = Picture(height + TITLE, alt)
        return figure, figure.subplots()
    rows, columns = shots[0].shape[:2]
    height = min(TALLEST, max(2.6, 0.27 * WIDTH * len(shots) * rows / columns))
    column = min(0.3, height / len(shots) * columns / rows / WIDTH + 0.08)
    figure = Picture(height + TITLE, alt)
    grid = figure.add_gridspec(len(shots), 2, width_ratios=(column, 1 - column))
    for i in range(len(shots)):
        figure.add_subplot(grid[i, 0])
    return figure, figure.add_subplot(grid[:, 1])


def _draw_epi(axes: Axes, stacked: Array, stands: Array, labels: tuple[str, str]) -> None:
    axes.imshow(stacked, extent=(0, 1, 1, 0), aspect="auto", interpolation="nearest")
    for stand in stands:
        axes.axhline(stand, color="white", linewidth=2.4, alpha=0.8)
        axes.axhline(stand, color=ORANGE, linewidth=1.4)
        axes.plot(
            0,
            stand,
            ">",
            color=ORANGE,
            markersize=9,
            clip_on=False,
            zorder=5,
            markeredgecolor="white",
        )
    axes.set(xlim=(0, 1), ylim=(1, 0), xlabel=labels[0], ylabel=labels[1])


def _stands(places: Any, count: int) -> Array:
    """Where the camera took each frame."""
    if places is None:
        return np.linspace(0, 1, max(count, 2))[:count]
    stands = as_array("places", places, (count,))
    if not ((stands >= 0) & (stands <= 1)).all():
        raise ValueError(f"places is {stands.tolist()}; each must be in [0, 1], as s in the image")
    return stands


def _lines(through: Any, slopes: Any) -> list[tuple[Array, float]]:
    if (through is None) != (slopes is None):
        raise ValueError(
            "a line needs a point and a slope: give through (k 2) and slopes (k), or neither"
        )
    if through is None:
        return []
    points = as_array("through", through, ("k", 2))
    tilts = as_array("slopes", slopes, (len(points),))
    lost = np.flatnonzero(~(np.isfinite(points).all(axis=1) & np.isfinite(tilts)))
    if len(lost):
        raise ValueError(
            f"through[{lost[0]}] is {points[lost[0]].tolist()} and slopes[{lost[0]}] is "
            f"{tilts[lost[0]]}; leave out lines that are not finite"
        )
    return list(zip(points, tilts.tolist(), strict=True))


def _words(
    stacked: Array,
    shots: list[Array],
    row: int | None,
    lines: list[tuple[Array, float]],
    title: str,
) -> str:
    text = (
        f"{title}: epipolar" if title else "Epipolar"
    ) + f" plane image of {stacked.shape[0]} places of the camera by {stacked.shape[1]} columns"
    if shots:
        text += f", beside {len(shots)} frames whose row {row} it is made of"
    if lines:
        slopes = ", ".join(f"{slope:.3g}" for _, slope in lines)
        text += f"; dashed lines show where colours should stay the same, of slope dt/ds {slopes}"
    return text + "."
