"""Transposed 3D convolutions node by node of the kernel, in float64: each input node adds a kernel to the output.

Written apart from the answers on purpose: an oracle that shares code with the solution shares its mistakes.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import torch
from torch import Tensor


def spread(grid: Tensor, kernel: Tensor, bias: Tensor, stride: int, padding: int) -> Tensor:
    """`b o m m m` from a grid `b i n n n` and a kernel `i o k k k`, with m = (n − 1)·stride + k − 2·padding.

    Input node j adds its kernel to the output nodes from stride·j − padding on. Differentiable.
    """
    nodes, size = grid.shape[-1], kernel.shape[-1]
    reach = (nodes - 1) * stride + size
    total = grid.new_zeros(len(grid), kernel.shape[1], reach, reach, reach)
    hit = [slice(k, k + (nodes - 1) * stride + 1, stride) for k in range(size)]
    for x, y, z in itertools.product(range(size), repeat=3):
        added = torch.einsum("bixyz,io->boxyz", grid, kernel[:, :, x, y, z])
        total[:, :, hit[x], hit[y], hit[z]] += added
    inside = slice(padding, reach - padding)
    return total[..., inside, inside, inside] + bias[:, None, None, None]


def decoded(parameters: Mapping[str, Tensor], z: Tensor) -> Tensor:
    """`b c 32 32 32` from codes `b d`: steps 0 to 3, each "step i kernel" and "step i bias", ReLU between them."""
    grid = z.double()[:, :, None, None, None]
    for step in range(4):
        kernel, bias = (parameters[f"step {step} {part}"].double() for part in ("kernel", "bias"))
        stride, padding = (1, 0) if step == 0 else (2, 1)
        grid = spread(grid if step == 0 else grid.clamp_min(0), kernel, bias, stride, padding)
    return grid
