"""One frame of the way from one thing to another, and the same way as a strip of frames."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import matplotlib
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from course_lib.style import BLUE, GREY

GAP: Final = 8  # pixels between pictures
HEAD: Final = 26  # above for the names
FOOT: Final = 30  # and below for the way that lies behind
LEAST: Final = 240  # that names and way need


def way_frame(
    pictures: list[tuple[str, Image.Image]], share: float, ends: tuple[str, str]
) -> Image.Image:
    """One frame: named pictures side by side, and how much of the way lies behind."""
    width, height = pictures[0][1].size
    together = len(pictures) * (width + GAP) - GAP
    canvas = Image.new("RGB", (max(together, LEAST), HEAD + height + FOOT), "white")
    draw, font = ImageDraw.Draw(canvas), page_font()
    for i, (name, picture) in enumerate(pictures):
        x = (canvas.width - together) // 2 + i * (width + GAP)
        draw.text((x + width / 2, HEAD / 2), name, "black", font, anchor="mm")
        canvas.paste(picture, (x, HEAD))
    left, right, y = _draw_way(draw, canvas.size, ends)
    dot = left + share * (right - left)
    draw.ellipse((dot - 6, y - 6, dot + 6, y + 6), BLUE)
    return canvas


def _draw_way(
    draw: ImageDraw.ImageDraw, size: tuple[int, int], ends: tuple[str, str]
) -> tuple[float, float, float]:
    """The names of both ends at the foot, and a line between them: from where, to where, at what height."""
    font, y = page_font(), size[1] - FOOT / 2 + 2
    left, right = 16 + font.getlength(ends[0]), size[0] - 16 - font.getlength(ends[1])
    if right - left < 40:
        raise ValueError(
            f"ends is {ends!r}, which is too long for a picture {size[0]} pixels wide; shorten the names"
        )
    draw.text((2, y), ends[0], "black", font, anchor="lm")
    draw.text((size[0] - 2, y), ends[1], "black", font, anchor="rm")
    draw.line((left, y, right, y), GREY, 2)
    return left, right, y


def way_strip(
    pictures: Mapping[str, list[Image.Image]], size: tuple[int, int], ends: tuple[str, str]
) -> Image.Image:
    """As many frames of every row as fit into the same `size` (width, height), from first to last."""
    canvas = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(canvas)
    width, height = next(iter(pictures.values()))[0].size
    lines = max(2, len(pictures))
    small = max(1, width // lines - 2), max(1, height // lines - 2)
    across = size[0] // (small[0] + 2)
    margin = (size[0] - across * (small[0] + 2) + 2) // 2
    for line, images in enumerate(pictures.values()):
        shown = across if len(pictures) > 1 else lines * across
        for place, i in enumerate(np.linspace(0, len(images) - 1, shown).round().astype(int)):
            row, column = divmod(place, across)
            at = margin + column * (small[0] + 2), HEAD + (line + row) * (small[1] + 2)
            canvas.paste(images[i].resize(small, Image.Resampling.BOX), at)
    title = " above ".join(pictures)
    draw.text((size[0] / 2, HEAD / 2), title, "black", page_font(), anchor="mm")
    _, right, y = _draw_way(draw, size, ends)
    draw.polygon([(right, y - 5), (right, y + 5), (right + 8, y)], GREY)
    return canvas


def page_font() -> Any:
    """The type of all the course's figures, which comes with matplotlib."""
    path = Path(matplotlib.get_data_path(), "fonts", "ttf", "DejaVuSans.ttf")
    return ImageFont.truetype(str(path), 15)
