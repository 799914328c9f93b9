"""What notebook 5 tells of a light field that comes with the course, and of one that is known exactly."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor

from autograder.grading.reference import load_reference
from course_lib.given.light_fields import textured_plane
from course_lib.scenes import find_category, intrinsics, make_scene, orbit_poses, photograph
from course_lib.solved.camera_geometry import pixel_centers, unproject, world_rays
from course_lib.training import load_pretrained

SOURCE = Path(__file__).parents[1] / "solutions" / "05_light_fields.py"
LENS = intrinsics(find_category("cars").cameras.focal, (64, 64))
RING = orbit_poses(np.array([20.0, 110.0, 200.0, 290.0]), 25.0, 1.2)
Field = Callable[[Tensor], Tensor]


@pytest.fixture(scope="module")
def answers() -> dict[str, Any]:
    """The reference solutions of notebook 5 by name."""
    return load_reference(SOURCE)


@pytest.fixture(scope="module")
def field(answers: dict[str, Any]) -> Callable[[int], Field]:
    """The light fields of objects that the shipped network was trained on, by their places in its table."""
    found = load_pretrained("light_fields")
    model = answers["LightFieldNetwork"](answers["LightFieldConfig"](**found.about["config"]))
    table = torch.nn.Embedding(found.about["objects"], model.config.code_length)
    found.fill(hyper=model.hyper, table=table)
    return lambda index: answers["field_of"](model, table.weight[index].detach())


def depths(answers: dict[str, Any], field: Field, pose: Tensor) -> tuple[Tensor, ...]:
    """Origins, directions and distances along the rays of a picture."""
    uv = pixel_centers((64, 64)).reshape(-1, 2)
    origins, directions = world_rays(uv, LENS, pose)
    found = answers["depth_from_light_field"](field, origins, directions, pose[:3, :2].T, 0.2)
    return origins, directions, found.detach()


@pytest.mark.parametrize("offset", [0.2, -0.1])
@pytest.mark.parametrize("pose", RING[[0, 3]])
def test_depth_of_a_textured_plane_is_within_one_percent(
    answers: dict[str, Any], pose: Tensor, offset: float
) -> None:
    normal = torch.tensor([0.8, 0.0, 0.6])

    def plane(lines: Tensor) -> Tensor:
        return textured_plane(lines, normal, offset)

    origins, directions, found = depths(answers, plane, pose)
    true = (offset - origins @ normal) / (directions @ normal)
    facing = (directions @ normal).abs() > 0.2
    assert facing.float().mean() > 0.5
    assert (found / true - 1).abs()[facing].nanmedian() < 1e-4
    assert ((found / true - 1).abs()[facing & found.isfinite()] < 0.01).float().mean() > 0.98


def test_clouds_of_known_cars_lie_on_them(answers: dict[str, Any], field: Any) -> None:
    found = []
    for number in (0, 3, 5, 8):
        scene, light = make_scene("cars", 0, number), field(number)
        views = photograph([scene], LENS, RING[None], (64, 64))[0]
        surface, cloud = [], []
        for view in views:
            pose, seen = view.world_from_camera, view.foreground().flatten()
            uv = pixel_centers((64, 64)).reshape(-1, 2)[seen]
            x = unproject(view.K, uv, view.depth.flatten()[seen])
            surface.append(x @ pose[:3, :3].T + pose[:3, 3])
            origins, directions, distances = depths(answers, light, pose)
            with torch.no_grad():
                rgb = light(answers["plucker"](origins, directions))
            distances = distances.masked_fill((rgb > 0.95).all(-1), torch.nan)
            cloud.append(answers["point_cloud"](origins, directions, distances, rgb, 0.6, 1.8)[0])
        points, truth = torch.cat(cloud), torch.cat(surface)
        assert len(points) > 0.5 * len(truth)
        found.append(torch.cdist(points, truth).min(1).values.median().item())
    # Of the diagonal of an object's bounding box, which is 1.
    assert statistics.mean(found) < 0.02
    assert max(found) < 0.025


def test_a_walk_along_a_line_of_sight_changes_nothing_in_that_point(
    answers: dict[str, Any], field: Any
) -> None:
    uv, light = torch.tensor([0.45, 0.55]), field(1)
    colors = []
    for distance in (-0.5, 0.0, 0.4, 3.0):  # the last one stands behind the car
        pose = answers["walk_along"](uv, distance, LENS, RING[1])
        line = answers["plucker"](*world_rays(uv, LENS, pose))
        colors.append(light(line[None])[0])
    torch.testing.assert_close(torch.stack(colors), colors[0].expand(4, 3), atol=1e-3, rtol=0)


def test_one_network_knows_cars_and_chairs(answers: dict[str, Any], field: Any) -> None:
    pose = RING[:1]
    for category, first in (("cars", 0), ("chairs", 300)):
        K = intrinsics(find_category(category).cameras.focal, (64, 64))
        scenes = [make_scene(category, 0, i) for i in range(3)]
        truth = photograph(scenes, K, pose.expand(3, 1, 4, 4), (64, 64), geometry=False).images
        own = torch.stack(
            [
                answers["render_light_field"](field(first + i), K, pose[0], (64, 64))
                for i in range(3)
            ]
        )
        error = (own[:, None] - truth[None, :, 0]).square().mean((2, 3, 4))
        assert error.argmin(1).tolist() == [0, 1, 2]
        assert error.diagonal().max() < 0.006
