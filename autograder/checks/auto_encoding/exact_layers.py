"""Convolutions and linear layers in float64, tap by tap, to compare a student's encoders and decoders with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

Weights = Mapping[str, Tensor]


def encoded(images: Tensor, weights: Weights) -> Tensor:
    """The code `d` of one image `h w c`: three convolutions with stride 2, each with ReLU, and a linear layer."""
    x = images.double().permute(2, 0, 1)
    for step in range(3):
        x = _convolved(x, weights, f"convolution {step}", stride=2).clamp_min(0)
    return linear(x.reshape(-1), weights, "linear")


def decoded(code: Tensor, weights: Weights, sides: list[int]) -> Tensor:
    """The image `h w c` of one code: a linear layer, then three times ReLU, enlarge and convolve, and a sigmoid."""
    x = linear(code.double(), weights, "linear").reshape(-1, sides[0], sides[0])
    for step, side in enumerate(sides[1:]):
        twice = x.clamp_min(0).repeat_interleave(2, 1).repeat_interleave(2, 2)
        x = _convolved(twice[:, :side, :side], weights, f"convolution {step}", stride=1)
    return (1 / (1 + torch.exp(-x))).permute(1, 2, 0)


def sides_of(size: int) -> list[int]:
    """The sides of an image and of what each halving leaves of it, the smallest first."""
    sides = [size]
    for _ in range(3):
        sides.append((sides[-1] + 1) // 2)
    return sides[::-1]


def linear(x: Tensor, weights: Weights, name: str) -> Tensor:
    """W x + b of one layer, for any batch, as a sum over its inputs."""
    weight, bias = weights[f"{name}.weight"].double(), weights[f"{name}.bias"].double()
    return (x[..., None, :] * weight).sum(-1) + bias


def row_by_row(function: Any, values: Tensor, *, dimensions: int) -> Tensor:
    """A function of one item, applied to each of a batch; an item has that many dimensions."""
    batch = values.shape[: values.ndim - dimensions]
    results = [function(item) for item in values.reshape(-1, *values.shape[len(batch) :])]
    return torch.stack(results).reshape(*batch, *results[0].shape)


def _convolved(x: Tensor, weights: Weights, name: str, stride: int) -> Tensor:
    """A 3×3 convolution with a border of one zero of one picture `c h w`: the sum of nine shifted pictures."""
    weight, bias = weights[f"{name}.weight"].double(), weights[f"{name}.bias"].double()
    channels, height, width = x.shape
    framed = x.new_zeros(channels, height + 2, width + 2)
    framed[:, 1:-1, 1:-1] = x
    rows, columns = (height - 1) // stride + 1, (width - 1) // stride + 1
    total = bias[:, None, None].expand(-1, rows, columns)
    for i in range(3):
        for j in range(3):
            seen = framed[:, i : i + height : stride, j : j + width : stride]
            total = total + torch.einsum("oc,chw->ohw", weight[:, :, i, j], seen)
    return total
