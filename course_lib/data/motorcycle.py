"""A rectified stereo pair of a motorcycle with measured depth (Middlebury 2014)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from safetensors.torch import load_file

from course_lib.data.manifest import asset_path
from course_lib.data.pictures import load_image, load_levels
from course_lib.shapes import Bool, Float, Tensor

BASELINE = 0.193001  # metres
DISPARITY_STEPS = 256  # per pixel in the stored picture


@dataclass(frozen=True)
class MotorcycleStereo:
    """Two parallel cameras; the right one sits `baseline` metres to the right of the left one."""

    left: Float[Tensor, "250 370 3"]  # [0, 1]
    right: Float[Tensor, "250 370 3"]
    K_left: Float[Tensor, "3 3"]
    K_right: Float[Tensor, "3 3"]  # its principal point lies further right than the left one's
    right_from_left: Float[Tensor, "4 4"]
    baseline: float  # metres
    disparity: Float[Tensor, "250 370"]  # uv: a left point (u, v) is seen at (u − disparity, v)
    depth: Float[Tensor, "250 370"]  # metres along the left camera's z; 0 where not known
    valid: Bool[Tensor, "250 370"]  # where disparity and depth are known
    uv_left: Float[Tensor, "n 2"]  # matches on which both photographs agree
    uv_right: Float[Tensor, "n 2"]


def load_motorcycle() -> MotorcycleStereo:
    """The pair at 250×370, float32 on the CPU."""
    numbers = load_file(asset_path("motorcycle"))
    levels = load_levels("motorcycle_disparity")
    valid = levels > 0
    disparity = levels.float() / DISPARITY_STEPS / levels.shape[1]
    K_left, K_right = numbers["K_left"], numbers["K_right"]
    # The principal points differ, so infinitely far points have a disparity of u0_left − u0_right.
    parallax = disparity + K_right[0, 2] - K_left[0, 2]
    depth = torch.where(valid, K_left[0, 0] * BASELINE / parallax, 0.0)
    return MotorcycleStereo(
        left=load_image("motorcycle_left"),
        right=load_image("motorcycle_right"),
        baseline=BASELINE,
        disparity=torch.where(valid, disparity, 0.0),
        depth=depth,
        valid=valid,
        **numbers,
    )
