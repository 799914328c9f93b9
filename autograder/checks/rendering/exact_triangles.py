"""What each pixel sees of some triangles: every ray against every triangle, in float64 (Möller & Trumbore 1997)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

CLEARANCE = 1e-4  # in uv: pixels whose centre is as close to an edge are not judged
_TIE = 1e-3  # surfaces whose depths differ by a smaller share lie too close to call
_STEEP = 1e-2  # a share of the depth: it must not change by more within the clearance


@dataclass(frozen=True)
class Seen:
    """What a right answer shows: see `rasterize`; and where it is `judged`, because nothing is a close call."""

    depth: Tensor  # h w
    barycentrics: Tensor  # h w 3
    face: Tensor  # h w
    judged: Tensor  # h w, bool


def seen(
    vertices: Tensor,
    faces: Tensor,
    K: Tensor,
    world_from_camera: Tensor,
    resolution: tuple[int, int],
    near: float,
) -> Seen:
    """The nearest triangle at each pixel's centre, and at eight places around it to know how clear a call it is."""
    height, width = resolution
    pose = world_from_camera.double()
    corners = ((vertices.double() - pose[:3, 3]) @ pose[:3, :3])[faces]
    rows = (torch.arange(height, dtype=torch.float64) + 0.5) / height
    columns = (torch.arange(width, dtype=torch.float64) + 0.5) / width
    centres = torch.stack([columns.repeat(height), rows.repeat_interleave(width)], -1)
    side = torch.tensor([0.0, -CLEARANCE, CLEARANCE], dtype=torch.float64)
    nine = centres + torch.cartesian_prod(side, side)[:, None]  # 9, h·w, 2; the centres first
    rays = torch.cat([nine, torch.ones_like(nine[..., :1])], -1) @ torch.linalg.inv(K.double()).T

    depths, weights = _intersect(rays, corners, near)
    nearest, which = depths.min(-1)
    nothing = nearest.isinf()
    face = torch.where(nothing, -1, which)
    chosen = weights[0].gather(1, which[0, :, None, None].expand(-1, 1, 3))[:, 0]
    second = depths[0].scatter(1, which[0, :, None], math.inf).amin(-1)
    flat = (nearest - nearest[0]).abs() <= _STEEP * nearest[0]
    same = (face == face[0]) & (flat | nothing)
    apart = second > nearest[0] * (1 + _TIE)
    return Seen(
        nearest[0].reshape(height, width),
        torch.where(nothing[0, :, None], 0.0, chosen).reshape(height, width, 3),
        face[0].reshape(height, width),
        (same.all(0) & (apart | nothing[0])).reshape(height, width),
    )


def _intersect(rays: Tensor, corners: Tensor, near: float) -> tuple[Tensor, Tensor]:
    """Depths `*r f`, ∞ where a ray with z = 1 misses a triangle, and barycentric weights `*r f 3`."""
    a, b, c = (corners[:, i] for i in range(3))
    d = rays[..., None, :]
    across = torch.linalg.cross(d, (c - a).expand(*rays.shape[:-1], -1, 3))
    volume = ((b - a) * across).sum(-1)
    flat = volume.abs() < 1e-12  # seen from the edge, or no triangle at all
    volume = torch.where(flat, 1.0, volume)
    v = (-a * across).sum(-1) / volume
    turned = torch.linalg.cross(-a, b - a)
    w = (d * turned).sum(-1) / volume
    depth = ((c - a) * turned).sum(-1) / volume
    met = ~flat & (v >= 0) & (w >= 0) & (v + w <= 1) & (depth >= near)
    return torch.where(met, depth, math.inf), torch.stack([1 - v - w, v, w], -1)
