"""Points and lines laid over photographs. All coordinates are uv in [0, 1]²."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.patches import ConnectionPatch

from course_lib.style import CYCLE, EXPECTED, WIDTH, YOURS
from course_lib.viewers.arrays import Array, as_array, as_image
from course_lib.viewers.images import TITLE, draw_image
from course_lib.viewers.picture import Picture

MARKS = (*CYCLE[:-1], "#F0E442")  # on photographs black gets lost; yellow does not


def show_reprojection(
    image: Any,
    uv_expected: Any,
    uv_yours: Any,
    *,
    labels: tuple[str, str] = ("measured", "yours"),
    title: str = "",
) -> Picture:
    """Rings where points should be, crosses where yours are (`n 2` each), and the RMS error."""
    picture = as_image("image", image)
    expected = as_array("uv_expected", uv_expected, ("n", 2))
    yours = as_array("uv_yours", uv_yours, (len(expected), 2))
    height, width = picture.shape[:2]
    error = np.linalg.norm((yours - expected) * (width, height), axis=-1)
    finite = np.isfinite(error)
    rms = float(np.sqrt(np.mean(error[finite] ** 2))) if finite.any() else float("nan")
    summary = f"RMS error {rms:.2f} px"
    lost = int((~finite).sum())
    if lost:
        summary += f", {lost} points not finite"
    figure = Picture(
        min(height / width * WIDTH * 0.8, 6.0) + 2 * TITLE,
        f"{len(expected)} points, {labels[0]} and {labels[1]}, over an image: {summary}.",
    )
    axes = figure.subplots()
    draw_image(axes, picture, f"{title}: {summary}" if title else summary)
    for a, b in zip(expected[finite], yours[finite], strict=True):
        axes.plot([a[0], b[0]], [a[1], b[1]], color=YOURS, linewidth=1, alpha=0.7)
    # A white edge keeps both marks visible on black and on white squares.
    axes.scatter(
        expected[:, 0], expected[:, 1], s=70, facecolors="none", edgecolors="white", linewidths=3.5
    )
    axes.scatter(
        expected[:, 0],
        expected[:, 1],
        s=70,
        facecolors="none",
        edgecolors=EXPECTED,
        linewidths=1.8,
        label=labels[0],
    )
    axes.scatter(yours[:, 0], yours[:, 1], s=45, marker="+", color="white", linewidths=3.5)
    axes.scatter(
        yours[:, 0], yours[:, 1], s=45, marker="+", color=YOURS, linewidths=1.8, label=labels[1]
    )
    axes.set(xlim=(0, 1), ylim=(1, 0))
    figure.legend(
        *axes.get_legend_handles_labels(), loc="outside lower center", ncols=2, frameon=False
    )
    return figure


def show_epipolar(
    image_1: Any,
    image_2: Any,
    uv_1: Any,
    lines: Any,
    uv_2: Any = None,
    *,
    titles: Sequence[str] = ("image 1", "image 2"),
) -> Picture:
    """Points `n 2` in image 1, their lines `n 3` (a·u + b·v + c = 0) in image 2, equal colours.

    With `uv_2` the matching points are drawn too: each should lie on its line.
    """
    first, second = as_image("image_1", image_1), as_image("image_2", image_2)
    points = as_array("uv_1", uv_1, ("n", 2))
    segments = clip_to_unit_square(as_array("lines", lines, (len(points), 3)))
    figure = _pair_figure(
        first, f"{len(points)} points in one image and their epipolar lines in the other."
    )
    axes_1, axes_2 = figure.subplots(1, 2)
    draw_image(axes_1, first, titles[0])
    draw_image(axes_2, second, titles[1])
    for i, (point, segment) in enumerate(zip(points, segments, strict=True)):
        color = MARKS[i % len(MARKS)]
        axes_1.plot(
            *point, "o", color=color, markersize=8, markeredgecolor="white", markeredgewidth=1.2
        )
        axes_2.plot(segment[:, 0], segment[:, 1], color="white", linewidth=3, alpha=0.8)
        axes_2.plot(segment[:, 0], segment[:, 1], color=color, linewidth=1.6)
    if uv_2 is not None:
        matches = as_array("uv_2", uv_2, (len(points), 2))
        colors = [MARKS[i % len(MARKS)] for i in range(len(points))]
        axes_2.scatter(*matches.T, s=64, c=colors, edgecolors="white", linewidths=1.2, zorder=5)
    for axes in (axes_1, axes_2):
        axes.set(xlim=(0, 1), ylim=(1, 0))
    return figure


def show_matches(image_1: Any, image_2: Any, uv_1: Any, uv_2: Any) -> Picture:
    """Corresponding points `n 2` in two images, joined by thin lines."""
    first, second = as_image("image_1", image_1), as_image("image_2", image_2)
    points_1 = as_array("uv_1", uv_1, ("n", 2))
    points_2 = as_array("uv_2", uv_2, (len(points_1), 2))
    figure = _pair_figure(first, f"{len(points_1)} corresponding points in two images.")
    axes_1, axes_2 = figure.subplots(1, 2)
    draw_image(axes_1, first, "image 1")
    draw_image(axes_2, second, "image 2")
    for i, (a, b) in enumerate(zip(points_1, points_2, strict=True)):
        color = MARKS[i % len(MARKS)]
        for axes, point in ((axes_1, a), (axes_2, b)):
            axes.plot(
                *point, "o", color=color, markersize=6, markeredgecolor="white", markeredgewidth=0.8
            )
        figure.add_artist(
            ConnectionPatch(
                a,
                b,
                "data",
                "data",
                axesA=axes_1,
                axesB=axes_2,
                color=color,
                linewidth=0.8,
                alpha=0.7,
            )
        )
    return figure


def clip_to_unit_square(lines: Array) -> Array:
    """The part of each line `n 3` inside [0, 1]² as end points `n 2 2`; NaN where none is."""
    segments = np.full((len(lines), 2, 2), np.nan)
    for i, (a, b, c) in enumerate(lines):
        crossings = []
        if abs(b) > 1e-12 * abs(a):
            crossings += [(u, -(a * u + c) / b) for u in (0.0, 1.0)]
        if abs(a) > 1e-12 * abs(b):
            crossings += [(-(b * v + c) / a, v) for v in (0.0, 1.0)]
        inside = [p for p in crossings if all(-1e-9 <= x <= 1 + 1e-9 for x in p)]
        if len(inside) >= 2:
            segments[i] = min(inside), max(inside)
    return segments


def _pair_figure(image: Array, alt: str) -> Picture:
    return Picture(image.shape[0] / image.shape[1] * WIDTH / 2 + TITLE, alt)
