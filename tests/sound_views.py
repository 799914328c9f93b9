"""Random but sound views for tests of everything that takes or gives PosedViews."""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from course_lib.data import PosedViews

NAMES = ("background", "body", "wheel")


def rotations(count: int, generator: torch.Generator) -> Tensor:
    q, _ = torch.linalg.qr(torch.randn(count, 3, 3, generator=generator, dtype=torch.float64))
    q[..., 2] *= torch.linalg.det(q)[:, None]
    return q.float()


def make_views(
    *batch: int, resolution: tuple[int, int] = (5, 7), seed: int = 0, extras: bool = True
) -> PosedViews:
    """Random but sound views, no two alike, with fx ≠ fy and a principal point off the middle."""
    generator = torch.Generator().manual_seed(seed)
    count, shape = math.prod(batch), (*batch, *resolution)
    pose = torch.eye(4).repeat(count, 1, 1)
    pose[:, :3, :3] = rotations(count, generator)
    pose[:, :3, 3] = torch.randn(count, 3, generator=generator)
    more: dict[str, Any] = {}
    if extras:
        depth = 0.5 + torch.rand(shape, generator=generator)
        labels = torch.randint(0, 3, shape, generator=generator, dtype=torch.uint8)
        normals = torch.randn(*shape, 3, generator=generator)
        normals /= normals.norm(dim=-1, keepdim=True)
        empty = labels == 0
        more = {
            "depth": depth.masked_fill(empty, math.inf),
            "normals": normals.masked_fill(empty[..., None], 0),
            "labels": labels,
            "label_names": NAMES,
        }
    return PosedViews(
        images=torch.rand(*shape, 3, generator=generator),
        K=torch.tensor([[1.1, 0.01, 0.45], [0, 1.4, 0.6], [0, 0, 1]]).expand(*batch, 3, 3),
        world_from_camera=pose.reshape(*batch, 4, 4),
        near=0.4,
        far=3.5,
        name="made up",
        **more,
    )
