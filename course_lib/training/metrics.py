"""The number beside every progress bar."""

from __future__ import annotations

import math

from course_lib.shapes import Float, Tensor
from course_lib.withheld import withheld_from


@withheld_from("psnr")
def psnr(image: Float[Tensor, "*b"], truth: Float[Tensor, "*b"]) -> float:
    """Peak signal-to-noise ratio of all values together, in decibels; ∞ for equal images in [0, 1].

    Raises:
        ValueError: the shapes differ (broadcasting would give a meaningless number), there is nothing to
            compare, or a value is NaN or infinite.
    """
    if tuple(image.shape) != tuple(truth.shape):
        raise ValueError(f"psnr: shapes differ: {tuple(image.shape)} and {tuple(truth.shape)}")
    if image.numel() == 0:
        raise ValueError(f"psnr: there is nothing to compare; both have shape {tuple(image.shape)}")
    error = float((image.detach() - truth.detach()).double().square().mean())
    if not math.isfinite(error):
        counts = (int((~values.isfinite()).sum()) for values in (image, truth))
        raise ValueError(
            "psnr: {} values of the image and {} of the truth are NaN or infinite. Look for a division by zero "
            "in the renderer; did training diverge?".format(*counts)
        )
    return -10 * math.log10(error) if error > 0 else math.inf
