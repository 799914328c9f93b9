"""Where one ray passes two planes, and a cylinder, in float64: what a student's coordinates are compared with."""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checks.light_fields.lines import crossed


def through_planes(origin: Tensor, direction: Tensor, first: float, second: float) -> Tensor:
    """(x₁, y₁, x₂, y₂) of a ray that is not parallel to the planes z = first and z = second, from its moment."""
    u, v, w = direction
    a, b, _ = crossed(origin, direction)
    points = [torch.stack([height * u - b, height * v + a]) / w for height in (first, second)]
    return torch.cat(points)


def through_cylinder(origin: Tensor, direction: Tensor, radius: float) -> Tensor:
    """(angle, height) of entry, then of exit, of a ray that hits: half a chord to either side of its middle."""
    x, y, z = origin
    u, v, w = direction
    level = u * u + v * v
    middle = -(x * u + y * v) / level  # in lengths of the direction
    aside = (x * v - y * u) ** 2 / level  # squared distance from the axis
    half = ((radius**2 - aside) / level) ** 0.5
    found = []
    for t in (middle - half, middle + half):
        found += [torch.atan2(y + t * v, x + t * u), z + t * w]
    return torch.stack(found)
