"""Distances from a box and a torus the long way round, in float64: from their faces, and from points on a circle.

Written apart from the answers on purpose: an oracle that shares code with the solution shares its mistakes.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

_POINTS = 8192  # on the circle: they are so close that the nearest is as good as exact (1e-6)


def box_distance(points: Tensor, half_sizes: Tensor) -> Tensor:
    """Signed distances `*b` of points `*b 3` from a box: the nearest of its six rectangles."""
    x, h = points.double(), half_sizes.double()
    nearest = torch.full(x.shape[:-1], math.inf, dtype=torch.float64)
    for axis in range(3):
        for side in (-1.0, 1.0):
            on_face = torch.maximum(torch.minimum(x, h), -h)
            on_face[..., axis] = side * h[axis]
            nearest = torch.minimum(nearest, (x - on_face).square().sum(-1).sqrt())
    within = ((x > -h) & (x < h)).all(-1)
    return torch.where(within, -nearest, nearest)


def torus_distance(points: Tensor, major: float, minor: float) -> Tensor:
    """Signed distances `*b` of points `*b 3` from a torus about the z axis, seen from its circle."""
    angle = torch.linspace(0, 2 * math.pi, _POINTS + 1, dtype=torch.float64)[:-1]
    circle = major * torch.stack([angle.cos(), angle.sin(), torch.zeros_like(angle)], -1)
    offsets = points.double()[..., None, :] - circle
    return offsets.square().sum(-1).amin(-1).sqrt() - minor
