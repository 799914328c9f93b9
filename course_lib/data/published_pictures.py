"""Pictures of the published data sets: decoded, laid on white, averaged down to fewer pixels."""

from __future__ import annotations

import io
import struct

import numpy as np
import torch
from PIL import Image

from course_lib.data.published_texts import UNPACK, PublishedError
from course_lib.shapes import Float, Resolution, Tensor

_PNG_START, _PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"


def decode_picture(raw: bytes, where: str) -> Float[Tensor, "h w 3"]:
    """A PNG or JPEG as float32 in [0, 1]; what is transparent becomes white.

    `where` names the file if it is damaged. Never decoded in part: a truncated file is refused.
    """
    try:
        with Image.open(io.BytesIO(raw)) as picture:
            rgba = torch.from_numpy(np.array(picture.convert("RGBA"))).float() / 255
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:
        size = "empty" if not raw else f"cut off or damaged ({len(raw)} bytes: {error})"
        raise PublishedError(f"the picture {where} is {size}; {UNPACK}") from error
    if raw.startswith(_PNG_START) and _PNG_END not in raw:  # Pillow shows what there is
        raise PublishedError(
            f"the picture {where} is cut off ({len(raw)} bytes, without a PNG's end); {UNPACK}"
        )
    color, alpha = rgba[..., :3], rgba[..., 3:]
    return color * alpha + (1 - alpha)


def downsample(
    images: Float[Tensor, "*b h w 3"], resolution: Resolution
) -> Float[Tensor, "*b h2 w2 3"]:
    """Average over the area of every new pixel, exactly, whatever the ratio.

    ValueError if the new resolution is finer than the old one in either direction.
    """
    height, width = images.shape[-3:-1]
    if not (1 <= resolution[0] <= height and 1 <= resolution[1] <= width):
        raise ValueError(
            f"resolution is {resolution}, but the pictures have {(height, width)} (height, width); "
            "ask for as many pixels or fewer"
        )
    rows, columns = _overlaps(resolution[0], height), _overlaps(resolution[1], width)
    averaged = torch.einsum("ih,...hwc,jw->...ijc", rows, images, columns)
    return averaged.clamp(0, 1)  # sums of weights may miss 1 in the last digit


def _overlaps(few: int, many: int) -> Float[Tensor, "few many"]:
    """The share of each of `many` cells in each of `few` cells that cover the same length."""
    edges = torch.arange(few + 1, dtype=torch.float64)[:, None] * many / few
    cells = torch.arange(many, dtype=torch.float64)
    low, high = torch.maximum(edges[:-1], cells), torch.minimum(edges[1:], cells + 1)
    return ((high - low).clamp(min=0) * few / many).float()
