"""A convolutional network that is told where the camera stands."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from course_lib.models.baseline import Baseline, pose_numbers
from course_lib.models.convolutions import STRIDE, Up
from course_lib.models.initial import SLOPE, channels_last, kaiming, seeded
from course_lib.models.posed_tower import PosedTower
from course_lib.models.settings import check_resolution, check_whole
from course_lib.shapes import Float, Resolution, Tensor


@dataclass(frozen=True)
class PoseConditionedConfig:
    """Sizes of the network; the same seed gives the same initial weights."""

    resolution: Resolution = (64, 64)
    code_length: int = 128
    width: int = 24  # channels of the finest grid
    hidden: int = 256
    seed: int = 0

    def __post_init__(self) -> None:
        check_resolution(self, STRIDE)
        check_whole(self, code_length=1, width=1, hidden=1, seed=0)


class PoseConditioned(Baseline):
    """A photograph becomes a code; code and target camera, through a mixing network, become a picture.

    After Tatarchenko et al. 2016, "Multi-view 3D models from single images with a convolutional network": camera and
    image have branches of their own before they meet. Smaller than published: five layers a branch instead of nine,
    codes of 128 numbers instead of 4096, colours only, and the camera as the twelve numbers of its pose instead of
    sines and cosines of its angles. The published network infers from a photograph how a car stands; most of our
    objects have no front, so it is told the photograph's camera too. Several photographs are worth the mean of their
    codes.
    """

    def __init__(self, config: PoseConditionedConfig | None = None) -> None:
        self.config = config = config or PoseConditionedConfig()
        super().__init__(config.resolution, config.code_length)
        with seeded(config.seed):
            self.see = PosedTower(config.resolution, config.width, config.code_length)
            self.place = nn.Sequential(
                nn.Linear(12, 64), nn.LeakyReLU(SLOPE), nn.Linear(64, 64), nn.LeakyReLU(SLOPE)
            )
            self.meet = nn.Sequential(
                nn.Linear(config.code_length + 64, config.hidden),
                nn.LeakyReLU(SLOPE),
                nn.Linear(config.hidden, config.hidden),
                nn.LeakyReLU(SLOPE),
            )
            kaiming(self.place)
            kaiming(self.meet)
            self.paint = Up(config.hidden, config.resolution, config.width)
        channels_last(self)

    def code_of_view(
        self, images: Float[Tensor, "n h w 3"], world_from_camera: Float[Tensor, "n 4 4"]
    ) -> Float[Tensor, "n d"]:
        """What the photograph shows, told from where it was taken."""
        codes: Tensor = self.see(images, world_from_camera)
        return codes

    def together(self, codes: Float[Tensor, "b v d"]) -> Float[Tensor, "b d"]:
        """Their mean: the paper has one view."""
        return codes.mean(1)

    def picture(
        self, z: Float[Tensor, "b d"], world_from_camera: Float[Tensor, "b 4 4"]
    ) -> Float[Tensor, "b h w 3"]:
        """Code and camera as one list of features, painted."""
        camera = self.place(pose_numbers(world_from_camera))
        image: Tensor = self.paint(self.meet(torch.cat([z, camera], dim=1)))
        return image
