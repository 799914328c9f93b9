"""The number beside every progress bar."""

from __future__ import annotations

import math

from course_lib.shapes import Float, Tensor


def psnr(image: Float[Tensor, "*b"], truth: Float[Tensor, "*b"]) -> float:
    """Peak signal-to-noise ratio of all values together, in decibels; ∞ for equal images in [0, 1].

    Raises:
        ValueError: the shapes differ (broadcasting would give a meaningless number).
    """
    if image.shape != truth.shape:
        raise ValueError(f"psnr: shapes differ: {tuple(image.shape)} and {tuple(truth.shape)}")
    error = float((image.detach() - truth.detach()).double().square().mean())
    return -10 * math.log10(error) if error > 0 else math.inf
