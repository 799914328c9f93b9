"""A point that the student moves, and its epipolar line from the student's fundamental matrix."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import torch
from PIL import Image, ImageDraw

from course_lib.shapes import Tensor
from course_lib.style import ORANGE
from course_lib.viewers.arrays import Array, as_array, as_image
from course_lib.viewers.enlarged import photograph, png_bytes
from course_lib.viewers.matches import clip_to_unit_square
from course_lib.viewers.slider_panel import Slider, SliderPanel

WIDTH: Final = 440  # pixels of each picture on the screen
GAP: Final = 12
SMOOTH: Final = 2  # drawn larger and reduced, because PIL draws jagged lines


class EpipolarViewer(SliderPanel):
    """Two sliders move a point in image 1; image 2 shows the line (a, b, c) of `line_from_uv(uv)`.

    `line_from_uv` is the student's: a point `2` to a line `3` with a·u + b·v + c = 0.
    """

    def __init__(
        self,
        image_1: Any,
        image_2: Any,
        line_from_uv: Callable[[Tensor], Tensor],
        *,
        uv: tuple[float, float] = (0.5, 0.5),
    ) -> None:
        self._line_from_uv = line_from_uv
        self._first = photograph(as_image("image_1", image_1), WIDTH * SMOOTH)
        self._second = photograph(as_image("image_2", image_2), WIDTH * SMOOTH)
        sliders = {
            "u": Slider("u →", uv[0], 0, 1, 0.005),
            "v": Slider("v ↓", uv[1], 0, 1, 0.005),
        }
        super().__init__(sliders, "A point in one picture and its epipolar line in another.")

    def picture_png(self, values: dict[str, float]) -> bytes:
        """Both pictures side by side with the point and its line."""
        line = self._line_from_uv(torch.tensor([values["u"], values["v"]]))
        coefficients = as_array("what line_from_uv returned", line, (3,))
        first, second = self._first.copy(), self._second.copy()
        _draw_point(first, values["u"], values["v"])
        segment = clip_to_unit_square(coefficients[None])[0]
        if np.isfinite(segment).all():
            _draw_line(second, segment)
        else:
            reason = (
                "the line misses this picture" if np.isfinite(coefficients).all() else "not finite"
            )
            ImageDraw.Draw(second).text((20, 20), reason, fill=ORANGE, font_size=28)
        canvas = Image.new(
            "RGB",
            (first.width + second.width + GAP * SMOOTH, max(first.height, second.height)),
            "white",
        )
        canvas.paste(first, (0, 0))
        canvas.paste(second, (first.width + GAP * SMOOTH, 0))
        return png_bytes(canvas.resize((canvas.width // SMOOTH, canvas.height // SMOOTH)))


def _draw_point(picture: Image.Image, u: float, v: float) -> None:
    x, y = u * picture.width, v * picture.height
    draw = ImageDraw.Draw(picture)
    for radius, color in ((9 * SMOOTH, "white"), (7 * SMOOTH, ORANGE), (2 * SMOOTH, "white")):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=color)


def _draw_line(picture: Image.Image, segment: Array) -> None:
    ends = [(u * picture.width, v * picture.height) for u, v in segment]
    draw = ImageDraw.Draw(picture)
    draw.line(ends, fill="white", width=5 * SMOOTH)
    draw.line(ends, fill=ORANGE, width=3 * SMOOTH)
