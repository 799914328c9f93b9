"""A wooden chair with a cushion as coloured points."""

from __future__ import annotations

from dataclasses import dataclass

from safetensors.torch import load_file

from course_lib.data.manifest import asset_path
from course_lib.shapes import Float, Tensor


@dataclass(frozen=True)
class PointCloud:
    """Points in world coordinates: z up, front towards +x, bounding box centred, its diagonal 1."""

    points: Float[Tensor, "n 3"]
    colors: Float[Tensor, "n 3"]  # rgb in [0, 1], light baked in
    normals: Float[Tensor, "n 3"]  # unit, outwards

    def subset(self, count: int) -> PointCloud:
        """The first `count` points; the order is random, so any prefix covers the chair."""
        available = len(self.points)
        if not 1 <= count <= available:
            raise ValueError(f"count must lie in 1…{available}, the points there are; got {count}")
        return PointCloud(self.points[:count], self.colors[:count], self.normals[:count])


def load_chair() -> PointCloud:
    """20,000 points, evenly spread over the surface that can be seen; float32, on the CPU."""
    stored = load_file(asset_path("chair"))
    low, high = stored["low"], stored["high"]
    points = low + stored["points"].float() / 65535 * (high - low)
    normals = stored["normals"].float()
    normals = normals / normals.norm(dim=-1, keepdim=True)
    return PointCloud(points, stored["colors"].float() / 255, normals)
