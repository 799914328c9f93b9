"""Towers of convolutions: down from a photograph, up to a picture."""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import nn

from course_lib.models.initial import SLOPE, kaiming
from course_lib.shapes import Float, Resolution, Tensor

STRIDE = 16  # of the whole way down, and up
WHITE = 2.0  # the last bias: a sigmoid of 2 is nearly white paper, which most of a photograph is


class Down(nn.Module):
    """Photographs `n h w 3` become features `n k`: four 4×4 convolutions with stride 2, and a linear layer."""

    def __init__(self, resolution: Resolution, width: int, outputs: int) -> None:
        super().__init__()
        self.convolutions = nn.ModuleList(
            nn.Conv2d(a, b, 4, 2, 1)
            for a, b in pairwise((3, width, 2 * width, 4 * width, 4 * width))
        )
        left = 4 * width * (resolution[0] // STRIDE) * (resolution[1] // STRIDE)
        self.last = nn.Linear(left, outputs)
        kaiming(self)

    def forward(self, images: Float[Tensor, "n h w 3"]) -> Float[Tensor, "n k"]:
        x = (1 - images).permute(0, 3, 1, 2)  # white paper is nothing
        for convolution in self.convolutions:
            x = nn.functional.leaky_relu(convolution(x), SLOPE)
        features: Tensor = self.last(x.flatten(1))
        return features


class Up(nn.Module):
    """Features `n k` become pictures `n h w 3`: a linear layer, and four sub-pixel convolutions.

    A sub-pixel convolution (Shi et al. 2016) computes the four pixels that one becomes as channels of the coarse
    grid: cheaper than convolving the fine one.
    """

    def __init__(self, inputs: int, resolution: Resolution, width: int) -> None:
        super().__init__()
        self.start = (4 * width, resolution[0] // STRIDE, resolution[1] // STRIDE)
        rows, columns = self.start[1:]
        self.first = nn.Linear(inputs, 4 * width * rows * columns)
        self.convolutions = nn.ModuleList(
            nn.Conv2d(a, 4 * b, 3, padding=1)
            for a, b in pairwise((4 * width, 4 * width, 2 * width, width))
        )
        self.last = nn.Conv2d(width, 4 * 3, 3, padding=1)
        kaiming(self)
        start_at(self.last, WHITE)

    def forward(self, features: Float[Tensor, "n k"]) -> Float[Tensor, "n h w 3"]:
        x: Tensor = self.first(features).reshape(-1, *self.start)
        for convolution in (*self.convolutions, self.last):
            x = nn.functional.leaky_relu(x, SLOPE)
            x = nn.functional.pixel_shuffle(convolution(x), 2)
        return x.sigmoid().permute(0, 2, 3, 1)


def start_at(convolution: nn.Conv2d, value: float, channels: slice = slice(None)) -> None:
    """Set biases, of all channels or some, to a value that the first pictures should start from."""
    assert convolution.bias is not None
    with torch.no_grad():
        convolution.bias[channels] = value
