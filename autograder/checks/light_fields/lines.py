"""Lines in Plücker coordinates, one by one in float64: what a student's lines are compared with.

Written apart from the answers on purpose: an oracle that shares code with the solution shares its mistakes.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor


def crossed(a: Tensor, b: Tensor) -> Tensor:
    """a × b of two vectors, number by number."""
    (x, y, z), (u, v, w) = a, b
    return torch.stack([y * w - z * v, z * u - x * w, x * v - y * u])


def length(v: Tensor) -> Tensor:
    """‖v‖ of one vector."""
    squared: Tensor = (v * v).sum()
    return squared**0.5


def row_by_row(function: Callable[..., Tensor], *values: Tensor) -> Tensor:
    """`function` of vectors, for batches `*b n` that broadcast against each other; in float64."""
    batch = np.broadcast_shapes(*(value.shape[:-1] for value in values))
    rows = [v.double().expand(*batch, v.shape[-1]).reshape(-1, v.shape[-1]) for v in values]
    found = torch.stack([function(*row) for row in zip(*rows, strict=True)])
    return found.reshape((*batch, *found.shape[1:]))


def line(origin: Tensor, direction: Tensor) -> Tensor:
    """(d, m) of one ray; six zeros for a ray that goes nowhere."""
    if not direction.any():
        return torch.zeros(6, dtype=direction.dtype)
    return torch.cat([direction, crossed(origin, direction)]) / length(direction)


def nearest(given: Tensor, x: Tensor) -> Tensor:
    """The point of a line (d, m) that is nearest to x: x, moved at a right angle to d until its moment is m."""
    d, m = given[:3], given[3:]
    return x + crossed(d, m - crossed(x, d)) / (d * d).sum()


def apart(a: Tensor, b: Tensor) -> Tensor:
    """The least distance of two lines, found as the shortest way between a point of one and a point of the other."""
    p, q = (crossed(x[:3], x[3:]) / (x[:3] * x[:3]).sum() for x in (a, b))
    d, e, between = a[:3], b[:3], q - p
    slope = (d * e).sum()
    free = 1 - slope * slope
    if free < 1e-14:
        return length(between - (between * d).sum() * d)
    # Where a derivative of |p + s d − q − t e|² by s, and by t, is zero.
    s = ((between * d).sum() - slope * (between * e).sum()) / free
    t = (slope * (between * d).sum() - (between * e).sum()) / free
    return length(between + t * e - s * d)


def along(lines: Tensor, gradient: Tensor) -> Tensor:
    """The part of a gradient `*b 6` that is about lines `*b 6`.

    Six numbers are a line where ‖d‖ = 1 and d · m = 0. Two answers that agree for all lines may differ beside them.
    """
    d, m = lines.double().chunk(2, dim=-1)
    left = gradient.double()
    for normal in (torch.cat([d, torch.zeros_like(d)], -1), torch.cat([m, d], -1)):
        share = (left * normal).sum(-1, keepdim=True) / normal.square().sum(-1, keepdim=True)
        left = left - share * normal
    return left
