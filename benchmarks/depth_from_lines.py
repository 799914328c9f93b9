"""Depth that hides in light fields: of a textured plane, and point clouds from four views of objects trained on.

The plane is exact, so what is measured there is the method. The clouds are of the network that comes with the course,
24 cars and 24 chairs: for each, the median distance of its points to the true surface that the same four cameras see,
in percent of the object's size (the diagonal of its bounding box). Seconds on any machine; COURSE_MODE=smoke: two each.
"""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from benchmarks.light_fields import shipped
from benchmarks.timing import Figure
from course_lib.given.light_fields import textured_plane
from course_lib.scenes import find_category, intrinsics, make_scene, orbit_poses, photograph
from course_lib.solved.camera_geometry import pixel_centers, unproject, world_rays
from course_lib.solved.light_fields import (
    depth_from_light_field,
    field_of,
    plucker,
    point_cloud,
)

OBJECTS = 2 if os.environ.get("COURSE_MODE") == "smoke" else 24
CATEGORIES = ("cars", "chairs")  # in the order of the network's table
AZIMUTHS, ELEVATION, RADIUS = (20.0, 110.0, 200.0, 290.0), 25.0, 1.2
NEAR, FAR = RADIUS - 0.6, RADIUS + 0.6
PAPER = 0.95  # what is brighter in all channels is background
LEAST = 0.2  # of the gradient; with less of it nothing is said
Field = Callable[[Tensor], Tensor]


def figures() -> list[Figure]:
    """Errors of the plane, and of clouds by category."""
    poses = orbit_poses(np.array(AZIMUTHS), ELEVATION, RADIUS)
    _, model, codes = shipped("light_fields")
    each = len(codes) // len(CATEGORIES)
    found = [
        Figure(
            "textured plane: error of the distance, 99 of 100 rays", 100 * _plane(poses), "%", 1.0
        )
    ]
    for i, category in enumerate(CATEGORIES):
        K = intrinsics(find_category(category).cameras.focal, (64, 64))
        distances, kept = [], []
        for number in range(OBJECTS):
            field = field_of(model, codes[i * each + number])
            scene = make_scene(category, 0, number)
            points, truth = _clouds(field, scene, K, poses)
            distances.append(torch.cdist(points, truth).min(1).values.median().item())
            kept.append(len(points) / len(truth))
        median = 100 * statistics.median(distances)
        found += [
            Figure(f"{category}: median distance to the surface", median, "%", 2.0),
            Figure(f"{category}: the same of the worst object", 100 * max(distances), "%"),
            Figure(f"{category}: points per pixel of the object", statistics.mean(kept), ""),
        ]
    return found


def _plane(poses: Tensor) -> float:
    """What 99 of 100 rays to a plane are off by at most, as a share of the distance, where they do not graze it."""
    normal, offset = torch.tensor([0.8, 0.0, 0.6]), 0.1
    K = intrinsics(find_category("cars").cameras.focal, (64, 64))
    worst = 0.0
    for pose in poses:
        origins, directions = world_rays(_pixels(), K, pose)
        found = depth_from_light_field(
            lambda lines: textured_plane(lines, normal, offset),
            origins,
            directions,
            pose[:3, :2].mT,
            LEAST,
        )
        true = (offset - origins @ normal) / (directions @ normal)
        facing = (directions @ normal).abs() > 0.2
        error = (found / true - 1).abs()[facing & found.isfinite()]
        worst = max(worst, error.quantile(0.99).item())
    return worst


def _clouds(field: Field, scene: object, K: Tensor, poses: Tensor) -> tuple[Tensor, Tensor]:
    """Points from derivatives and points of the true surface, `n 3` each, as the same cameras see them."""
    views = photograph([scene], K, poses[None], (64, 64))[0]
    found, true = [], []
    for view in views:
        pose, seen = view.world_from_camera, view.foreground().flatten()
        x = unproject(K, _pixels()[seen], view.depth.flatten()[seen])
        true.append(x @ pose[:3, :3].mT + pose[:3, 3])
        origins, directions = world_rays(_pixels(), K, pose)
        distances = depth_from_light_field(field, origins, directions, pose[:3, :2].mT, LEAST)
        with torch.no_grad():
            rgb = field(plucker(origins, directions))
        distances = distances.detach().masked_fill((rgb > PAPER).all(-1), torch.nan)
        found.append(point_cloud(origins, directions, distances, rgb, NEAR, FAR)[0])
    return torch.cat(found), torch.cat(true)


def _pixels() -> Tensor:
    return pixel_centers((64, 64)).reshape(-1, 2)
