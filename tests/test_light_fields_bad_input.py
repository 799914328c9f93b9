"""What notebook 5's answers do with rays that are none, cameras inside things, and with torch's own warning."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import pytest
import torch
from torch import Tensor

from course_lib.given.light_fields import textured_plane, waves
from course_lib.scenes import intrinsics
from course_lib.scenes.cameras import orbit_poses
from tests.oracle_cases import solution_of

RESOLUTION = (6, 8)


@cache
def answers() -> dict[str, Any]:
    return solution_of("05_light_fields")


def wall(lines: Tensor) -> Tensor:
    return textured_plane(lines, torch.tensor([0.36, 0.48, 0.8]), 0.2)


def test_rays_that_go_nowhere_are_told_from_others() -> None:
    origins, nowhere = torch.tensor([[0.4, -2.0, 1.5], [0.0, 0.0, 0.0]]), torch.zeros(2, 3)
    assert not answers()["plucker"](origins, nowhere).any()
    for chart in ("two_plane", "cylinder"):
        coordinates, valid = answers()[chart](origins, nowhere)
        assert not coordinates.any(), chart
        assert not valid.any(), chart


def test_a_camera_within_the_scene_sees_along_whole_lines() -> None:
    K, pose = intrinsics(1.1, RESOLUTION), orbit_poses([40.0], [25.0], 2.0)[0]
    row, column = 4, 1
    pixel = torch.tensor([(column + 0.5) / 8, (row + 0.5) / 6])
    before = answers()["render_light_field"](wall, K, pose, RESOLUTION)
    for distance in (1.5, 3.5, -1.0):  # before the wall, behind it, and further back
        walked = answers()["walk_along"](pixel, distance, K, pose)
        after = answers()["render_light_field"](wall, K, walked, RESOLUTION)
        torch.testing.assert_close(after[row, column], before[row, column], atol=1e-4, rtol=0)
        assert (after - before).abs().max() > 0.05


def test_depth_is_negative_from_behind_and_no_number_without_a_direction_across() -> None:
    direction = torch.tensor([[0.0, 0.6, 0.8]])
    depth = answers()["depth_from_light_field"]
    normal = torch.tensor([0.36, 0.48, 0.8])
    for way in (1.0, -2.5):  # from a point before the wall, and from one behind
        origin = torch.tensor([[0.3, -0.2, 0.1]])
        met = (0.2 - origin @ normal) / (direction @ normal)
        start = origin + (met - way)[:, None] * direction
        found = depth(wall, start, direction, torch.eye(3)[:2])
        assert float(found) == pytest.approx(way, rel=2e-3)
        assert depth(wall, start, direction, 2 * direction).isnan().all()


def test_a_light_field_without_a_surface_still_gets_numbers() -> None:
    directions = torch.nn.functional.normalize(torch.sin(torch.arange(15.0)).reshape(5, 3), dim=-1)
    found = answers()["depth_from_light_field"](waves, directions + 1, directions, torch.eye(3)[:2])
    assert found.isfinite().all()


def test_only_the_warning_about_torchs_own_script_is_let_pass() -> None:
    said = "`torch.jit.script` is deprecated. Please switch to `torch.compile` or `torch.export`."
    warnings.warn(said, DeprecationWarning, stacklevel=1)
    for other in ("`torch.jit.trace` is deprecated.", f"`numpy.script`: {said}"):
        with pytest.raises(DeprecationWarning, match="is deprecated"):
            warnings.warn(other, DeprecationWarning, stacklevel=1)
