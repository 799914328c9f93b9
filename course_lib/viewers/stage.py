"""A 3D plot with equal scales: where cameras, points and rays are drawn."""

from __future__ import annotations

import itertools
from typing import Final, Literal

import numpy as np
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator
from mpl_toolkits.mplot3d import Axes3D, proj3d
from mpl_toolkits.mplot3d.art3d import Line3DCollection, Poly3DCollection

from course_lib.style import AXIS_COLORS, BLACK
from course_lib.viewers.arrays import Array
from course_lib.viewers.picture import Picture

MARGIN: Final = 4  # pixels between a label and the figure's edge
ON_TOP: Final = 10_000  # matplotlib numbers everything else from back to front
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
        self,
        figure: Picture,
        place: tuple[float, float, float, float],
        up: Up,
        view: tuple[float, float],
    ) -> None:
        if up not in _PAGE_FROM_WORLD:
            raise ValueError(f"up is {up!r}; use one of {', '.join(_PAGE_FROM_WORLD)}")
        self._page_from_world = _PAGE_FROM_WORLD[up]
        self._picture = figure
        axes = figure.add_axes(place, projection="3d")
        assert isinstance(axes, Axes3D)
        self.axes = axes
        self._place, self._labels = place, _LABELS[up]
        self._seen: list[Array] = []
        axes.view_init(elev=view[1], azim=view[0])
        axes.set_proj_type("persp", focal_length=0.8)
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
        """Filled polygons `n k 3`, in one colour or one each."""
        shape = Poly3DCollection(self.page(corners), alpha=alpha, linewidths=0.4)
        shape.set_facecolor(color)
        shape.set_edgecolor(color if alpha == 1 else "none")  # else seams show between neighbours
        self.axes.add_collection3d(shape)

    def text(self, point: Array, text: str, color: str) -> None:
        """A bold label at a world point."""
        x, y, z = self.page(point)
        label = self.axes.text(x, y, z, text, color=color, fontweight="bold", zorder=ON_TOP)
        label.set(ha="center", va="center", path_effects=[withStroke(linewidth=3, foreground="w")])

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
        self.axes.set(xlim=limits[0], ylim=limits[1], zlim=limits[2])
        self.axes.tick_params(pad=0)
        for axis in (self.axes.xaxis, self.axes.yaxis, self.axes.zaxis):
            axis.set_major_locator(MaxNLocator(nbins=3, steps=[1, 2, 5, 10]))
        if title:
            self.axes.figure.suptitle(title, fontsize=12)
        for artist in (*self.axes.collections, *self.axes.lines):
            artist.set_clip_on(False)  # zoomed, the box leaves the rectangle that it is clipped to
        self._fill_place(spans)
        self._keep_labels()

    def extent(self) -> str:
        """Between which numbers everything drawn lies, as a sentence for the alt text."""
        seen = np.concatenate(self._seen) if self._seen else np.zeros((0, 3))
        if not len(seen):
            return ""
        ends = zip(self._labels, seen.min(axis=0), seen.max(axis=0), strict=True)
        spans = (f"{name} from {low:.3g} to {high:.3g}" for name, low, high in ends)
        return f" What is drawn spans {', '.join(spans)}."

    def _fill_place(self, spans: Array) -> None:
        """Enlarges and shifts the box until it fills its place; matplotlib leaves half of it empty."""
        left, bottom, width, height = self._place
        zoom = 1.0
        for _ in range(4):  # perspective makes the size grow faster than the zoom
            self.axes.set_box_aspect(spans, zoom=zoom)
            low, high = self._drawn_box()
            zoom *= min((width, height) / (high - low))
        self.axes.set_box_aspect(spans, zoom=zoom)
        low, high = self._drawn_box()
        shift = np.array([left + width / 2, bottom + height / 2]) - (low + high) / 2
        self.axes.set_position((left + shift[0], bottom + shift[1], width, height))

    def _keep_labels(self) -> None:
        """Moves the plot up or down if a label stands outside the figure; only drawing places them."""
        if not self.axes._axis3don:  # `axison` is about the axes of the plane
            return
        self._picture.draw_without_rendering()
        named = (self.axes.xaxis, self.axes.yaxis, self.axes.zaxis)
        boxes = [axis.label.get_window_extent() for axis in named]
        height = self._picture.bbox.height
        below = max(MARGIN - box.y0 for box in boxes)
        above = max(box.y1 + MARGIN - height for box in boxes)
        shift = max(below, 0.0) - max(above, 0.0)
        if shift:
            left, bottom, *size = self.axes.get_position(original=True).bounds
            self.axes.set_position((left, bottom + shift / height, *size))

    def _drawn_box(self) -> tuple[Array, Array]:
        """Lower left and upper right of the plot's box on the page, in shares of the figure."""
        self.axes.apply_aspect()
        limits = (self.axes.get_xlim3d(), self.axes.get_ylim3d(), self.axes.get_zlim3d())
        corners = np.array(list(itertools.product(*limits))).T
        x, y, _ = proj3d.proj_transform(*corners, self.axes.get_proj())
        to_figure = self.axes.transData + self.axes.figure.transFigure.inverted()
        box = to_figure.transform(np.stack([x, y], axis=-1))
        return box.min(axis=0), box.max(axis=0)
