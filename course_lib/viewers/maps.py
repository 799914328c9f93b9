"""What a renderer returned: colours, depth, normals and other maps of one view, side by side."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes

from course_lib.style import SEQUENTIAL, WIDTH
from course_lib.viewers.arrays import Array, as_array, as_image
from course_lib.viewers.images import TITLE, draw_image
from course_lib.viewers.picture import Picture

NOTHING: Final = (0.73, 0.73, 0.73)  # grey, where a ray saw nothing
TALLEST: Final = 5.0  # inches, of one map
Range = tuple[float, float]


@dataclass(frozen=True)
class Shown:
    """A map turned into an image `h w 3`; `span` is the range of its colours if it has a scale."""

    image: Array
    span: Range | None = None


def show_maps(maps: Mapping[str, Any], *, columns: int | None = None, title: str = "") -> Picture:
    """Maps of one view by name: images `h w 3`, normals, and anything `h w` on a colour scale.

    A name that starts with "normal" is drawn as normals: (n + 1) / 2 as colour, grey where zero.
    Maps `h w` whose names start with "depth" or "distance" share one scale, so that they compare;
    every other map `h w` has its own. Grey is infinite or NaN: nothing was seen. ValueError names a
    map of the wrong shape.
    """
    if not maps:
        raise ValueError("maps is empty; give at least one, as in show_maps({'rgb': image})")
    together = [
        as_array(name, value, ("h", "w")) for name, value in maps.items() if _far(name, value)
    ]
    common = span_of(*together) if together else None
    shown = {
        name: shown_map(name, value, common if _far(name, value) else None)
        for name, value in maps.items()
    }
    rows = math.ceil(len(shown) / (columns or 4))
    columns = columns or math.ceil(len(shown) / rows)
    tallest = max(map_.image.shape[0] / map_.image.shape[1] for map_ in shown.values())
    height = rows * (min(tallest * 0.88 * WIDTH / columns, TALLEST) + TITLE) + (0.3 if title else 0)
    words = [
        f"{name} from {map_.span[0]:.3g} to {map_.span[1]:.3g}" if map_.span else name
        for name, map_ in shown.items()
    ]
    prefix = f"{title}: maps" if title else "Maps"
    figure = Picture(height, f"{prefix} of one view, side by side: {', '.join(words)}.")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, (name, map_) in zip(grid, shown.items(), strict=False):
        draw_image(axes, map_.image, name)
    for axes in grid[len(shown) :]:
        axes.axis("off")
    far = [axes for axes, name in zip(grid, maps, strict=False) if _far(name, maps[name])]
    if common:
        scale_bar(figure, far, common, far=True)
    for axes, map_ in zip(grid, shown.values(), strict=False):
        if map_.span and axes not in far:
            scale_bar(figure, [axes], map_.span, far=False)
    if title:
        figure.suptitle(title, fontsize=12)
    return figure


def shown_map(name: str, value: Any, span: Range | None = None) -> Shown:
    """One map as an image: `h w 3` as it is, normals as colours, `h w` on the colour scale `span`."""
    shape = tuple(np.shape(value))
    if len(shape) not in (2, 3) or shape[2:] not in ((), (3,)):
        raise ValueError(f"{name} must have shape (h w) or (h w 3); got {shape}")
    if 0 in shape:
        raise ValueError(f"{name} has no pixels: its shape is {shape}")
    if len(shape) == 2:
        array = as_array(name, value, ("h", "w"))
        return _on_scale(array, span or span_of(array), far=_far(name, value))
    if name.startswith("normal"):
        return Shown(normals_as_colors(as_array(name, value, ("h", "w", 3))))
    return Shown(as_image(name, value))


def normals_as_colors(normals: Array) -> Array:
    """(n + 1) / 2, so that x, y and z are red, green and blue; grey where zero or not finite."""
    seen = np.isfinite(normals).all(axis=-1, keepdims=True)
    seen &= np.abs(normals).max(axis=-1, keepdims=True) > 1e-6
    colors: Array = np.clip(np.where(seen, (normals + 1) / 2, NOTHING), 0, 1)
    return colors


def span_of(*arrays: Array) -> Range:
    """The range of what is finite, without the outermost hundredth on either side."""
    finite = np.concatenate([array[np.isfinite(array)] for array in arrays])
    if not len(finite):
        return (0.0, 1.0)
    low, high = (float(value) for value in np.percentile(finite, (1, 99)))
    return (low, high) if high - low > 1e-9 * max(abs(low), abs(high)) else (low - 0.5, low + 0.5)


def scale_bar(
    figure: Picture, axes: list[Axes], span: Range, *, far: bool, slim: float = 18
) -> None:
    """The colour bar of maps drawn on one scale, `slim` times as high as wide."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    figure.colorbar(
        ScalarMappable(Normalize(*span), SEQUENTIAL + ("_r" if far else "")),
        ax=axes,
        shrink=0.85,
        pad=0.02,
        aspect=slim,
    )


def _on_scale(array: Array, span: Range, *, far: bool) -> Shown:
    """Near is bright and far is dark; of other quantities much is bright."""
    low, high = span
    share = np.clip((np.where(np.isfinite(array), array, low) - low) / (high - low), 0, 1)
    colors = colormaps[SEQUENTIAL + ("_r" if far else "")](share)[..., :3]
    return Shown(np.where(np.isfinite(array)[..., None], colors, NOTHING), span)


def _far(name: str, value: Any) -> bool:
    return name.startswith(("depth", "distance")) and len(np.shape(value)) == 2
