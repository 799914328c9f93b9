"""Which part can be seen where: each part's planes and bounding rectangle in each view.

From one camera, num = d − n·o is the same for all rays, so 1 / t = den / num = (n / num)·u is linear in the ray u,
that is, in the pixel's row and column. A ray meets a part at depth 1 / s, s being the smallest such number
over the planes that face the camera (num < 0), if that is more than the largest over the other planes. Then s > 0:
where s < 0, a point behind the camera would lie outside all planes of the part, and no point does that.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from course_lib.scenes.packing import PlaneTable
from course_lib.scenes.polytopes import SceneError
from course_lib.scenes.raycast import START
from course_lib.shapes import Float, Int, Tensor

NEAREST = 1e-5  # depth at which boxes are cut off that reach behind the camera


@dataclass(frozen=True, eq=False)
class Cameras:
    """Views of objects: `rays` maps (u, v, 1) to directions of depth 1. float64."""

    origins: Float[Tensor, "views 3"]
    rays: Float[Tensor, "views 3 3"]
    scene: Int[Tensor, " views"]

    def __getitem__(self, views: slice) -> Cameras:
        return Cameras(self.origins[views], self.rays[views], self.scene[views])


@dataclass(frozen=True, eq=False)
class Sightings:
    """Parts in views, those with equally many planes, and planes towards the camera, one after another."""

    view: Int[Tensor, " n"]
    rectangle: Float[Tensor, "n 4"]  # u, v from; u, v to
    first_row: Int[Tensor, " n"]  # of the coefficients, front planes first
    planes: Int[Tensor, " n"]
    fronts: Int[Tensor, " n"]
    coefficients: Float[Tensor, "rows 3"]  # 1 / depth = coefficients · (u, v, 1)
    surface: Int[Tensor, " rows"]  # plane in the PlaneTable


def sightings(table: PlaneTable, cameras: Cameras) -> Sightings:
    """All parts that may be seen in some view.

    Raises:
        CameraInsideError: a camera is inside a part, or touches it.
    """
    view, part = _pairs(table, cameras)
    rectangle = _rectangles(table, cameras, view, part)
    inside = (rectangle[:, :2] < 1).all(1) & (rectangle[:, 2:] > 0).all(1)
    view, part, rectangle = view[inside], part[inside], rectangle[inside]
    order, fronts, rows, surfaces = [], [], [], []
    counts = table.plane_count[part]
    for count in torch.unique(counts).tolist():
        chosen = (counts == count).nonzero()[:, 0]
        planes = table.first_plane[part[chosen], None] + torch.arange(count, device=view.device)
        normals, origins = table.normals[planes], cameras.origins[view[chosen]]
        num = table.offsets[planes] - (normals * origins[:, None]).sum(-1)
        _must_be_outside(table, num, view[chosen], part[chosen])
        facing = (num < 0).sum(1)
        facing, by_facing = facing.sort(stable=True)
        num, front_first = num[by_facing].sort(dim=1)
        planes = planes[by_facing].gather(1, front_first)
        num = torch.where(num == 0, 1e-12, num)  # seen edge-on: a plane that faces away
        linear = table.normals[planes] / num[..., None]
        rows.append((linear @ cameras.rays[view[chosen[by_facing]]]).flatten(0, 1))
        surfaces.append(planes.flatten())
        order.append(chosen[by_facing])
        fronts.append(facing)
    ordered = _joined(order, view)
    counts = counts[ordered]
    return Sightings(
        view=view[ordered],
        rectangle=rectangle[ordered],
        first_row=counts.cumsum(0) - counts,
        planes=counts,
        fronts=_joined(fronts, view),
        coefficients=_joined(rows, cameras.rays).reshape(-1, 3),
        surface=_joined(surfaces, view),
    )


def _joined(pieces: list[Tensor], like: Tensor) -> Tensor:
    return torch.cat(pieces) if pieces else like.new_empty(0)


def _pairs(table: PlaneTable, cameras: Cameras) -> tuple[Tensor, Tensor]:
    """Every view with every part of its scene."""
    counts = table.part_count[cameras.scene]
    view = torch.arange(len(counts), device=counts.device).repeat_interleave(counts)
    before = counts.cumsum(0) - counts
    within = torch.arange(len(view), device=counts.device) - before[view]
    return view, table.first_part[cameras.scene][view] + within


def _must_be_outside(table: PlaneTable, num: Tensor, view: Tensor, part: Tensor) -> None:
    inside = (num > -START).all(1)
    if inside.any():
        first = int(inside.nonzero()[0])
        index = int(part[first])
        scene = int(table.part_object[index])
        raise CameraInsideError(int(view[first]), scene, index - int(table.first_part[scene]))


class CameraInsideError(SceneError):
    """A camera is inside a part (or touches it)."""

    def __init__(self, view: int, scene: int, part: int) -> None:
        super().__init__(f"camera of view {view} is inside part {part} of scene {scene}")
        self.view, self.scene, self.part = view, scene, part


def _rectangles(table: PlaneTable, cameras: Cameras, view: Tensor, part: Tensor) -> Tensor:
    """Bounding rectangles (n, 4) in uv of the parts' boxes; empty ones (inf to −inf) behind the camera."""
    corner = torch.cartesian_prod(*[torch.arange(2, device=view.device)] * 3).bool()
    low, high = table.part_low[part][:, None], table.part_high[part][:, None]
    xyz = torch.where(corner, high, low) - cameras.origins[view][:, None]
    uvw = xyz @ torch.linalg.inv(cameras.rays).mT[view]  # (depth·u, depth·v, depth)
    before = uvw[..., 2] > NEAREST
    if not before.all():
        crossings, crosses = _crossings(uvw)
        uvw, before = torch.cat([uvw, crossings], 1), torch.cat([before, crosses], 1)
    uv = uvw[..., :2] / torch.where(before, uvw[..., 2], 1.0)[..., None]
    low = torch.where(before[..., None], uv, torch.inf).amin(1)
    high = torch.where(before[..., None], uv, -torch.inf).amax(1)
    return torch.cat([low, high], dim=1)


def _crossings(uvw: Tensor) -> tuple[Tensor, Tensor]:
    """Where the 12 edges of boxes cross the plane of depth NEAREST, and which of them do."""
    pairs = [(i, i | bit) for i in range(8) for bit in (1, 2, 4) if not i & bit]
    a, b = uvw[:, [i for i, _ in pairs]], uvw[:, [j for _, j in pairs]]
    z_a, z_b = a[..., 2:], b[..., 2:]
    crosses = (z_a > NEAREST) != (z_b > NEAREST)
    weight = (NEAREST - z_a) / torch.where(crosses, z_b - z_a, 1.0)
    points = a + weight * (b - a)
    points[..., 2] = 2 * NEAREST  # beyond doubt in front, whatever the rounding
    points[..., :2] *= 2
    return points, crosses[..., 0]
