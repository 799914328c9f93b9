"""Features lifted into space, one view of one object at a time, in float64: projected, and read from four pixels.

Written apart from the answers on purpose: an oracle that shares code with the solution shares its mistakes.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

MARGIN = 1e-3  # of uv and depth: closer to the edge of what a camera sees, rounding decides


@dataclass(frozen=True)
class Lifted:
    """What all views of all objects say about every point."""

    volume: Tensor  # b c x y z
    count: Tensor  # b x y z, how many views see a point
    judged: Tensor  # b x y z, False where rounding decides whether a view sees it


def lifted(features: Tensor, K: Tensor, world_from_camera: Tensor, points: Tensor) -> Lifted:
    """The mean of `features` (b v c h w) over the views that see a point of `points` (x y z 3). Differentiable."""
    flat = points.reshape(-1, 3).double()
    volumes, counts, judged = [], [], []
    for maps, matrices, poses in zip(features, K, world_from_camera, strict=True):
        total = features.new_zeros(features.shape[2], len(flat), dtype=torch.float64)
        count = torch.zeros(len(flat), dtype=torch.int64)
        clear = torch.ones(len(flat), dtype=torch.bool)
        for view, matrix, pose in zip(maps, matrices.double(), poses.double(), strict=True):
            camera = (flat - pose[:3, 3]) @ pose[:3, :3]  # rows times R are Rᵀ times columns
            u, v, depth = (camera @ matrix.T).unbind(-1)
            u, v = u / depth, v / depth
            slack = torch.stack([u, 1 - u, v, 1 - v, depth])
            seen = (slack >= 0).all(0)
            # NaN and ∞ (0 / 0 in the camera's centre) are not seen, whatever rounding does.
            clear &= ~((slack > -MARGIN).all(0) & (slack < MARGIN).any(0))
            for n in seen.nonzero()[:, 0].tolist():
                total[:, n] = total[:, n] + read(view.double(), float(u[n]), float(v[n]))
            count += seen
        volumes.append(total / count.clamp_min(1))
        counts.append(count)
        judged.append(clear)
    size = points.shape[:3]
    volume = torch.stack(volumes).reshape(len(features), -1, *size)
    return Lifted(volume, *(torch.stack(x).reshape(-1, *size) for x in (counts, judged)))


def read(image: Tensor, u: float, v: float) -> Tensor:
    """The channels of an image `c h w` at uv: bilinear between pixel centres, constant beyond the outermost."""
    _, height, width = image.shape
    column = min(max(u * width - 0.5, 0.0), width - 1.0)
    row = min(max(v * height - 0.5, 0.0), height - 1.0)
    left, top = min(int(column), max(width - 2, 0)), min(int(row), max(height - 2, 0))
    right, bottom = min(left + 1, width - 1), min(top + 1, height - 1)
    across, down = column - left, row - top
    above = (1 - across) * image[:, top, left] + across * image[:, top, right]
    below = (1 - across) * image[:, bottom, left] + across * image[:, bottom, right]
    return (1 - down) * above + down * below
