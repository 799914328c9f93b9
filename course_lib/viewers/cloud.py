"""A point cloud from several sides, with the true one beneath it, all on one scale."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from matplotlib.patches import Rectangle

from course_lib.style import GREY, WIDTH
from course_lib.viewers.arrays import Array, as_array
from course_lib.viewers.picture import Picture
from course_lib.viewers.stage import Stage

SIDES: Final = ((-60.0, 20.0), (30.0, 20.0), (-15.0, 80.0))  # azimuth, elevation in degrees
MOST_SIDES: Final = 4
MOST_POINTS: Final = 12_000  # of one drawing; more only make matplotlib slow
BACKGROUND: Final = "#E3E8ED"  # on which points are seen whether they are white or black
HEAD: Final = 0.32  # inches above a row, for its name


def show_cloud(
    points: Any,
    colors: Any = None,
    truth: Any = None,
    truth_colors: Any = None,
    *,
    sides: Any = SIDES,
    size: float = 5.0,
    names: tuple[str, str] = ("found", "true"),
    title: str = "",
) -> Picture:
    """A point cloud `n 3` with colours `n 3` from each of `sides` (azimuth, elevation) in degrees; z is up.

    `truth` `m 3`, as true surface points, is drawn beneath it in the same box, with `truth_colors`
    `m 3`. The box is that of the truth where there is one, widened for all but the outermost 2% of
    the points, so that a few stray ones do not shrink the rest; how many lie outside is told. `size`
    is a dot's area in points². ValueError names an argument that does not fit.
    """
    clouds = {names[0]: _cloud("points", points, colors)}
    if truth is not None:
        clouds[names[1]] = _cloud("truth", truth, truth_colors)
    elif truth_colors is not None:
        raise ValueError("truth_colors has no truth to go with; give truth too")
    views = as_array("sides", sides, ("n", 2)) if len(sides) else np.zeros((0, 2))
    if not 1 <= len(views) <= MOST_SIDES:
        raise ValueError(
            f"sides has {len(views)} pairs; give 1 to {MOST_SIDES}, (azimuth, elevation) in degrees"
        )
    low, high = _box([cloud for cloud, _ in clouds.values()])
    wide = min(WIDTH / len(views), 4.2)
    cell = 0.8 * wide
    height = len(clouds) * (cell + HEAD) + (HEAD if title else 0)
    figure = Picture(height, "", arranged=False)
    told = []
    for row, (name, (cloud, shown)) in enumerate(clouds.items()):
        inside = np.all((cloud >= low) & (cloud <= high), axis=1)
        text = f"{name}: {len(cloud):,} points" + (
            f", {int((~inside).sum()):,} outside" if not inside.all() else ""
        )
        top = height - (HEAD if title else 0) - row * (cell + HEAD)
        figure.text(0.5, (top - 0.6 * HEAD) / height, text, ha="center", va="center")
        told.append(text)
        chosen = np.flatnonzero(inside)
        kept = min(len(chosen), MOST_POINTS)
        chosen = chosen[np.linspace(0, len(chosen) - 1, kept).round().astype(int)]
        for column, (azimuth, elevation) in enumerate(views):
            left = (column + 0.5) / len(views) - 0.49 * wide / WIDTH
            place = (left, (top - HEAD - cell) / height, 0.98 * wide / WIDTH, cell / height)
            behind = Rectangle(place[:2], *place[2:], facecolor=BACKGROUND, zorder=-1)
            figure.add_artist(behind)
            stage = Stage(figure, place, "z", (azimuth, elevation))
            stage.axes.axis("off")
            stage.axes.patch.set_visible(False)
            stage.points(cloud[chosen], shown[chosen] if shown is not None else GREY, size)
            stage.page(np.stack([low, high]))  # every drawing has the same box
            stage.finish()
    if title:
        figure.suptitle(title, fontsize=12)
    head = f"{title}: point clouds" if title else "Point clouds"
    figure.alt = f"{head}, each from {len(views)} sides. {'; '.join(told)}."
    return figure


def _cloud(name: str, points: Any, colors: Any) -> tuple[Array, Array | None]:
    cloud = as_array(name, points, ("n", 3))
    label = "colors" if name == "points" else f"{name}_colors"
    shown = None if colors is None else np.clip(as_array(label, colors, (len(cloud), 3)), 0, 1)
    kept = np.isfinite(cloud).all(axis=1)
    if not kept.any():
        why = "is empty" if not len(cloud) else "has no finite point"
        raise ValueError(f"{name} {why}, of shape {cloud.shape}; give at least one point")
    return cloud[kept], None if shown is None else shown[kept]


def _box(clouds: list[Array]) -> tuple[Array, Array]:
    """Around the last cloud, the truth if there is one, and nearly all of the first."""
    low, high = np.percentile(clouds[0], (1, 99), axis=0)
    if len(clouds) > 1:
        extent = np.ptp(clouds[1], axis=0).max()
        low = np.clip(low, clouds[1].min(axis=0) - 0.2 * extent, clouds[1].min(axis=0))
        high = np.clip(high, clouds[1].max(axis=0), clouds[1].max(axis=0) + 0.2 * extent)
    air = 0.03 * float((high - low).max()) + 1e-9
    return low - air, high + air
