"""A plane of codes to drag through: the map on the left, what is decoded there on the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import MaxNLocator
from PIL import Image, ImageDraw

from course_lib.style import DPI, GREY
from course_lib.viewers.arrays import Array, as_array
from course_lib.viewers.class_marks import ClassMark, class_marks
from course_lib.viewers.code_points import draw_codes, finite_codes, plane_of
from course_lib.viewers.decoding import Decode, decoded_images
from course_lib.viewers.dragged_panel import DraggedPanel
from course_lib.viewers.enlarged import as_large_as, marked, png_bytes
from course_lib.viewers.pace import Pace
from course_lib.viewers.plane_view import PlaneView
from course_lib.viewers.pointer import DRAGGED_BOX, Gesture, Pointer
from course_lib.viewers.slider_panel import Slider

SIDE: Final = 440  # pixels of the map, and of the image beside it
BETWEEN: Final = 20
WIDE: Final = 2 * SIDE + BETWEEN
STEPS: Final = 400  # of a slider
NAMES: Final = ("z1", "z2")
LABELS: Final = ("z₁ →", "z₂ ↑")


class LatentPlane(DraggedPanel):
    """Drag over the map, click it, or move the sliders z₁ and z₂; the wheel enlarges the map.

    `decode` is the student's: it takes codes `n 2` (float32, on the CPU) and returns images
    `n h w 3`, `n h w 1` or `n h w` on any device. It is asked for one image at a time, without
    gradients. `codes` `n 2` and `labels` (`n`, at most ten classes) make the map; `start` is the
    first code on view, by default that in the middle.

    If `decode` takes too long for ten images a second, the image follows once the hand rests. What it
    raises, or returns by mistake, is told below the picture, and the last good picture stays.
    """

    def __init__(
        self,
        decode: Decode,
        codes: Any,
        labels: Any,
        *,
        start: Sequence[float] | None = None,
    ) -> None:
        self._points = finite_codes("", codes)
        self._marks = class_marks(labels, len(self._points))
        self._view = PlaneView.of(*plane_of(self._points, (1.0, 1.0)))
        low, high = self._view.corners()
        at = self._view.middle if start is None else as_array("start", start, (2,))
        if not ((low <= at) & (at <= high)).all():
            raise ValueError(
                f"start is {at.tolist()}, which lies outside the plane from {low.tolist()} to {high.tolist()}"
            )
        self._decode, self._pace = decode, Pace()
        self._map = _drawn(self._points, self._marks, self._view)
        self._seen: Array | None = None  # the last one that was decoded
        sliders = {
            name: Slider(label, float(z), float(least), float(most), float(most - least) / STEPS)
            for name, label, z, least, most in zip(NAMES, LABELS, at, low, high, strict=True)
        }
        super().__init__(sliders, "A plane of codes and the image decoded at one of them.")

    def picture_png(self, values: dict[str, float]) -> bytes:
        """The map with a ring around the code, and beside it the image that is decoded there."""
        code = [values[name] for name in NAMES]
        late = self._moving and self._seen is not None and self._pace.divisor() > 1
        if not late:
            with self._pace.measuring(1):
                self._seen = decoded_images(
                    self._decode, torch.tensor([code], dtype=torch.float32)
                )[0]
        assert self._seen is not None
        self.alt = (
            f"Left, a plane of codes with a ring around z = ({code[0]:.2f}, {code[1]:.2f}); "
            + (
                "right, the last image, until the ring rests."
                if late
                else "right, the image decoded there."
            )
        )
        self._look_at(self._view.holding(code))
        canvas = Image.new("RGB", (WIDE, SIDE), "white")
        canvas.paste(_aimed(self._map.copy(), *self._view.uv(code)), (0, 0))
        height, width = self._seen.shape[:2]
        scale = SIDE / max(height, width)
        large = as_large_as(
            self._seen, (max(1, round(height * scale)), max(1, round(width * scale)))
        )
        canvas.paste(large, (WIDE - (SIDE + large.width) // 2, (SIDE - large.height) // 2))
        return png_bytes(canvas)

    def _arrange(self, widgets: Any, controls: list[Any]) -> Any:
        pointer = Pointer(self._gesture)
        hint = "<small>Drag over the map, click it, roll the wheel to enlarge it; or use these.</small>"
        return widgets.VBox(
            [
                self._image,
                self._caption,
                widgets.HTML(value=hint),
                widgets.HBox(controls, layout={"flex_flow": "row wrap"}),
                self._message,
                *pointer.widgets,
            ],
            **DRAGGED_BOX,
        )

    def _gesture(self, gesture: Gesture) -> None:
        """What the hand did: moved the ring, enlarged the map, or clicked a code in it."""
        code = [self._values[name] for name in NAMES]
        if gesture.zoom:
            self._look_at(self._view.zoomed(gesture.zoom, code))
        u, v = self._view.uv(code)
        u, v = u + gesture.right * WIDE / SIDE, v + gesture.down
        if gesture.click is not None and gesture.click[0] * WIDE <= SIDE:
            u, v = gesture.click[0] * WIDE / SIDE, gesture.click[1]
        self._drag_to(dict(zip(NAMES, self._view.code((u, v)).tolist(), strict=True)))

    def _look_at(self, view: PlaneView) -> None:
        """Drawing a map takes longer than a frame, so it is only done for another view."""
        if view is not self._view:
            self._view, self._map = view, _drawn(self._points, self._marks, view)


def _drawn(points: Array, marks: list[ClassMark], view: PlaneView) -> Image.Image:
    """The codes on view, with ticks inside and the name of every class in its midst."""
    figure = Figure(figsize=(SIDE / DPI, SIDE / DPI), dpi=DPI, facecolor="white")
    figure.set_layout_engine("none")  # the axes are the whole picture
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    low, high = view.corners()
    draw_codes(axes, points, marks, low, high)
    for mark in marks:
        x, y = np.median(points[mark.members], axis=0)
        if (low < (x, y)).all() and ((x, y) < high).all():
            axes.text(
                x,
                y,
                mark.name,
                ha="center",
                va="center",
                fontsize=17,
                fontweight="bold",
                color=mark.color,
                path_effects=[withStroke(linewidth=3.5, foreground="white")],
                zorder=4,
            )
    axes.set_xticks(MaxNLocator(5, prune="both").tick_values(low[0], high[0]))
    axes.set_yticks(MaxNLocator(5, prune="both").tick_values(low[1], high[1]))
    axes.tick_params(direction="in", labelsize=8, color=GREY, labelcolor=GREY)
    axes.tick_params("x", pad=-13)
    axes.tick_params("y", pad=-9)
    for label in axes.get_yticklabels():
        label.set_horizontalalignment("left")
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
    axes.spines[:].set(visible=True, color=GREY, linewidth=1.5)
    canvas.draw()  # type: ignore[no-untyped-call]
    pixels = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    return Image.fromarray(pixels[..., :3])


def _aimed(picture: Image.Image, u: float, v: float) -> Image.Image:
    """A ring around uv, and hairlines that lead the eye there between points of all colours."""
    x, y = u * picture.width, v * picture.height
    draw = ImageDraw.Draw(picture)
    draw.line((x, 0, x, picture.height), fill=GREY)
    draw.line((0, y, picture.width, y), fill=GREY)
    return marked(picture, u, v)
