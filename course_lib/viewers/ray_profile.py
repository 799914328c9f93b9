"""What happens along one ray: density, opacity, transmittance and weights over distance."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.ticker import FuncFormatter, MaxNLocator, MultipleLocator

from course_lib.style import BLACK, BLUE, GREEN, GREY, ORANGE, VERMILION, WIDTH
from course_lib.viewers.arrays import Array, as_array
from course_lib.viewers.picture import Picture

PANELS: Final = {  # what is drawn, its colour and its name; the words help who cannot tell colours
    "sigma": (BLUE, "density σ"),
    "alpha": (ORANGE, "opacity α"),
    "transmittance": (GREEN, "transmittance T"),
    "weights": (VERMILION, "weight w"),
}
ROWS: Final = (0.86, 0.86, 0.86, 0.86, 0.42)  # inches: four panels and the strip of colours
GAP: Final = 0.14  # inches between them
MARGINS: Final = (1.85, 0.1, 0.55, 0.32)  # inches: left, right, below, above


def show_ray(
    distances: Any,
    sigma: Any,
    alpha: Any,
    transmittance: Any,
    weights: Any,
    colors: Any = None,
    edges: Any = None,
    true_distance: float | None = None,
    *,
    color: Any = None,
    title: str = "",
) -> Picture:
    """σ, α, T and w of the `n` samples on a ray as aligned panels over distance.

    `distances`, `sigma`, `alpha` and `weights` are `n`; `transmittance` is `n`, or `n+1` with what
    is left behind the last sample; `edges` `n+1` are the borders of the samples' intervals, without
    them samples are dots. `colors` `n 3` become a strip, `color` `3` is what came out of them and
    `true_distance` where the surface really is (inf: nowhere). Values that are not finite are marked, not hidden.
    ValueError names an argument whose shape is off, or places that are not finite.
    """
    places = _places("distances", distances, ("n",))
    n = len(places)
    if n == 0:
        raise ValueError("distances is empty; a ray needs at least one sample")
    borders = None if edges is None else _places("edges", edges, (n + 1,))
    left_over = np.shape(transmittance) == (n + 1,)
    values = {
        "sigma": as_array("sigma", sigma, (n,)),
        "alpha": as_array("alpha", alpha, (n,)),
        "transmittance": as_array("transmittance", transmittance, (n + 1 if left_over else n,)),
        "weights": as_array("weights", weights, (n,)),
    }
    strip = None if colors is None else as_array("colors", colors, (n, 3))
    total = None if color is None else as_array("color", color, (3,))
    rows = ROWS if strip is not None or total is not None else ROWS[:4]
    figure, grid = _stacked_axes(rows, _alt(places, values, true_distance), title)
    for axes, (name, (shade, label)) in zip(grid, PANELS.items(), strict=False):
        _panel(axes, places, borders, values[name], shade, label)
    _limits(grid, values)
    ends = borders if borders is not None else _borders(places)
    low, high = float(ends.min()), float(ends.max())
    air = 0.0 if high > low else 0.5
    grid[0].set_xlim(low - air, high + air)
    if len(rows) == 5:
        _strip(grid[4], ends, strip, total)
    if true_distance is not None:
        _true_surface(grid, float(true_distance))
    return figure


def _stacked_axes(rows: tuple[float, ...], alt: str, title: str) -> tuple[Picture, list[Axes]]:
    """Axes over one another with one distance axis; placed by hand, which is quick enough to click."""
    left, right, below, above = MARGINS
    above += 0.3 if title else 0
    height = sum(rows) + GAP * (len(rows) - 1) + below + above
    figure = Picture(height, alt, arranged=False)
    figure.suptitle(title, y=1 - 0.1 / height, va="top", fontsize=12)
    grid: list[Axes] = []
    top = height - above
    for row in rows:
        place = (left / WIDTH, (top - row) / height, (WIDTH - left - right) / WIDTH, row / height)
        axes = figure.add_axes(place, sharex=grid[0] if grid else None)
        axes.yaxis.set_label_coords(-0.48 / (WIDTH - left - right), 0.5)
        grid.append(axes)
        top -= row + GAP
    for axes in grid[:-1]:
        axes.tick_params(labelbottom=False)
    grid[-1].set_xlabel("distance along the ray")
    return figure, grid


def _true_surface(grid: list[Axes], distance: float) -> None:
    """A line through all panels, or words where there is no place for it."""
    low, high = grid[0].get_xlim()
    if low <= distance <= high:
        for axes in grid:
            axes.axvline(distance, color=BLACK, linestyle=(0, (4, 2)), linewidth=1.4)
        words, at = "true surface", (distance - low) / (high - low)
    elif np.isfinite(distance):
        words, at = f"true surface at {distance:.3g}, outside these samples", 0.5
    else:
        words, at = "no true surface: the ray hits nothing", 0.5
    side = "left" if at < 0.25 else "right" if at > 0.75 else "center"
    grid[0].text(at, 1.03, words, transform=grid[0].transAxes, ha=side, va="bottom", fontsize=10)


def _places(name: str, value: Any, shape: tuple[int | str, ...]) -> Array:
    """Distances on the axis, which must be finite to be places at all."""
    array = as_array(name, value, shape)
    bad = np.flatnonzero(~np.isfinite(array))
    if len(bad):
        raise ValueError(
            f"{name}[{bad[0]}] is {array[bad[0]]}; all of {name} must be finite to be drawn"
        )
    return array


def _panel(
    axes: Axes, places: Array, borders: Array | None, values: Array, shade: str, label: str
) -> None:
    """One quantity: steps over the intervals where they are known, else a dot per sample."""
    lost = ~np.isfinite(values)
    drawn = np.where(lost, 0, values)
    if len(values) == len(places) + 1:  # known between the samples, and behind the last
        between = borders if borders is not None else _borders(places)
        axes.plot(between, np.where(lost, np.nan, values), ".-", color=shade, markersize=5)
    elif borders is not None:
        axes.stairs(drawn, borders, fill=True, color=shade, alpha=0.35, linewidth=0)
        axes.stairs(drawn, borders, color=shade, linewidth=1.4, baseline=None)
    else:
        axes.vlines(places, 0, drawn, color=shade, linewidth=1.4)
        axes.plot(places, np.where(lost, np.nan, values), ".", color=shade, markersize=6)
    if lost.any():
        at = (_borders(places) if len(values) > len(places) else places)[lost]
        axes.plot(
            at,
            np.full(len(at), 0.5),
            "x",
            color=BLACK,
            markersize=6,
            transform=axes.get_xaxis_transform(),
        )
        label += f"\n{lost.sum()} not finite (×)"
    axes.set_ylabel(label, rotation=0, ha="right", va="center", color=BLACK)
    axes.grid(axis="x", color="#DDDDDD", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=2, steps=[1, 2, 5, 10], min_n_ticks=2))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.3g}"))
    axes.axhline(0, color=GREY, linewidth=0.8)


def _limits(grid: list[Axes], values: dict[str, Array]) -> None:
    """α and T share [0, 1]; σ and w are as high as they are. Nothing outside is cut off."""
    for axes, (name, array) in zip(grid, values.items(), strict=False):
        finite = array[np.isfinite(array)]
        low, high = float(finite.min(initial=0)), float(finite.max(initial=0))
        if name in ("alpha", "transmittance"):
            high = max(high, 1.0)
            axes.yaxis.set_major_locator(MultipleLocator(0.5 * max(1, round(high - low))))
        high = high if high > 0 else 1.0
        axes.set_ylim(1.08 * low, 1.08 * high)


def _strip(axes: Axes, ends: Array, colors: Array | None, total: Array | None) -> None:
    """The colours of the samples above, the colour that they make below."""
    if colors is not None:
        # One image would need equal steps; samples need not have them.
        _boxes(axes, ends[:-1], ends[1:], 0.54 if total is not None else 0.0, 1.0, colors)
    if total is not None:
        high = 0.46 if colors is not None else 1.0
        _boxes(axes, ends[:1], ends[-1:], 0.0, high, total[None])
    axes.set(ylim=(0, 1), yticks=[])
    names = [name for name, it in (("samples", colors), ("composite", total)) if it is not None]
    axes.set_ylabel("\n".join(names), rotation=0, ha="right", va="center", linespacing=1.3)
    axes.spines["left"].set_visible(False)


def _boxes(axes: Axes, starts: Array, ends: Array, low: float, high: float, colors: Array) -> None:
    """Filled boxes side by side; clipped to [0, 1], and magenta where not finite, as in images."""
    shown = np.where(np.isfinite(colors).all(axis=-1, keepdims=True), colors, (1.0, 0, 1.0))
    x = np.stack([starts, ends, ends, starts], axis=-1)
    y = np.broadcast_to([low, low, high, high], x.shape)
    corners = np.stack([x, y], axis=-1)
    axes.add_collection(
        PolyCollection(list(corners), facecolors=np.clip(shown, 0, 1), linewidths=0), autolim=False
    )


def _borders(places: Array) -> Array:
    """Borders half-way between samples, for drawing only."""
    if len(places) == 1:
        return np.array([places[0] - 0.5, places[0] + 0.5])
    middle = (places[1:] + places[:-1]) / 2
    first, last = 2 * places[0] - middle[0], 2 * places[-1] - middle[-1]
    borders: Array = np.concatenate([[first], middle, [last]])
    return borders


def _alt(places: Array, values: dict[str, Array], true_distance: float | None) -> str:
    weights = np.nan_to_num(values["weights"])
    lost = sum(int((~np.isfinite(array)).sum()) for array in values.values())
    text = (
        f"Density, opacity, transmittance and weight of {len(places)} samples along a ray, at "
        f"distances {places[0]:.3g} to {places[-1]:.3g}: the largest weight, "
        f"{weights.max():.2g}, is at {places[weights.argmax()]:.3g}; all together {weights.sum():.2g}"
    )
    if true_distance is not None:
        hit = np.isfinite(true_distance)
        text += f"; the true surface is at {true_distance:.3g}" if hit else "; it hits nothing"
    return text + (f"; {lost} values are not finite." if lost else ".")
