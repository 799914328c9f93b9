"""Codes of two numbers as points of a plane: which part of it to show, and how to draw them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes

from course_lib.viewers.arrays import Array, as_array
from course_lib.viewers.class_marks import ClassMark

SHOWN: Final = 99.5  # per cent of the codes, each way; a single outlier shrinks nothing
FEW: Final = 100  # codes that are all shown


def plane_of(codes: Array, size: tuple[float, float]) -> tuple[Array, Array]:
    """Corners of the part of the plane that axes of this `size` show, with one scale for both.

    All of `codes` `n 2` are inside if they are few, else all but the outermost.
    """
    shown = SHOWN if len(codes) > FEW else 100.0
    low, high = np.percentile(codes, (100 - shown, shown), axis=0)
    middle, half = (low + high) / 2, 1.06 * (high - low) / 2
    shape = np.asarray(size, dtype=np.float64)
    # Codes that have collapsed into one still need a plane around them.
    scale = max(float((half / shape).max()), 1e-3 * float(np.abs(middle).max())) or 0.5
    return middle - scale * shape, middle + scale * shape


def draw_codes(
    axes: Axes, codes: Array, marks: Sequence[ClassMark], low: Array, high: Array
) -> None:
    """The points of every class, on axes that show the plane from `low` to `high`; fewer are larger."""
    area = float(np.clip(16000 / len(codes), 12, 45))  # in square points
    for mark in marks:
        axes.scatter(
            codes[mark.members, 0],
            codes[mark.members, 1],
            s=area if mark.is_glyph else 0.8 * area,
            marker=mark.marker,
            color=mark.color,
            linewidths=0,
        )
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))


def finite_codes(name: str, value: Any) -> Array:
    """Codes `n 2` of the map called `name`; ValueError if they have another shape or are not finite."""
    codes = as_array(called(name), value, ("n", 2))
    if not len(codes):
        raise ValueError(f"{called(name)} is empty; a map needs at least one code")
    lost = np.flatnonzero(~np.isfinite(codes).all(axis=1))
    if len(lost):
        raise ValueError(
            f"{called(name)}[{lost[0]}] is {codes[lost[0]].tolist()}; {len(lost)} of {len(codes)} codes are "
            "not finite. Did training diverge?"
        )
    return codes


def called(name: str) -> str:
    """How messages call the codes of the map of this name."""
    return f"codes[{name!r}]" if name else "codes"
