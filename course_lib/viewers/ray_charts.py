"""Which rays a parameterisation can name, and whether the names jump while a camera walks around an object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.lines import Line2D
from matplotlib.patches import Circle
from numpy.typing import NDArray

from course_lib.style import BLACK, BLUE, CYCLE, GREY, ORANGE, VERMILION, WIDTH
from course_lib.viewers.arrays import Array, as_array
from course_lib.viewers.charts import STYLES
from course_lib.viewers.picture import Picture

Mask = NDArray[np.bool_]
MOST: Final = 6  # charts that fit side by side
NONE, OWN, SHARED = 0, 1, 2
LOOKS: Final[dict[int, tuple[str, str, Any, float]]] = {  # told apart without colours too
    OWN: ("a name of its own", BLUE, "-", 0.9),
    SHARED: ("a name, not its own", ORANGE, (0, (5, 1.5)), 1.0),
    NONE: ("no name", VERMILION, (0, (1, 1.6)), 1.3),
}
JUMP: Final = 0.3  # of the curve's range, in one step
CURVES: Final = 1.75  # inches


@dataclass(frozen=True, eq=False)
class RayChart:
    """A way of naming rays by numbers, as it turned out on some of them.

    `named` `n` says of each ray whether it has a name: False or 0 none, True or 1 one of its own, 2 one
    that other rays have too, or one of many. `walk` `m c` are the coordinates of one ray per place of
    a walk; NaN where there are none. `outlines` are the chart's surfaces seen from above, each a chain
    of points `k 2`, as the two ends of a plane.
    """

    named: Any
    walk: Any
    outlines: Sequence[Any] = ()


def show_ray_charts(
    origins: Any,
    directions: Any,
    charts: Mapping[str, RayChart],
    angles: Any,
    *,
    radius: float = 0.5,
    labels: tuple[str, str] = ("the camera's angle (°)", "coordinates"),
    title: str = "",
) -> Picture:
    """A panel per chart: the rays `n 3` seen from above by whether they have a name, and coordinates on a walk.

    `charts` are one to six by name. The scene is a disc of `radius` about the origin, in world units;
    cameras are dots. Below, each chart's coordinates over `angles` `m`; where one jumps by more than
    30% of its range from place to place, or has no value, the curve is torn and the place marked.
    ValueError names a chart that does not fit.
    """
    starts = as_array("origins", origins, ("n", 3))
    ways = as_array("directions", directions, (len(starts), 3))
    places = as_array("angles", angles, ("m",))
    if not isinstance(charts, Mapping) or not 1 <= len(charts) <= MOST:
        raise ValueError(
            f"charts must be one to {MOST} by name, as {{'two planes': RayChart(…)}}; got "
            f"{type(charts).__name__} of {len(charts)}"
        )
    if len(starts) == 0 or len(places) < 2:
        raise ValueError(
            f"{len(starts)} rays and {len(places)} angles; give some, and two at least"
        )
    if not radius > 0:
        raise ValueError(f"radius is {radius}; give the scene's radius in world units, > 0")
    named = {name: _named(name, chart, len(starts)) for name, chart in charts.items()}
    walks = {
        name: as_array(f"walk of charts[{name!r}]", chart.walk, (len(places), "c"))
        for name, chart in charts.items()
    }
    torn = {name: _tears(walk) for name, walk in walks.items()}
    side = WIDTH / max(len(charts), 3)
    figure = Picture(
        min(side, 3.0) + CURVES + 0.75 + (0.3 if title else 0), _words(named, torn, title)
    )
    grid = figure.subplots(
        2, len(charts), squeeze=False, height_ratios=(min(side, 3.0), CURVES), sharey=False
    )
    for i, (name, chart) in enumerate(charts.items()):
        _draw_rays(grid[0, i], starts, ways, named[name], radius)
        _draw_outlines(grid[0, i], name, chart.outlines)
        share = (named[name] != NONE).mean()
        grid[0, i].set_title(f"{name}\n{share:.0%} named", fontsize=10)
        _draw_walk(grid[1, i], places, walks[name], torn[name])
    grid[1, 0].set_ylabel(labels[1])
    for axes in grid[1] if len(charts) <= 3 else grid[1, len(charts) // 2 : len(charts) // 2 + 1]:
        axes.set_xlabel(labels[0])
    used = np.unique(np.concatenate(list(named.values())))
    handles = [
        Line2D([], [], color=color, linestyle=style, linewidth=2.2, label=label)
        for kind, (label, color, style, _) in LOOKS.items()
        if kind in used
    ]
    if any(tears.any() for tears in torn.values()):
        handles.append(
            Line2D([], [], color=VERMILION, linewidth=4, alpha=0.3, label="jump, or none")
        )
    figure.legend(handles=handles, loc="outside lower center", ncols=4, frameon=False)
    if title:
        figure.suptitle(title, fontsize=12)
    return figure


def _named(name: str, chart: Any, count: int) -> Array:
    if not isinstance(chart, RayChart):
        raise ValueError(
            f"charts[{name!r}] is a {type(chart).__name__}; give RayChart(named, walk, outlines)"
        )
    values = as_array(f"named of charts[{name!r}]", chart.named, (count,))
    wrong = np.flatnonzero(~np.isin(values, (NONE, OWN, SHARED)))
    if len(wrong):
        raise ValueError(
            f"named of charts[{name!r}] has {values[wrong[0]]:g} at {wrong[0]}; use 0 (no name), 1 (its "
            "own) or 2 (not its own)"
        )
    return values.astype(int)


def _draw_rays(axes: Axes, starts: Array, ways: Array, named: Array, radius: float) -> None:
    """From the cameras to where they come closest to the scene's middle; if they leave it, out of the picture."""
    reach = 1.2 * float(np.abs(starts[:, :2]).max(initial=1.5 * radius))
    along = ways[:, :2]
    squared = np.maximum((along**2).sum(axis=1), 1e-12)
    until = -(starts[:, :2] * along).sum(axis=1) / squared
    until = np.where(until > 0, until + radius / np.sqrt(squared), 3 * reach / np.sqrt(squared))
    ends = starts[:, :2] + until[:, None] * along
    axes.add_patch(Circle((0, 0), radius, facecolor="#E4E4E4", edgecolor=GREY, zorder=2.5))
    for kind, (_, color, style, width) in LOOKS.items():
        segments = np.stack([starts[:, :2], ends], axis=1)[named == kind]
        axes.add_collection(
            LineCollection(
                list(segments),
                colors=color,
                linestyles=[style],
                linewidths=width,
                alpha=0.75,
                zorder=2,
            )
        )
    axes.plot(
        *np.unique(starts[:, :2].round(6), axis=0).T, "o", color=BLACK, markersize=3, zorder=4
    )
    axes.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal", xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(visible=True, color=GREY, linewidth=0.8)


def _draw_outlines(axes: Axes, name: str, outlines: Sequence[Any]) -> None:
    for i, outline in enumerate(outlines):
        chain = as_array(f"outlines[{i}] of charts[{name!r}]", outline, ("k", 2))
        axes.plot(*chain.T, color=BLACK, linewidth=2.2, zorder=3)


def _draw_walk(axes: Axes, places: Array, walk: Array, tears: Mask) -> None:
    for i, values in enumerate(walk.T):
        parts = np.split(np.arange(len(values)), np.flatnonzero(tears[:, i]) + 1)
        for part in parts:
            axes.plot(
                places[part],
                values[part],
                STYLES[i % len(STYLES)],
                color=CYCLE[i % len(CYCLE)],
                linewidth=1.4,
            )
    for first, last in _runs(np.any(tears, axis=1)):
        axes.axvspan(places[first], places[last], color=VERMILION, alpha=0.3, linewidth=3)
    known = walk[np.isfinite(walk)]
    if len(known):
        axes.set_ylim(*_limits(known))
    axes.set_xlim(places.min(), places.max())
    axes.tick_params(labelsize=8)
    axes.grid(alpha=0.3)


def _tears(walk: Array) -> Mask:
    """Between which places a coordinate jumps or is missing, `m-1 c`."""
    known = np.isfinite(walk)
    missing: Mask = ~(known[:-1] & known[1:])
    if not known.any():
        return missing
    low, high = _limits(walk[known])
    steps = np.abs(np.diff(np.where(known, walk, 0.0), axis=0))
    tears: Mask = missing | (steps > JUMP * (high - low))
    return tears


def _runs(torn: Mask) -> list[tuple[int, int]]:
    """First and last place of every stretch that is torn without a break."""
    edges = np.diff(np.concatenate([[0], torn.astype(int), [0]]))
    return list(zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True))


def _limits(known: Array) -> tuple[float, float]:
    """What most values lie in; coordinates that run to infinity shall not flatten the others."""
    low, middle, high = np.percentile(known, (8, 50, 92))
    most = 3 * max(float(high - low), 1e-9)
    low, high = max(float(known.min()), middle - most), min(float(known.max()), middle + most)
    air = 0.06 * (high - low) or 0.5
    return low - air, high + air


def _share(named: Array) -> str:
    return f"{(named != NONE).mean():.0%} have a name"


def _words(named: Mapping[str, Array], torn: Mapping[str, Mask], title: str) -> str:
    told = []
    for name, kinds in named.items():
        shared, tears = (kinds == SHARED).mean(), len(_runs(np.any(torn[name], axis=1)))
        text = f"{name}: {_share(kinds)}" + (
            f", {shared:.0%} one that is not its own" if shared else ""
        )
        told.append(f"{text}, {tears} {'tear' if tears == 1 else 'tears'} on the walk")
    head = f"{title}: rays" if title else "Rays"
    return f"{head} around an object, seen from above, and their coordinates on a walk. {'; '.join(told)}."
