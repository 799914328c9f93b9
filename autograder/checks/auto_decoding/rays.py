"""Rays and depths in float64, ray by ray, from the textbook's formulas: what a student's points are compared with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import Tensor


def ray(uv: Tensor, K: Tensor, world_from_camera: Tensor) -> tuple[Tensor, Tensor]:
    """Where one pixel's ray begins, and its direction: one unit of depth long. Differentiable."""
    pose, one = world_from_camera.double(), torch.ones(1, dtype=torch.float64)
    in_camera = torch.linalg.solve(K.double(), torch.cat([uv.double(), one]))
    return pose[:3, 3], pose[:3, :3] @ in_camera


def points_at(uv: Tensor, depth: Tensor, K: Tensor, world_from_camera: Tensor) -> Tensor:
    """World points `*b 3` at these depths; batch dimensions broadcast."""
    inputs = (uv, 1), (depth, 0), (K, 2), (world_from_camera, 2)  # dimensions of a single one
    shapes = [(x.shape[: x.ndim - n], x.shape[x.ndim - n :]) for x, n in inputs]
    batch = np.broadcast_shapes(*(shape for shape, _ in shapes))
    flat = [
        x.expand(batch + own).reshape(-1, *own)
        for (x, _), (_, own) in zip(inputs, shapes, strict=True)
    ]
    found = []
    for one_uv, one_depth, one_K, pose in zip(*flat, strict=True):
        origin, direction = ray(one_uv, one_K, pose)
        found.append(origin + one_depth.double() * direction)
    return torch.stack(found).reshape(*batch, 3)


def depths_of(x: Tensor, world_from_camera: Tensor) -> Tensor:
    """z `*b` of world points in the camera's frame: how far along the optical axis, which is R's third column."""
    batch = np.broadcast_shapes(x.shape[:-1], world_from_camera.shape[:-2])
    points = x.double().expand(*batch, 3).reshape(-1, 3)
    poses = world_from_camera.double().expand(*batch, 4, 4).reshape(-1, 4, 4)
    found = [(point - pose[:3, 3]) @ pose[:3, 2] for point, pose in zip(points, poses, strict=True)]
    return torch.stack(found).reshape(batch)


def marched(
    scene: Callable[[Tensor], Tensor],
    marcher: Callable[..., tuple[Tensor, Any]],
    uv: Tensor,
    K: Tensor,
    world_from_camera: Tensor,
    steps: int,
    start: float,
) -> tuple[Tensor, Tensor]:
    """Points `b p 3` and depths `k+1 b p` of Algorithm 1, by a table of all rays made beforehand."""
    pairs = [
        [ray(pixel, K[i], world_from_camera[i]) for pixel in uv[i].double()] for i in range(len(uv))
    ]
    origins = torch.stack([torch.stack([origin for origin, _ in row]) for row in pairs])
    directions = torch.stack([torch.stack([direction for _, direction in row]) for row in pairs])
    depth = torch.full(uv.shape[:2], start, dtype=torch.float64)
    depths, memory = [depth], None
    for _ in range(steps):
        step, memory = marcher(scene(origins + depth[..., None] * directions), memory)
        depth = depth + step
        depths.append(depth)
    return origins + depth[..., None] * directions, torch.stack(depths)
