"""A scene for tests of the orbit viewer: it remembers what it was asked for."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from course_lib.viewers import OrbitViewer

Maps = dict[str, Tensor]


def look_at(eye: Tensor, target: Tensor, up: Tensor) -> Tensor:
    """This test's own: forward, right, down."""
    forward = torch.nn.functional.normalize(target - eye, dim=-1)
    right = torch.nn.functional.normalize(torch.linalg.cross(forward, up), dim=-1)
    pose = torch.eye(4)
    pose[:3, :3] = torch.stack([right, torch.linalg.cross(forward, right), forward], dim=-1)
    pose[:3, 3] = eye
    return pose


class Scene:
    """A renderer that remembers what it was asked for; its colours tell the camera's position."""

    def __init__(self) -> None:
        self.poses: list[Tensor] = []
        self.resolutions: list[tuple[int, int]] = []
        self.samples: list[int] = []
        self.rays: list[Tensor] = []
        self.broken = ""

    def __call__(self, pose: Tensor, resolution: tuple[int, int], samples: int) -> Maps:
        self.poses.append(pose)
        self.resolutions.append(resolution)
        self.samples.append(samples)
        if self.broken:
            raise ZeroDivisionError(self.broken)
        rgb = ((pose[:3, 3] + 3) / 6).expand(*resolution, 3)
        depth = torch.linspace(1, 2, resolution[1]).expand(resolution)
        return {"rgb": rgb, "depth": depth, "normals": torch.zeros(*resolution, 3)}

    def along(self, pose: Tensor, uv: Tensor, samples: int) -> Mapping[str, Any]:
        self.rays.append(uv)
        n = torch.ones(samples)
        distances = torch.linspace(1, 2, samples)
        values = {"sigma": n, "alpha": n, "transmittance": n, "weights": n / samples}
        return {"distances": distances, **values}

    def viewer(self, **options: Any) -> OrbitViewer:
        options = {"resolution": (24, 32), "samples": 16, "along_ray": self.along} | options
        return OrbitViewer(self, look_at, **options)


def decoded(png: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    return np.array(Image.open(io.BytesIO(png)).convert("RGB"))


def clock(*seconds: float) -> Callable[[], float]:
    """A clock under which measured blocks last so long, one after the other."""
    times = iter([time for duration in seconds for time in (0.0, duration)])
    return lambda: next(times)
