"""Images as PNG bytes at a size for the eye; small renderings keep their hard pixels."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

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


def _picture(image: Array) -> Image.Image:
    return Image.fromarray(np.round(image * 255).astype(np.uint8))


def png_bytes(picture: Image.Image) -> bytes:
    """Lightly compressed: a slider redraws this many times a second."""
    buffer = io.BytesIO()
    picture.save(buffer, format="png", compress_level=1)
    return buffer.getvalue()
