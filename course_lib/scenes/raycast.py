"""Exact intersection of any rays with scenes: distance, normal, part, label.

For a ray o + t·u and a plane n·x = d: num = d − n·o, den = n·u. The ray enters a part at the largest num / den over
planes with den < 0, leaves it at the smallest over den > 0, and hits it if it enters before it leaves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import torch

from course_lib.scenes.packing import PlaneTable, pack
from course_lib.scenes.polytopes import Scene, SceneError
from course_lib.shapes import Bool, Float, Int, Tensor

START = 1e-4  # hits nearer than this are where the ray started
RAYS_TIMES_PLANES = 2**21  # at once, so that memory stays bounded


@dataclass(frozen=True, eq=False)
class Hits:
    """What rays hit first. Where they hit nothing: distance inf, normal 0, part −1, label 0, albedo white."""

    distance: Float[Tensor, " *b"]  # along the unit ray
    normals: Float[Tensor, "*b 3"]  # unit, outwards, in the world
    part: Int[Tensor, " *b"]  # index into Scene.parts
    label: Int[Tensor, " *b"]  # index into Scene.label_names
    albedo: Float[Tensor, "*b 3"]  # rgb in [0, 1], unshaded

    @property
    def hit(self) -> Bool[Tensor, " *b"]:
        """Which rays hit something."""
        return self.part >= 0


def cast(
    scenes: Scene | Sequence[Scene],
    origins: Float[Tensor, "*#b 3"],
    directions: Float[Tensor, "*#b 3"],
) -> Hits:
    """Follow rays to the first surface. For several scenes the first dimension of the rays is the scene.

    Directions need not be unit vectors; distances are lengths all the same. Dtype (float32 or float64)
    and device are those of the rays. No rays give empty results. A ray that starts inside a part does not see
    that part.

    Raises:
        SceneError: no scene, rays that are no tensors of one dtype or do not fit together, rays that are not
            finite, a direction of length 0, or rays for another number of scenes.
    """
    origins, directions = _fitted(origins, directions)
    _check_rays(origins, directions)
    if isinstance(scenes, Scene):
        table = pack([scenes], directions.device)
        return _cast_one(table, 0, origins, directions)
    table = pack(scenes, directions.device)
    if directions.ndim < 2 or len(directions) != len(scenes):
        raise SceneError(
            f"{len(scenes)} scenes need rays (scenes, …, 3), got {tuple(directions.shape)}; "
            "for one scene pass the Scene itself, not a list"
        )
    found = [_cast_one(table, i, origins[i], directions[i]) for i in range(len(scenes))]
    return Hits(*(torch.stack([getattr(one, f.name) for one in found]) for f in fields(Hits)))


def _fitted(origins: Tensor, directions: Tensor) -> tuple[Tensor, Tensor]:
    """Both broadcast against each other."""
    for name, values in (("origins", origins), ("directions", directions)):
        if not isinstance(values, Tensor):
            raise SceneError(f"{name} must be a torch.Tensor, not {type(values).__name__}")
    if origins.dtype != directions.dtype:
        raise SceneError(
            f"origins are {origins.dtype} and directions {directions.dtype}; give both one dtype"
        )
    try:
        shape = torch.broadcast_shapes(origins.shape, directions.shape)  # type: ignore[no-untyped-call]
    except RuntimeError:
        raise SceneError(
            f"origins of shape {tuple(origins.shape)} and directions of shape {tuple(directions.shape)} "
            "do not broadcast: give a direction for each origin, or one for all"
        ) from None
    return origins.expand(shape), directions.expand(shape)


def _check_rays(origins: Tensor, directions: Tensor) -> None:
    if directions.shape[-1] != 3 or not directions.is_floating_point():
        raise SceneError(
            f"rays are floating-point tensors of shape (…, 3), got {directions.dtype} of shape "
            f"{tuple(directions.shape)}"
        )
    for name, values in (("origins", origins), ("directions", directions)):
        if not values.isfinite().all():
            index = (~values.isfinite().all(-1)).nonzero()[0].tolist()
            raise SceneError(f"{name}[{', '.join(map(str, index))}] is not finite (NaN or inf)")
    zero = (directions == 0).all(-1)
    if zero.any():
        index = zero.nonzero()[0].tolist()
        raise SceneError(
            f"directions[{', '.join(map(str, index))}] has length 0: it points nowhere"
        )


def _cast_one(table: PlaneTable, scene: int, origins: Tensor, directions: Tensor) -> Hits:
    batch, like = directions.shape[:-1], directions
    o, u = origins.reshape(-1, 3), torch.nn.functional.normalize(directions.reshape(-1, 3), dim=-1)
    first = int(table.first_part[scene])
    parts = slice(first, first + int(table.part_count[scene]))
    distance = like.new_full((len(u),), torch.inf)
    plane = torch.full((len(u),), -1, device=like.device)
    low, high = table.part_low[parts].amin(0), table.part_high[parts].amax(0)
    meets = _meets_box(o, u, low.to(like), high.to(like)).nonzero()[:, 0]
    rays_at_once = max(1, RAYS_TIMES_PLANES // int(table.plane_count[parts].sum()))
    for rays in torch.split(meets, rays_at_once):
        distance[rays], plane[rays] = _nearest(table, parts, o[rays], u[rays])
    hit, surface = plane >= 0, plane.clamp_min(0)
    part = table.plane_part[surface]
    return Hits(
        distance=distance.reshape(batch),
        normals=(table.normals[surface].to(like) * hit[:, None]).reshape(*batch, 3),
        part=torch.where(hit, part - first, -1).reshape(batch),
        label=torch.where(hit, table.part_label[part], 0).reshape(batch),
        albedo=torch.where(hit[:, None], table.part_albedo[part].to(like), 1.0).reshape(*batch, 3),
    )


def _meets_box(o: Tensor, u: Tensor, low: Tensor, high: Tensor) -> Tensor:
    """Which rays pass through a box, a hair's breadth larger than the object."""
    slack = 1e-5 * (1 + high - low)
    safe = torch.where(u == 0, 1e-30, u)
    a, b = (low - slack - o) / safe, (high + slack - o) / safe
    enter, leave = torch.minimum(a, b).amax(-1), torch.maximum(a, b).amin(-1)
    return (enter <= leave) & (leave > 0)


def _nearest(table: PlaneTable, parts: slice, o: Tensor, u: Tensor) -> tuple[Tensor, Tensor]:
    """Distance (inf) and plane (−1) of the first hit; parts with equally many planes are met together."""
    distance = u.new_full((len(u),), torch.inf)
    plane = torch.full((len(u),), -1, device=u.device)
    counts, starts = table.plane_count[parts], table.first_plane[parts]
    for count in torch.unique(counts).tolist():
        planes = starts[counts == count][:, None] + torch.arange(count, device=u.device)
        normals = table.normals[planes.flatten()].to(u).T
        den = u @ normals  # one product for all planes of the group
        num = table.offsets[planes.flatten()].to(u) - o @ normals
        den = torch.where(den == 0, 1e-30, den)  # a parallel ray never leaves, or is never inside
        t, shape = num / den, (len(u), *planes.shape)
        enter, face = torch.where(den < 0, t, -torch.inf).reshape(shape).max(-1)
        leave = torch.where(den > 0, t, torch.inf).reshape(shape).amin(-1)
        enter = torch.where((enter < leave) & (enter > START), enter, torch.inf)
        nearest, part = enter.min(-1)
        face = face.gather(-1, part[:, None])[:, 0]
        better = nearest < distance
        distance = torch.where(better, nearest, distance)
        plane = torch.where(better, planes[part, face], plane)
    return distance, plane
