"""Images as PNG bytes at a size for the eye; small renderings keep their hard pixels."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from course_lib.viewers.arrays import Array


def enlarged(image: Array, width: int) -> Image.Image:
    """An image `h w 3` in [0, 1] at about `width`: grown by a whole factor, or shrunk smoothly."""
    picture = Image.fromarray(np.round(image * 255).astype(np.uint8))
    if picture.width > width:
        return picture.resize(
            (width, round(width * picture.height / picture.width)), Image.Resampling.LANCZOS
        )
    factor = max(1, width // picture.width)
    return picture.resize(
        (picture.width * factor, picture.height * factor), Image.Resampling.NEAREST
    )


def png_bytes(picture: Image.Image) -> bytes:
    """Lightly compressed: a slider redraws this many times a second."""
    buffer = io.BytesIO()
    picture.save(buffer, format="png", compress_level=1)
    return buffer.getvalue()
