"""Scenes as tensors: all planes of all parts of all objects in one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from weakref import WeakKeyDictionary

import numpy as np
import torch

from course_lib.scenes.polytopes import Scene, SceneError
from course_lib.scenes.shading import shaded
from course_lib.shapes import Float, Int, Tensor


@dataclass(frozen=True, eq=False)
class PlaneTable:
    """The planes of several scenes, part by part, object by object. Planes that bound nothing are left out."""

    normals: Float[Tensor, "planes 3"]  # float64, as are all positions here
    offsets: Float[Tensor, " planes"]
    plane_part: Int[Tensor, " planes"]
    plane_color: Float[Tensor, "planes 3"]  # shaded, float32
    first_plane: Int[Tensor, " parts"]
    plane_count: Int[Tensor, " parts"]
    part_object: Int[Tensor, " parts"]
    part_label: Int[Tensor, " parts"]
    part_albedo: Float[Tensor, "parts 3"]  # float32
    part_low: Float[Tensor, "parts 3"]  # corners of each part's box
    part_high: Float[Tensor, "parts 3"]
    first_part: Int[Tensor, " objects"]
    part_count: Int[Tensor, " objects"]

    def to(self, device: torch.device | str) -> PlaneTable:
        """The same table on another device."""
        moved = {field.name: getattr(self, field.name).to(device) for field in fields(self)}
        return replace(self, **moved)


def pack(scenes: Sequence[Scene], device: torch.device | str = "cpu") -> PlaneTable:
    """Put scenes into one table on `device`.

    Raises:
        SceneError: there is no scene, or a part of one is empty or unbounded; the message names it.
    """
    if not scenes:
        raise SceneError("there are no scenes: give at least one")
    if len(scenes) > 1:
        return _packed(scenes).to(device)
    tables = _TABLES.setdefault(scenes[0], {})
    device = torch.device(device)
    if device not in tables:
        tables[device] = _packed(scenes).to(device)
    return tables[device]


# Viewers ask for the same scene again and again.
_TABLES: WeakKeyDictionary[Scene, dict[torch.device, PlaneTable]] = WeakKeyDictionary()


def _packed(scenes: Sequence[Scene]) -> PlaneTable:
    parts = [part for scene in scenes for part in scene.parts]
    extents = [scene.extents for scene in scenes]
    faces = [faces for extent in extents for faces in extent.faces]
    bounds = torch.from_numpy(np.concatenate([extent.bounds for extent in extents]))
    planes = zip(parts, faces, strict=True)
    normals = torch.from_numpy(np.concatenate([part.normals[bound] for part, bound in planes]))
    offsets = [part.offsets[bound] for part, bound in zip(parts, faces, strict=True)]
    plane_count = torch.tensor([len(kept) for kept in offsets])
    part_count = torch.tensor([len(scene.parts) for scene in scenes])
    plane_part = torch.arange(len(parts)).repeat_interleave(plane_count)
    albedo = torch.tensor([part.color for part in parts], dtype=torch.float32)
    return PlaneTable(
        normals=normals,
        offsets=torch.from_numpy(np.concatenate(offsets)),
        plane_part=plane_part,
        plane_color=shaded(albedo[plane_part], normals.float()),
        first_plane=plane_count.cumsum(0) - plane_count,
        plane_count=plane_count,
        part_object=torch.arange(len(scenes)).repeat_interleave(part_count),
        part_label=torch.tensor([part.label for part in parts]),
        part_albedo=albedo,
        part_low=bounds[:, 0].contiguous(),
        part_high=bounds[:, 1].contiguous(),
        first_part=part_count.cumsum(0) - part_count,
        part_count=part_count,
    )
