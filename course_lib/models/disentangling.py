"""A convolutional network whose code turns as the camera turns."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from course_lib.models.baseline import Baseline
from course_lib.models.convolutions import STRIDE, Down, Up
from course_lib.models.initial import channels_last, seeded
from course_lib.models.settings import check_resolution, check_whole
from course_lib.shapes import Float, Resolution, Tensor


@dataclass(frozen=True)
class DisentanglingConfig:
    """Sizes of the network; the same seed gives the same initial weights."""

    resolution: Resolution = (64, 64)
    vectors: int = 64  # of three numbers each
    width: int = 24  # channels of the finest grid
    seed: int = 0

    def __post_init__(self) -> None:
        check_resolution(self, STRIDE)
        check_whole(self, vectors=1, width=1, seed=0)


class Disentangling(Baseline):
    """The code is a list of vectors, which the feature transform layer turns from camera to camera by their rotations.

    After Worrall et al. 2017, "Interpretable transformations with encoder-decoder networks": encode, turn the
    features by the known rotation from one view to the other, decode. Here a code is kept in the world's axes:
    vectors seen by a camera are turned into the world, and for another picture into its camera's axes, so that
    together they turn by the relative rotation, and codes of several views can be averaged. The network never learns
    where a camera stands, only which way it looks: enough for cameras that look at the object from one distance.
    """

    def __init__(self, config: DisentanglingConfig | None = None) -> None:
        self.config = config = config or DisentanglingConfig()
        super().__init__(config.resolution, 3 * config.vectors)
        with seeded(config.seed):
            self.see = Down(config.resolution, config.width, self.code_length)
            self.paint = Up(self.code_length, config.resolution, config.width)
        channels_last(self)

    def code_of_view(
        self, images: Float[Tensor, "n h w 3"], world_from_camera: Float[Tensor, "n 4 4"]
    ) -> Float[Tensor, "n d"]:
        """The vectors that the photograph shows, in world axes."""
        return turned(self.see(images), world_from_camera[:, :3, :3])

    def together(self, codes: Float[Tensor, "b v d"]) -> Float[Tensor, "b d"]:
        """Their mean: the paper has one view."""
        return codes.mean(1)

    def picture(
        self, z: Float[Tensor, "b d"], world_from_camera: Float[Tensor, "b 4 4"]
    ) -> Float[Tensor, "b h w 3"]:
        """The vectors in the camera's axes, painted."""
        camera_from_world = world_from_camera[:, :3, :3].mT
        image: Tensor = self.paint(turned(z, camera_from_world))
        return image


def turned(z: Float[Tensor, "b d"], rotation: Float[Tensor, "b 3 3"]) -> Float[Tensor, "b d"]:
    """The feature transform layer: every three numbers of a code are a vector, and all turn by one rotation."""
    vectors = z.reshape(len(z), -1, 3)
    return torch.einsum("bij,bnj->bni", rotation, vectors).flatten(1)
