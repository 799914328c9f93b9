"""Codes of two numbers as a map: every point's class, and pictures where there is room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from course_lib.style import GREY, WIDTH
from course_lib.viewers.arrays import Array, as_images
from course_lib.viewers.class_marks import ClassMark, class_marks
from course_lib.viewers.code_points import called, draw_codes, finite_codes, plane_of
from course_lib.viewers.picture import Picture

MOST: Final = 3  # maps side by side
PICTURE: Final = 0.26  # inches, of a small picture
ROOM: Final = 1.75  # picture sizes from middle to middle, so that points show between them
LEGEND, EDGE, TITLE, GAP, TICKS = 0.42, 0.12, 0.36, 0.16, 0.6  # inches around the maps


def show_latent_map(
    codes: Any,
    labels: Any,
    images: Any = None,
    *,
    title: str = "",
    picture: float = PICTURE,
) -> Picture:
    """Codes `n 2` as points that show their class (`labels`, `n` numbers or words, at most ten).

    `images` `n h w`, `n h w 1` or `n h w 3` are drawn small (`picture` inches high) at their codes, as
    many as leave each other room. Digits are drawn as digits, other classes as shapes.
    """
    return show_latent_maps({title: codes}, labels, images, picture=picture)


def show_latent_maps(
    codes: Mapping[str, Any], labels: Any, images: Any = None, *, picture: float = PICTURE
) -> Picture:
    """Up to three maps of the same `n` images side by side, as {"PCA": codes, "auto-encoder": codes}.

    ValueError names the codes that are not `n 2` or not finite. See `show_latent_map`.
    """
    if not isinstance(codes, Mapping):
        raise ValueError(
            f"codes is a {type(codes).__name__}; give the codes of every map under its name, as "
            "{'PCA': codes}, or draw a single map with show_latent_map(codes, labels)"
        )
    if not picture > 0:
        raise ValueError(f"picture is {picture}; give the height of small pictures in inches, > 0")
    if not 1 <= len(codes) <= MOST:
        raise ValueError(f"codes has {len(codes)} maps; give 1 to {MOST}, as in {{'PCA': codes}}")
    points = {name: finite_codes(name, value) for name, value in codes.items()}
    count = len(next(iter(points.values())))
    for name, map_ in points.items():
        if len(map_) != count:
            raise ValueError(
                f"{called(name)} has {len(map_)} codes but {called(next(iter(points)))} has "
                f"{count}; all maps show the same images"
            )
    marks = class_marks(labels, count)
    small = None if images is None else as_images("images", images, count)
    above = TITLE if any(points) else 0.24  # where matplotlib writes powers of ten
    wide = (WIDTH - EDGE - (TICKS + GAP) * len(points)) / len(points)
    tall = min(wide, 5.2)
    height = above + tall + TICKS + LEGEND
    figure = Picture(height, _alt(points, marks, small is not None), arranged=False)
    for i, (name, map_) in enumerate(points.items()):
        left = EDGE + TICKS + i * (wide + TICKS + GAP)
        box = (left / WIDTH, (TICKS + LEGEND) / height, wide / WIDTH, tall / height)
        axes = figure.add_axes(box)
        low, high = plane_of(map_, (wide, tall))
        draw_codes(axes, map_, marks, low, high)
        _tell_outside(axes, map_, low, high)
        axes.set(xlabel="$z_1$", title=name)
        axes.set_ylabel("$z_2$", labelpad=0)
        if small is not None:
            _draw_pictures(axes, map_, marks, small, (wide, tall), picture)
    handles = [
        Line2D([], [], linestyle="", marker=mark.marker, color=mark.color, markersize=8)
        for mark in marks
    ]
    figure.legend(
        handles,
        ["" if mark.is_glyph else mark.name for mark in marks],  # a digit says itself
        loc="lower center",
        bbox_to_anchor=(0.5, 0),
        ncols=len(marks),
        frameon=False,
        handletextpad=0.2,
        columnspacing=1.2,
    )
    return figure


def _tell_outside(axes: Axes, codes: Array, low: Array, high: Array) -> None:
    outside = int(((codes < low) | (codes > high)).any(axis=1).sum())
    if outside:
        axes.text(
            1,
            -0.09,  # beside the label of the axis, where no picture lies
            f"{outside} of {len(codes)} lie outside",
            transform=axes.transAxes,
            ha="right",
            va="top",
            fontsize=8,
            color=GREY,
        )


def with_room(places: Array, least: float) -> NDArray[np.int64]:
    """Which `n 2` places to take, greedily, so that squares of side `least` around them are apart.

    The order is by chance but always the same, so that no class and no side comes first.
    """
    taken: list[int] = []
    for i in np.random.default_rng(0).permutation(len(places)).tolist():
        if not taken or (np.abs(places[taken] - places[i]).max(axis=1) >= least).all():
            taken.append(i)
    return np.array(sorted(taken), dtype=np.int64)


def _draw_pictures(
    axes: Axes,
    codes: Array,
    marks: list[ClassMark],
    images: list[Array],
    size: tuple[float, float],
    tall: float,
) -> None:
    """Small pictures, framed in the colour of their class, inside the axes and apart."""
    low = np.array([axes.get_xlim()[0], axes.get_ylim()[0]])
    high = np.array([axes.get_xlim()[1], axes.get_ylim()[1]])
    inches = (codes - low) / (high - low) * np.asarray(size)
    wide = tall * images[0].shape[1] / images[0].shape[0]
    half = np.array([wide, tall]) / 2 + 0.04
    inside = np.flatnonzero(((inches > half) & (inches < np.asarray(size) - half)).all(axis=1))
    half *= (high - low) / np.asarray(size)  # in units of the codes from here on
    color = {int(i): mark.color for mark in marks for i in np.flatnonzero(mark.members)}
    for i in inside[with_room(inches[inside], ROOM * max(wide, tall))].tolist():
        (left, bottom), (right, top) = codes[i] - half, codes[i] + half
        axes.imshow(images[i], extent=(left, right, bottom, top), zorder=3, aspect="auto")
        frame = [(left, bottom), (right, bottom), (right, top), (left, top), (left, bottom)]
        axes.plot(*zip(*frame, strict=True), color=color[i], linewidth=1.6, zorder=4)
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))


def _alt(points: Mapping[str, Array], marks: list[ClassMark], pictures: bool) -> str:
    count = len(next(iter(points.values())))
    named = " and ".join(name for name in points if name)
    text = f"Map of {count} codes" if len(points) == 1 else f"Maps of the same {count} codes"
    text += f" in two dimensions{f': {named}' if named else ''}; one mark per class: "
    text += ", ".join(mark.name for mark in marks)
    return text + ("; small images at some of the codes." if pictures else ".")
