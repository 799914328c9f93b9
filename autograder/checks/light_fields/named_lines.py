"""Plücker coordinates and camera rays in float64, coordinate by coordinate: what given light fields are asked with."""

from __future__ import annotations

import torch
from torch import Tensor


def lines_of(origins: Tensor, directions: Tensor) -> Tensor:
    """(d, m) `*b 6` of rays that have a direction; batch dimensions broadcast."""
    shape = torch.broadcast_shapes(origins.shape, directions.shape)  # type: ignore[no-untyped-call]
    o, d = origins.double().expand(shape), directions.double().expand(shape)
    d = d / d.square().sum(-1, keepdim=True).sqrt()
    (ox, oy, oz), (dx, dy, dz) = o.unbind(-1), d.unbind(-1)
    moment = [oy * dz - oz * dy, oz * dx - ox * dz, ox * dy - oy * dx]
    return torch.cat([d, torch.stack(moment, -1)], -1)


def lines_of_pixels(K: Tensor, world_from_camera: Tensor, resolution: tuple[int, int]) -> Tensor:
    """The lines `h w 6` on which the centres of a camera's pixels lie."""
    height, width = resolution
    v, u = (torch.arange(n, dtype=torch.float64).add(0.5) / n for n in resolution)
    shape = (height, width)
    ones = torch.ones(shape, dtype=torch.float64)
    uv1 = torch.stack([u.expand(shape), v[:, None].expand(shape), ones], -1)
    pose = world_from_camera.double()
    in_camera: Tensor = torch.linalg.solve(K.double(), uv1.reshape(-1, 3).T).T
    return lines_of(pose[:3, 3], in_camera @ pose[:3, :3].T).reshape(*shape, 6)
