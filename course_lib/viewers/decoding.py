"""Asking a student's decoder for images, and telling what is wrong with what it returns."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from course_lib.shapes import Float, Tensor
from course_lib.viewers.arrays import Array, as_images

Decode = Callable[[Tensor], Any]


def decoded_images(decode: Decode, codes: Float[Tensor, "n d"]) -> list[Array]:
    """The images `h w 3` in [0, 1] that `decode` makes of these codes, without gradients.

    ValueError if it returns anything but `n h w 3`, `n h w 1` or `n h w`; else what it raises.
    """
    with torch.no_grad():
        found = decode(codes)
    n, shape = len(codes), getattr(found, "shape", None)
    if shape is None:
        raise ValueError(
            f"decode must return images as a tensor (n h w 3) or (n h w 1); got {type(found).__name__}"
        )
    shape = tuple(shape)
    fits = len(shape) == 3 or (len(shape) == 4 and shape[3] in (1, 3))
    if not fits or shape[0] != n or 0 in shape:
        hint = ""
        if len(shape) == 4 and shape[1] in (1, 3):
            hint = " Channels come last: permute(0, 2, 3, 1)"
        elif len(shape) == 2:
            hint = " Reshape every row to (height, width, channels)"
        raise ValueError(
            f"decode was given codes of shape {tuple(codes.shape)} and must return images of shape "
            f"({n} h w 3) or ({n} h w 1); got {shape}.{hint}"
        )
    if isinstance(found, Tensor):
        found = found.detach().cpu()
    return as_images("what decode returned", np.asarray(found), n)
