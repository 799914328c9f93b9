"""How alike two sets of views are: PSNR and SSIM, the same to the last bit from run to run.

Errors are summed in whole numbers and filters add in a fixed order, so nothing depends on how many threads or which
instructions a machine has. Scores are rounded as they are shown, and what is shown is what bands are compared with.

Notebook 3 asks students to write both, so neither a release nor the wheel holds this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, UInt8
from numpy.typing import NDArray

from course_lib.withheld import withheld_from

CEILING = 60.0  # dB: beyond it 8 bits a colour tell no difference; identical views have it too
WINDOW, SIGMA = 11, 1.5  # pixels: the Gaussian window of Wang et al. 2004, section III.C
K1, K2 = 0.01, 0.03  # likewise
Numbers = NDArray[Any]


@dataclass(frozen=True)
class Scores:
    """Means over all views, rounded: 0.01 dB and 0.0001."""

    psnr: float
    ssim: float


def scores(
    expected: UInt8[Numbers, "v h w 3"], predicted: UInt8[Numbers, "v h w 3"]
) -> tuple[Scores, list[float]]:
    """The scores of predicted views, and the PSNR of each view. Both dimensions need 11 pixels.

    Raises:
        ValueError: unequal shapes, no views, another dtype, or views smaller than SSIM's window.
    """
    _check(expected, predicted)
    each = [psnr(a, b) for a, b in zip(expected, predicted, strict=True)]
    alike = [ssim(a, b) for a, b in zip(expected, predicted, strict=True)]
    count = len(each)
    mean = Scores(round(sum(each) / count, 2), round(sum(alike) / count, 4))
    return mean, each


@withheld_from("psnr")
def psnr(expected: UInt8[Numbers, "h w 3"], predicted: UInt8[Numbers, "h w 3"]) -> float:
    """Peak signal-to-noise ratio of one view in dB, 10·log₁₀(255² / mean squared error), at most 60."""
    difference = expected.astype(np.int64) - predicted.astype(np.int64)
    squares = int((difference * difference).sum())  # whole numbers: in any order the same
    if squares == 0:
        return CEILING
    return min(CEILING, float(10.0 * np.log10(255.0**2 * difference.size / squares)))


@withheld_from("ssim")
def ssim(expected: UInt8[Numbers, "h w 3"], predicted: UInt8[Numbers, "h w 3"]) -> float:
    """Structural similarity of one view (Wang et al. 2004, equation 13), mean over pixels and colours.

    Only windows that lie wholly inside count, as in the authors' own code.
    """
    x, y = expected.astype(np.float64) / 255, predicted.astype(np.float64) / 255
    mean_x, mean_y = _blurred(x), _blurred(y)
    variance_x = _blurred(x * x) - mean_x * mean_x
    variance_y = _blurred(y * y) - mean_y * mean_y
    covariance = _blurred(x * y) - mean_x * mean_y
    c1, c2 = K1**2, K2**2
    luminance = (2 * mean_x * mean_y + c1) / (mean_x * mean_x + mean_y * mean_y + c1)
    structure = (2 * covariance + c2) / (variance_x + variance_y + c2)
    return float((luminance * structure).mean())


def window() -> Float[Numbers, " taps"]:
    """One axis of the Gaussian window; its weights add up to 1."""
    offsets = np.arange(WINDOW) - WINDOW // 2
    weights = np.exp(-0.5 * (offsets / SIGMA) ** 2)
    normalised: Numbers = weights / weights.sum()
    return normalised


def _blurred(image: Float[Numbers, "h w c"]) -> Float[Numbers, "h-10 w-10 c"]:
    """The image under the window, one axis after the other, where the window lies inside."""
    weights = window()
    height, width = image.shape[0] - WINDOW + 1, image.shape[1] - WINDOW + 1
    rows = np.zeros((height, *image.shape[1:]))
    for k, weight in enumerate(weights):
        rows += weight * image[k : k + height]
    result = np.zeros((height, width, image.shape[2]))
    for k, weight in enumerate(weights):
        result += weight * rows[:, k : k + width]
    return result


def _check(expected: Numbers, predicted: Numbers) -> None:
    if expected.dtype != np.uint8 or predicted.dtype != np.uint8:
        raise ValueError(f"views are uint8; got {expected.dtype} and {predicted.dtype}")
    if expected.shape != predicted.shape or expected.ndim != 4 or not len(expected):
        raise ValueError(
            f"expected and predicted views need one shape (v, h, w, 3), v ≥ 1; got "
            f"{expected.shape} and {predicted.shape}"
        )
    if min(expected.shape[1:3]) < WINDOW:
        raise ValueError(
            f"views of {expected.shape[1]}×{expected.shape[2]} are smaller than SSIM's window "
            f"of {WINDOW}×{WINDOW}"
        )
