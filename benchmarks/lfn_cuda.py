"""A folded light field on a GPU: a frame recorded once as a CUDA graph and played back for every camera.

Between two products there are a few short passes, each a launch of its own; a graph launches them all at once. It has
not been run on a GPU yet; `frames_per_second` is None without one.
"""

from __future__ import annotations

import time

import numpy as np
import torch
from torch import Tensor

from course_lib.scenes import intrinsics, orbit_poses
from course_lib.scenes.cameras import FOCAL
from course_lib.shapes import Float
from course_lib.solved.camera_geometry import pixel_centers
from course_lib.solved.light_fields import FoldedLightField, LightFieldConfig, LightFieldNetwork


class RecordedFrames:
    """All pixels of a camera that moves, without a decision in between: the pose in, the image out."""

    def __init__(
        self, field: FoldedLightField, K: Float[Tensor, "3 3"], resolution: tuple[int, int]
    ) -> None:
        """Record; `field` and K are on a CUDA device."""
        self._field, self._resolution = field, resolution
        uv = pixel_centers(resolution, K.device).reshape(-1, 2)
        q = torch.cat([uv, torch.ones_like(uv[:, :1])], dim=-1) @ torch.linalg.inv(K).T
        x = torch.cat([q, q.norm(dim=-1, keepdim=True)], dim=-1)
        self._first = field.posed(torch.eye(4, device=K.device))
        beside = torch.cuda.Stream()
        beside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(beside):  # libraries set themselves up in their first calls
            for _ in range(3):
                field.through(x, self._first)
        torch.cuda.current_stream().wait_stream(beside)
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._rgb = field.through(x, self._first)

    def __call__(self, world_from_camera: Float[Tensor, "4 4"]) -> Float[Tensor, "h w 3"]:
        """The image, in memory that the next call writes again."""
        self._first.copy_(self._field.posed(world_from_camera))
        self._graph.replay()
        return self._rgb.reshape(*self._resolution, 3)


def frames_per_second(pixels: int = 256, frames: int = 500) -> float | None:
    """Frames a second of the published network in bfloat16, from around; None without CUDA."""
    if not torch.cuda.is_available():
        return None
    resolution = (pixels, pixels)
    model = LightFieldNetwork(LightFieldConfig()).cuda()
    weights = model.weights(torch.zeros(1, model.config.code_length, device="cuda"))
    with torch.no_grad():
        field = FoldedLightField(weights, dtype=torch.bfloat16)
        recorded = RecordedFrames(field, intrinsics(FOCAL, resolution).cuda(), resolution)
        around = np.linspace(0, 360, frames, endpoint=False)
        poses = orbit_poses(around, np.full(frames, 25.0), 1.2).cuda()
        recorded(poses[0])
        torch.cuda.synchronize()
        start = time.perf_counter()
        for pose in poses:
            recorded(pose)
        torch.cuda.synchronize()
    return frames / (time.perf_counter() - start)
