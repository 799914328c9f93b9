"""Photographs from disk as tensors."""

from __future__ import annotations

import numpy as np
import torch
from PIL import Image

from course_lib.data.manifest import asset_path
from course_lib.shapes import Float, Int, Tensor


def load_image(name: str) -> Float[Tensor, "h w 3"]:
    """The asset's picture as float32 in [0, 1]; a grey one is repeated over the channels."""
    with Image.open(asset_path(name)) as picture:
        return torch.from_numpy(np.array(picture.convert("RGB"))).float() / 255


def load_levels(name: str) -> Int[Tensor, "h w"]:
    """A single-channel picture of 8 or 16 bits as whole numbers."""
    with Image.open(asset_path(name)) as picture:
        return torch.from_numpy(np.array(picture).astype(np.int64))
