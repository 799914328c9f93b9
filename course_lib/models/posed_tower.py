"""A photograph and its camera as one code."""

from __future__ import annotations

import torch
from torch import nn

from course_lib.models.baseline import pose_numbers
from course_lib.models.convolutions import Down
from course_lib.models.initial import SLOPE, kaiming
from course_lib.shapes import Float, Resolution, Tensor


class PosedTower(nn.Module):
    """Photographs `n h w 3` and their cameras become codes `n d`: convolutions, then the pose joins.

    Codes are normalised: decoders with gates saturate when codes grow, and learn nothing any more.
    """

    def __init__(self, resolution: Resolution, width: int, code_length: int) -> None:
        super().__init__()
        self.see = Down(resolution, width, 2 * code_length)
        self.read = nn.Sequential(
            nn.Linear(2 * code_length + 12, 2 * code_length),
            nn.LeakyReLU(SLOPE),
            nn.Linear(2 * code_length, code_length),
            nn.LayerNorm(code_length, elementwise_affine=False),
        )
        kaiming(self.read)

    def forward(
        self, images: Float[Tensor, "n h w 3"], world_from_camera: Float[Tensor, "n 4 4"]
    ) -> Float[Tensor, "n d"]:
        seen = nn.functional.leaky_relu(self.see(images), SLOPE)
        codes: Tensor = self.read(torch.cat([seen, pose_numbers(world_from_camera)], dim=1))
        return codes
