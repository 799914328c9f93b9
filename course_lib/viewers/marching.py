"""How a learned ray marcher finds the surface: depth over steps along some rays, and depth maps after steps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from course_lib.style import BLACK, WIDTH
from course_lib.viewers.arrays import Array, as_array
from course_lib.viewers.class_marks import COLORS, SHAPES
from course_lib.viewers.images import draw_image
from course_lib.viewers.maps import scale_bar, shown_map, span_of
from course_lib.viewers.picture import Picture

MOST: Final = len(COLORS)  # rays that can be told apart
MAPS: Final = 6  # depth maps that are readable side by side
CURVES: Final = 3.4  # inches


def show_marching(
    depths: Any,
    true_depth: Any = None,
    *,
    maps: Any = None,
    uv: Any = None,
    names: Sequence[str] | None = None,
    title: str = "",
) -> Picture:
    """Depths `k+1 p` along at most ten rays, from the start to step k; dashed is the `true_depth` `p`.

    A true depth that is not finite means that the ray meets nothing. `maps` `k+1 h w` are the depth
    maps of one view, drawn on one scale, at most six of them, first and last kept; `uv` `p 2` marks
    the rays in them. `names` are those of the rays.
    """
    walks = as_array("depths", depths, ("k+1", "p"))
    steps, rays = walks.shape[0] - 1, walks.shape[1]
    if steps < 0 or not 1 <= rays <= MOST:
        raise ValueError(
            f"depths has shape {walks.shape}, (k+1 p); give 1 to {MOST} rays, as depths[:, :5]"
        )
    truth = None if true_depth is None else as_array("true_depth", true_depth, (rays,))
    labels = [f"ray {i + 1}" for i in range(rays)] if names is None else list(map(str, names))
    if len(labels) != rays:
        raise ValueError(f"names has {len(labels)} names for {rays} rays; give one per ray")
    places = None if uv is None else as_array("uv", uv, (rays, 2))
    if places is not None and maps is None:
        raise ValueError("uv marks rays in maps, but there are no maps; give maps, or leave uv out")
    strip = None if maps is None else _maps(maps, steps)
    high = 0.0 if strip is None else _map_height(strip)
    figure = Picture(CURVES + high, _words(walks, truth, labels, strip is not None, title))
    if strip is None:
        axes = figure.subplots()
    else:
        halves: Any = figure.subfigures(2, 1, height_ratios=(CURVES, high))
        axes = halves[0].subplots()
        _draw_maps(halves[1], strip, places)
    _draw_walks(axes, walks, truth, labels)
    axes.set_title(title)
    return figure


def _draw_walks(axes: Axes, walks: Array, truth: Array | None, labels: list[str]) -> None:
    steps = np.arange(len(walks))
    for i, (walk, label) in enumerate(zip(walks.T, labels, strict=True)):
        axes.plot(steps, walk, color=COLORS[i], marker=SHAPES[i], markersize=5, label=label)
        if truth is not None and np.isfinite(truth[i]):
            axes.axhline(truth[i], color=COLORS[i], linestyle=(0, (5, 4)), linewidth=1.3, zorder=1)
    handles = axes.get_legend_handles_labels()[0]
    if truth is not None:
        handles.append(Line2D([], [], color=BLACK, linestyle="--", label="its true depth"))
        for handle, label, depth in zip(handles, labels, truth, strict=False):
            if not np.isfinite(depth):
                handle.set_label(f"{label}, meets nothing")
    axes.set(xlabel="step", ylabel="depth (world units)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.grid(alpha=0.3)
    axes.legend(handles=handles, loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False)


def _maps(maps: Any, steps: int) -> dict[int, Array]:
    """Some depth maps by their step, evenly spread."""
    array = as_array("maps", maps, (steps + 1, "h", "w"))
    if array.size == 0:
        raise ValueError(f"maps has no pixels: its shape is {array.shape}")
    chosen = np.linspace(0, steps, min(MAPS, steps + 1)).round().astype(int)
    return {int(i): array[i] for i in chosen}


def _draw_maps(figure: Any, maps: dict[int, Array], places: Array | None) -> None:
    row = list(figure.subplots(1, len(maps), squeeze=False)[0])
    # The start is one number everywhere, which would only take colours away from the steps.
    span = span_of(*[depth for step, depth in maps.items() if step or len(maps) == 1])
    for axes, (step, depth) in zip(row, maps.items(), strict=True):
        draw_image(axes, shown_map("depth", depth, span).image, f"step {step}" if step else "start")
        for i, (u, v) in enumerate(places if places is not None else ()):
            axes.plot(
                u,
                v,
                SHAPES[i],
                color=COLORS[i],
                markersize=6,
                markeredgecolor="white",
                clip_on=False,
            )
    scale_bar(figure, row, span, far=True)


def _map_height(maps: dict[int, Array]) -> float:
    height, width = next(iter(maps.values())).shape
    return 0.4 + min(0.85 * WIDTH / max(len(maps), 3) * float(height / width), 3.5)


def _words(
    walks: Array, truth: Array | None, labels: list[str], with_maps: bool, title: str
) -> str:
    ends = []
    for i, label in enumerate(labels):
        text = f"{label} from {walks[0, i]:.3g} to {walks[-1, i]:.3g}"
        if truth is not None:
            text += f" (true {truth[i]:.3g})" if np.isfinite(truth[i]) else " (meets nothing)"
        ends.append(text)
    also = "; below, depth maps after some of the steps" if with_maps else ""
    return f"{title + ': depth' if title else 'Depth'} over {len(walks) - 1} steps: {', '.join(ends)}{also}."
