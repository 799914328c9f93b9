"""Images as PNG bytes at a size for the eye; small renderings keep their hard pixels."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw

from course_lib.style import ORANGE
from course_lib.viewers.arrays import Array


def enlarged(image: Array, width: int) -> Image.Image:
    """A rendering `h w 3` in [0, 1], grown by the whole factor that comes closest to `width`."""
    picture = _picture(image)
    if picture.width > width:
        return photograph(image, width)
    factor = max(1, width // picture.width)
    size = (picture.width * factor, picture.height * factor)
    return picture.resize(size, Image.Resampling.NEAREST)


def photograph(image: Array, width: int) -> Image.Image:
    """A photograph `h w 3` in [0, 1], smoothly resized to exactly `width`."""
    picture = _picture(image)
    height = max(1, round(width * picture.height / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def as_large_as(image: Array, size: tuple[int, int]) -> Image.Image:
    """A rendering `h w 3` in [0, 1] at exactly `size` (height, width), with hard pixels if it grows."""
    picture = _picture(image)
    grows = picture.width <= size[1]
    how = Image.Resampling.NEAREST if grows else Image.Resampling.LANCZOS
    return picture.resize((size[1], size[0]), how)


def marked(picture: Image.Image, u: float, v: float) -> Image.Image:
    """The picture with a ring around uv, visible on bright and on dark."""
    x, y = u * picture.width, v * picture.height
    draw = ImageDraw.Draw(picture)
    for radius, width, color in ((9, 5, "white"), (8, 3, ORANGE)):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), outline=color, width=width)
    return picture


def stacked(above: bytes, below: bytes) -> Image.Image:
    """Two PNGs, one above the other on white."""
    first, second = Image.open(io.BytesIO(above)), Image.open(io.BytesIO(below))
    size = (max(first.width, second.width), first.height + second.height)
    canvas = Image.new("RGB", size, "white")
    canvas.paste(first, ((canvas.width - first.width) // 2, 0))
    canvas.paste(second, ((canvas.width - second.width) // 2, first.height))
    return canvas


def _picture(image: Array) -> Image.Image:
    return Image.fromarray(np.round(image * 255).astype(np.uint8))


def png_bytes(picture: Image.Image) -> bytes:
    """Lightly compressed: a slider redraws this many times a second."""
    buffer = io.BytesIO()
    picture.save(buffer, format="png", compress_level=1)
    return buffer.getvalue()
