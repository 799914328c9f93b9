"""Slices through a signed distance function, and the circles with which sphere tracing walks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import EllipseCollection
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from course_lib.style import BLACK, CYCLE, DIVERGING, GREY, WIDTH
from course_lib.viewers.arrays import Array, as_array
from course_lib.viewers.picture import Picture

TALLEST: Final = 6.0  # inches
Corner = Sequence[float] | float | Array  # one number for both axes, or one each


def show_slice(
    values: Any,
    low: Corner = -1.0,
    high: Corner = 1.0,
    title: str = "",
    *,
    spacing: float | None = None,
    axes_names: tuple[str, str] = ("x", "y"),
) -> Picture:
    """Signed distances `h w` on a plane: negative inside (red), positive outside (blue).

    `values[0, 0]` is at the corner `low` and drawn at the lower left, `values[-1, -1]` at `high`;
    columns run along the first axis of `axes_names`, rows along the second. Iso-lines are `spacing`
    apart (in world units; by default what fits), and the surface, the zero level, is bold.
    """
    array = as_array("values", values, ("h", "w"))
    if array.size == 0:
        raise ValueError(f"values is empty; its shape is {array.shape}, but a slice needs points")
    start, end = _corners(low, high)
    lost = int((~np.isfinite(array)).sum())
    inside = float((array < 0).mean())
    words = f"{title}: signed distances" if title else "Signed distances"
    alt = f"{words} on a plane, from {_least(array):.3g} to {_most(array):.3g}; {inside:.0%} inside"
    alt += f"; {lost} values are not finite." if lost else "."
    figure = Picture(_height(start, end, 0.72), alt)
    axes = figure.subplots()
    mappable = _draw_field(axes, array, start, end, spacing)
    bar = figure.colorbar(mappable, ax=axes, shrink=0.9, label="signed distance (inside < 0)")
    bar.ax.axhline(0, color=BLACK, linewidth=2.4)
    _finish(axes, start, end, axes_names, title)
    surface = Line2D([], [], color=BLACK, linewidth=2.6, label="surface (0)")
    axes.legend(handles=[surface], loc="upper right", framealpha=0.9)
    return figure


def show_march(
    points: Any,
    radii: Any,
    *,
    values: Any = None,
    low: Corner | None = None,
    high: Corner | None = None,
    title: str = "",
    axes_names: tuple[str, str] = ("x", "y"),
) -> Picture:
    """Sphere tracing in a plane: where each ray stopped, and the circle it could step across.

    `points` is `rays steps 2` (or `steps 2` for one ray) and `radii` `rays steps`, the absolute
    distances found there; NaN after a ray has ended. `values` `h w`, laid out as in `show_slice`,
    draws the signed distances behind, between the corners `low` and `high` (without `values` those
    of the points, without either -1 and 1). Every ray has its own colour, its last point is a star.
    """
    single = np.ndim(radii) == 1
    steps = as_array("points", points, ("steps", 2) if single else ("rays", "steps", 2))
    walks = steps[None] if single else steps
    reach = as_array("radii", radii, steps.shape[:-1]).reshape(walks.shape[:2])
    if values is None and low is None and high is None:
        low, high = _around(walks)
    start, end = _corners(-1.0 if low is None else low, 1.0 if high is None else high)
    taken = np.isfinite(walks).all(axis=-1).sum(axis=1)
    counts = ", ".join(map(str, taken[:8])) + (", …" if len(taken) > 8 else "")
    words = f"{title}: sphere tracing" if title else "Sphere tracing"
    figure = Picture(
        _height(start, end, 0.72 if values is not None else 0.9),
        f"{words} in a plane, {len(walks)} ray{'s' * (len(walks) != 1)}: each step is the "
        f"distance to the nearest surface, drawn as a circle. Points per ray: {counts}.",
    )
    axes = figure.subplots()
    if values is not None:
        field = as_array("values", values, ("h", "w"))
        mappable = _draw_field(axes, field, start, end, None, faint=True)
        figure.colorbar(mappable, ax=axes, shrink=0.9, label="signed distance (inside < 0)")
    for i, (walk, sizes) in enumerate(zip(walks, reach, strict=True)):
        _draw_walk(axes, walk, sizes, CYCLE[i % (len(CYCLE) - 1)])  # black is the surface's
    _finish(axes, start, end, axes_names, title)
    return figure


def _draw_walk(axes: Axes, walk: Array, radii: Array, color: str) -> None:
    known = np.isfinite(walk).all(axis=-1)
    path, sizes = walk[known], np.nan_to_num(np.abs(radii[known]), posinf=0.0)
    if not len(path):
        return
    circles = EllipseCollection(
        2 * sizes,
        2 * sizes,
        np.zeros(len(path)),
        units="xy",
        offsets=path,
        offset_transform=axes.transData,
        facecolors="none",
        edgecolors=color,
        linewidths=1.0,
        alpha=0.75,
    )
    axes.add_collection(circles, autolim=False)
    axes.plot(*path.T, "-", color="white", linewidth=3, alpha=0.8)
    axes.plot(*path.T, ".-", color=color, linewidth=1.5, markersize=6)
    axes.plot(*path[-1], "*", color=color, markersize=14, markeredgecolor="white", zorder=4)


def _draw_field(
    axes: Axes, array: Array, start: Array, end: Array, spacing: float | None, faint: bool = False
) -> Any:
    """Colours centred on zero, thin iso-lines, the zero level bold; the returned image has the scale."""
    most = float(np.abs(array[np.isfinite(array)]).max(initial=0)) or 1.0
    shown = np.ma.masked_invalid(array)
    axes.set_facecolor("#BBBBBB")  # where values are not finite
    mappable = axes.imshow(
        shown,
        cmap=DIVERGING,
        vmin=-most,
        vmax=most,
        origin="lower",
        extent=_pixel_extent(array, start, end),
        interpolation="bilinear",
        alpha=0.45 if faint else 1.0,
    )
    x = np.linspace(start[0], end[0], array.shape[1])
    y = np.linspace(start[1], end[1], array.shape[0])
    if min(array.shape) < 2:
        return mappable  # no lines without neighbours
    levels = _levels(_least(array), _most(array), spacing)
    if len(levels) and not faint:
        axes.contour(x, y, shown, levels=levels, colors=GREY, linewidths=0.7, linestyles="solid")
    if _least(array) < 0 < _most(array):
        axes.contour(x, y, shown, levels=[0.0], colors=BLACK, linewidths=2.6)
    return mappable


def _levels(least: float, most: float, spacing: float | None) -> Array:
    """Multiples of `spacing` inside the range, without zero; by default of a round number."""
    if spacing is None:
        levels = np.asarray(
            MaxNLocator(nbins=14, steps=[1, 2, 2.5, 5, 10]).tick_values(least, most)
        )
    elif spacing > 0:
        levels = spacing * np.arange(np.ceil(least / spacing), np.floor(most / spacing) + 1)
    else:
        raise ValueError(f"spacing is {spacing}; give a positive distance between iso-lines")
    if len(levels) > 200:
        raise ValueError(
            f"spacing {spacing} gives {len(levels)} iso-lines between {least:.3g} and {most:.3g}; "
            "give a larger one"
        )
    return np.asarray(levels[(np.abs(levels) > 1e-12) & (levels > least) & (levels < most)])


def _corners(low: Corner, high: Corner) -> tuple[Array, Array]:
    start = np.broadcast_to(np.asarray(low, dtype=np.float64), (2,))
    end = np.broadcast_to(np.asarray(high, dtype=np.float64), (2,))
    if not (np.isfinite(start).all() and np.isfinite(end).all() and (start < end).all()):
        raise ValueError(
            f"low is {low} and high is {high}; each number of low must be below high's"
        )
    return start, end


def _around(points: Array) -> tuple[Corner, Corner]:
    """Corners of a window with some air around the finite points."""
    known = points[np.isfinite(points).all(axis=-1)]
    if not len(known):
        return -1.0, 1.0
    low, high = known.min(axis=0), known.max(axis=0)
    air = 0.25 * float((high - low).max()) or 1.0
    return low - air, high + air


def _pixel_extent(array: Array, start: Array, end: Array) -> tuple[float, float, float, float]:
    """Values sit on the corners `low` and `high`, so pixels reach half a step beyond."""
    rows, columns = array.shape
    half = (end - start) / (2 * np.maximum((columns - 1, rows - 1), 1))
    return (start[0] - half[0], end[0] + half[0], start[1] - half[1], end[1] + half[1])


def _finish(axes: Axes, start: Array, end: Array, names: tuple[str, str], title: str) -> None:
    axes.set(xlim=(start[0], end[0]), ylim=(start[1], end[1]), aspect="equal", title=title)
    axes.set(xlabel=names[0], ylabel=names[1])


def _height(start: Array, end: Array, share: float) -> float:
    wide, high = end - start
    return float(np.clip(high / wide * WIDTH * share, 2.5, TALLEST))


def _least(array: Array) -> float:
    return float(array[np.isfinite(array)].min(initial=np.inf)) if np.isfinite(array).any() else 0.0


def _most(array: Array) -> float:
    return (
        float(array[np.isfinite(array)].max(initial=-np.inf)) if np.isfinite(array).any() else 0.0
    )
