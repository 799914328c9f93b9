"""Interpolation in grids as plain loops over points and corners, in float64.

Written apart from the answers on purpose: an oracle that shares code with the solution shares its mistakes.
"""

from __future__ import annotations

import itertools
import math

import torch
from torch import Tensor


def interpolated(grid: Tensor, points: Tensor) -> Tensor:
    """`*b c` from a grid `c n1 … nd` at points `*b d`; outermost nodes at ±1, constant beyond. Differentiable."""
    found = [_at(grid.double(), point) for point in points.reshape(-1, points.shape[-1]).double()]
    return torch.stack(found).reshape(*points.shape[:-1], len(grid))


def _at(grid: Tensor, point: Tensor) -> Tensor:
    lows, shares = [], []
    for coordinate, nodes in zip(point, grid.shape[1:], strict=True):
        place = (coordinate.clamp(-1, 1) + 1) / 2 * (nodes - 1)
        low = min(math.floor(place.item()), nodes - 2)
        lows.append(low)
        shares.append(place - low)
    total = torch.zeros(len(grid), dtype=torch.float64)
    for corner in itertools.product((0, 1), repeat=len(lows)):
        weight = torch.ones((), dtype=torch.float64)
        for bit, share in zip(corner, shares, strict=True):
            weight = weight * (share if bit else 1 - share)
        node = tuple(low + bit for low, bit in zip(lows, corner, strict=True))
        total = total + weight * grid[(slice(None), *node)]
    return total


def three_planes(planes: Tensor, points: Tensor) -> Tensor:
    """`*b c`: the look-ups in the planes (x, y), (x, z) and (y, z) of planes `3 c n n`, added up."""
    pairs = ((0, 1), (0, 2), (1, 2))
    found = [
        interpolated(plane, points[..., pair]) for plane, pair in zip(planes, pairs, strict=True)
    ]
    return found[0] + found[1] + found[2]
