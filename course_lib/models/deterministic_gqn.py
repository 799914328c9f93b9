"""A recurrent network that paints a picture in several strokes, from the sum of what the views say."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from course_lib.models.baseline import Baseline, pose_numbers
from course_lib.models.convolutions import STRIDE, WHITE, start_at
from course_lib.models.initial import SLOPE, channels_last, seeded
from course_lib.models.posed_tower import PosedTower
from course_lib.models.settings import check_resolution, check_whole
from course_lib.shapes import Float, Resolution, Tensor

_COARSE = 8  # pixels of the picture for one of the recurrent grid, along each side


@dataclass(frozen=True)
class DeterministicGqnConfig:
    """Sizes of the network; the same seed gives the same initial weights."""

    resolution: Resolution = (64, 64)
    code_length: int = 128
    width: int = 24  # channels of the encoder's finest grid
    channels: int = 48  # of the recurrent state
    steps: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        check_resolution(self, STRIDE)
        check_whole(self, code_length=1, width=1, channels=1, steps=1, seed=0)


class DeterministicGqn(Baseline):
    """Codes of posed photographs are summed; a convolutional LSTM that knows code and camera paints stroke by stroke.

    After Eslami et al. 2018, "Neural scene representation and rendering", whose latent variables are left out, as
    Sitzmann et al. 2019 do where they compare: the same photographs always give the same picture, and the loss is L2.
    Smaller than published: 4 steps instead of 12, all with the same weights, on a grid of an eighth of the picture.
    """

    def __init__(self, config: DeterministicGqnConfig | None = None) -> None:
        self.config = config = config or DeterministicGqnConfig()
        super().__init__(config.resolution, config.code_length)
        channels = config.channels
        self.grid = (channels, *(side // _COARSE for side in config.resolution))
        with seeded(config.seed):
            self.see = PosedTower(config.resolution, config.width, config.code_length)
            self.spread = nn.Linear(config.code_length + 12, channels * self.grid[1] * self.grid[2])
            self.calm = nn.GroupNorm(1, channels, affine=False)  # loud inputs would jam the gates
            self.told = nn.Conv2d(channels, 4 * channels, 3, padding=1)
            self.remembered = nn.Conv2d(channels, 4 * channels, 3, padding=1, bias=False)
            self.stroke = nn.Conv2d(channels, channels * 4, 3, padding=1)
            self.show = nn.Conv2d(channels, 3 * 16, 3, padding=1)
        start_at(self.told, 1, slice(channels, 2 * channels))  # what keeps the memory is open
        start_at(self.show, WHITE)
        channels_last(self)

    def code_of_view(
        self, images: Float[Tensor, "n h w 3"], world_from_camera: Float[Tensor, "n 4 4"]
    ) -> Float[Tensor, "n d"]:
        """What a photograph says, told from where it was taken."""
        codes: Tensor = self.see(images, world_from_camera)
        return codes

    def together(self, codes: Float[Tensor, "b v d"]) -> Float[Tensor, "b d"]:
        """Their sum, as published."""
        return codes.sum(1)

    def picture(
        self, z: Float[Tensor, "b d"], world_from_camera: Float[Tensor, "b 4 4"]
    ) -> Float[Tensor, "b h w 3"]:
        """The canvas after all strokes; each step sees code and camera again, and what the ones before have done."""
        asked = self.spread(torch.cat([z, pose_numbers(world_from_camera)], dim=1))
        told = self.told(self.calm(asked.reshape(-1, *self.grid)))
        state = memory = told.new_zeros(len(z), *self.grid)
        canvas = told.new_zeros(())
        for _ in range(self.config.steps):
            take, keep, give, new = (told + self.remembered(state)).chunk(4, dim=1)
            memory = keep.sigmoid() * memory + take.sigmoid() * new.tanh()
            state = give.sigmoid() * memory.tanh()
            canvas = canvas + nn.functional.pixel_shuffle(self.stroke(state), 2)
        shown = self.show(nn.functional.leaky_relu(canvas, SLOPE))
        image = nn.functional.pixel_shuffle(shown, 4)
        return image.sigmoid().permute(0, 2, 3, 1)
