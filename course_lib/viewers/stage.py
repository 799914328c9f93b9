"""A 3D plot with equal scales: where cameras, points and rays are drawn."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
from mpl_toolkits.mplot3d import Axes3D
from mpl_toolkits.mplot3d.art3d import Line3DCollection, Poly3DCollection

from course_lib.style import AXIS_COLORS, BLACK
from course_lib.viewers.arrays import Array
from course_lib.viewers.picture import Picture

Up = Literal["z", "-y"]
# Rows: which world axis is drawn to the right, into the page and upwards.
_PAGE_FROM_WORLD: Final = {
    "z": np.eye(3),
    "-y": np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]]),  # a camera's own frame: y points down
}
_LABELS: Final = {"z": ("x", "y", "z"), "-y": ("x", "z", "−y")}


class Stage:
    """Draws in world coordinates; `up` says which world direction is up on the page."""

    def __init__(
        self, figure: Picture, position: tuple[int, int, int], up: Up, view: tuple[float, float]
    ) -> None:
        if up not in _PAGE_FROM_WORLD:
            raise ValueError(f"up is {up!r}; use one of {', '.join(_PAGE_FROM_WORLD)}")
        self._page_from_world = _PAGE_FROM_WORLD[up]
        axes = figure.add_subplot(*position, projection="3d")
        assert isinstance(axes, Axes3D)
        self.axes = axes
        self._seen: list[Array] = []
        axes.view_init(elev=view[1], azim=view[0])
        axes.set_proj_type("persp", focal_length=0.6)
        for axis, label in zip((axes.xaxis, axes.yaxis, axes.zaxis), _LABELS[up], strict=True):
            axis.set_pane_color((0.965, 0.965, 0.965, 1.0))
            axis.line.set_color("#999999")
            axis.set_label_text(label)
            axis._axinfo["grid"].update(color="#DDDDDD", linewidth=0.6)

    def page(self, points: Array) -> Array:
        """World points `… 3` as matplotlib wants them, remembered for the limits."""
        turned: Array = points @ self._page_from_world.T
        finite = turned.reshape(-1, 3)
        self._seen.append(finite[np.isfinite(finite).all(axis=-1)])
        return turned

    def points(self, points: Array, colors: Array | str = BLACK, size: float = 3.0) -> None:
        """Dots in world coordinates, `n 3`, with colours `n 3` or one name."""
        self.axes.scatter(*self.page(points).T, s=size, c=colors, depthshade=False, linewidths=0)

    def lines(
        self, starts: Array, ends: Array, color: object, width: float = 1.2, alpha: float = 1.0
    ) -> None:
        """Straight lines between `n 3` and `n 3`."""
        segments = self.page(np.stack([starts, ends], axis=-2))
        self.axes.add_collection3d(
            Line3DCollection(segments, colors=color, linewidths=width, alpha=alpha)
        )

    def faces(self, corners: Array, color: object, alpha: float) -> None:
        """Filled polygons `n k 3`."""
        shape = Poly3DCollection(
            self.page(corners), facecolors=color, edgecolors="none", alpha=alpha
        )
        self.axes.add_collection3d(shape)

    def text(self, point: Array, text: str, color: str) -> None:
        """A bold label at a world point."""
        x, y, z = self.page(point)
        self.axes.text(
            x, y, z, text, color=color, fontweight="bold", ha="center", va="center", zorder=20
        )

    def camera_axes(self, pose: Array, length: float, labels: bool) -> None:
        """The three axes of one camera, coloured and, if wanted, named."""
        for column, (name, color) in enumerate(AXIS_COLORS.items()):
            origin = pose[:3, 3]
            tip = origin + length * pose[:3, column]
            self.lines(origin[None], tip[None], color, width=2.4)
            if labels:
                self.text(origin + 1.25 * length * pose[:3, column], name, color)

    def finish(self, title: str = "") -> None:
        """Equal scales around everything drawn so far."""
        seen = np.concatenate(self._seen) if self._seen else np.zeros((0, 3))
        low, high = (seen.min(0), seen.max(0)) if len(seen) else (-np.ones(3), np.ones(3))
        spans = np.maximum(high - low, 0.25 * (high - low).max() + 1e-9) * 1.04
        centre = (low + high) / 2
        limits = np.stack([centre - spans / 2, centre + spans / 2], axis=-1)
        self.axes.set(xlim=limits[0], ylim=limits[1], zlim=limits[2], title=title)
        self.axes.set_box_aspect(spans)
        self.axes.tick_params(pad=0)
        for axis in (self.axes.xaxis, self.axes.yaxis, self.axes.zaxis):
            axis.set_major_locator(_few_ticks())


def _few_ticks() -> object:
    from matplotlib.ticker import MaxNLocator

    return MaxNLocator(nbins=4, steps=[1, 2, 5, 10])
