"""What checks of marching compare with, held against the solution, known cameras and walks that can be summed up."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from autograder.checking.cases import Case, Draw, as_float64
from autograder.checks.auto_decoding import cases_marching
from autograder.checks.auto_decoding.check_marching import scene_and_marcher
from autograder.checks.auto_decoding.check_ray_points import moved
from autograder.checks.auto_decoding.rays import depths_of, marched, points_at, ray
from autograder.checks.camera_geometry.sampling import random_intrinsics, random_poses
from tests.oracle_cases import solution_of

SEEDS = st.integers(0, 2**31)
FEW = settings(max_examples=8, deadline=None)


@pytest.fixture(scope="module")
def solution() -> dict[str, Any]:
    return solution_of("04_auto_decoding")


def cases(function: str, seed: int) -> list[Case]:
    generator = {
        "ray_point": cases_marching.ray_point,
        "find_intersection": cases_marching.find_intersection,
    }[function]
    return list(generator(Draw(seed, function)))


@FEW
@given(seed=SEEDS)
def test_points_and_depths_are_the_solutions(solution: dict[str, Any], seed: int) -> None:
    for case in cases("ray_point", seed):
        inputs = as_float64(case.inputs)
        points = points_at(*inputs.values())
        right = solution["ray_point"](**inputs)
        torch.testing.assert_close(points, right, msg=case.name)
        depths = depths_of(points, inputs["world_from_camera"])
        right = solution["depth_of"](points, inputs["world_from_camera"])
        torch.testing.assert_close(depths, right, msg=case.name)
        expected = inputs["depth"].expand(depths.shape)
        torch.testing.assert_close(depths, expected, rtol=1e-5, atol=1e-5, msg=case.name)


def test_a_plain_camera_by_hand() -> None:
    K = torch.tensor([[0.5, 0.0, 0.25], [0.0, 2.0, 0.5], [0.0, 0.0, 1.0]])
    pose = torch.tensor(
        [[0.0, 0, 1, 10], [-1, 0, 0, 20], [0, -1, 0, 30], [0, 0, 0, 1]]
    )  # looks along x
    origin, direction = ray(torch.tensor([0.75, 1.5]), K, pose)
    # In the camera ((0.75 − 0.25) / 0.5, (1.5 − 0.5) / 2, 1) = (1, 0.5, 1).
    assert origin.tolist() == [10, 20, 30]
    torch.testing.assert_close(direction, torch.tensor([1, -1, -0.5], dtype=torch.float64))
    point = points_at(torch.tensor([0.75, 1.5]), torch.tensor(4.0), K, pose)
    assert point.tolist() == [14, 16, 28]
    assert depths_of(point, pose).item() == 4
    assert depths_of(torch.tensor([7.0, 0, 0]), pose).item() == -3


def test_depths_lie_on_both_sides_of_the_camera_and_in_it() -> None:
    (case,) = (c for c in cases("ray_point", 3) if c.name.startswith("before"))
    depth = case.inputs["depth"]
    assert (depth[:3] < -0.4).all()
    assert depth[3] == 0
    assert (depth[4:] > 0.4).all()


@FEW
@given(seed=SEEDS)
def test_marching_is_the_solutions(solution: dict[str, Any], seed: int) -> None:
    for case in cases("find_intersection", seed):
        inputs = tuple(as_float64(case.inputs).values())
        for steps, start in ((0, 0.3), (1, 0.05), (7, -0.2)):
            walks = [
                march(*(f.resolve() for f in scene_and_marcher(case)), *inputs, steps, start)
                for march in (marched, solution["find_intersection"])
            ]
            for own, right in zip(*walks, strict=True):
                torch.testing.assert_close(own, right, msg=case.name)


def test_equal_steps_add_up() -> None:
    draw = Draw(4, "rays")
    uv, K, poses = draw.uniform(0, 1, 2, 3, 2), random_intrinsics(draw, 2), random_poses(draw, 2)
    points, depths = marched(
        lambda x: x, lambda x, _: (x[..., 0] * 0 + 0.25, None), uv, K, poses, 6, 0.5
    )
    assert depths.shape == (7, 2, 3)
    for k, depth in enumerate(depths):
        assert (depth == 0.5 + 0.25 * k).all()
    wanted = points_at(uv, torch.tensor(2.0), K[:, None], poses[:, None])
    torch.testing.assert_close(points, wanted)


def test_a_step_may_lead_straight_to_a_plane() -> None:
    draw = Draw(5, "rays")
    uv, K, poses = draw.uniform(0, 1, 2, 3, 2), random_intrinsics(draw, 2), random_poses(draw, 2)

    def height(x: Tensor) -> Tensor:
        return depths_of(x, poses[:, None].double())  # how far along the optical axis

    def to_five(depth: Tensor, calls: int | None) -> tuple[Tensor, int]:
        return 0.5 * (5 - depth), (calls or 0) + 1

    points, depths = marched(height, to_five, uv, K, poses, 8, 1.0)
    gaps = 5 - depths
    torch.testing.assert_close(gaps[1:], gaps[:-1] / 2, rtol=1e-5, atol=1e-5)
    torch.testing.assert_close(height(points), depths[-1], rtol=1e-5, atol=1e-5)


def test_only_how_a_camera_can_move_is_judged() -> None:
    """Two formulas for one length agree for rotations only; their gradients differ, and how they change does not."""
    pose = random_poses(Draw(6, "pose"), 1).double()
    pose[:, :3, :3] = torch.linalg.qr(pose[:, :3, :3]).Q
    x = torch.tensor([0.3, -0.8, 1.7], dtype=torch.float64)

    def gradient(of: Any) -> Tensor:
        leaf = pose.clone().requires_grad_()
        (found,) = torch.autograd.grad(of(leaf), leaf)
        return found

    def plain(T: Tensor) -> Tensor:
        return (T[0, :3, :3] @ x)[1] + T[0, 2, 3] * 3

    def inverted(T: Tensor) -> Tensor:
        return (torch.linalg.inv(T[0, :3, :3]).T @ x)[1] + T[0, 2, 3] * 3

    one, other = gradient(plain), gradient(inverted)
    assert (one - other).abs().amax() > 0.1
    torch.testing.assert_close(moved(one, pose), moved(other, pose))
    turned = gradient(lambda T: (T[0, :3, :3].T @ x)[1])
    assert (moved(one, pose) - moved(turned, pose)).abs().amax() > 0.1


@FEW
@given(seed=SEEDS)
def test_known_walks_stay_near_and_take_steps_that_count(seed: int) -> None:
    for case in cases("find_intersection", seed):
        scene, marcher = (f.resolve() for f in scene_and_marcher(case))
        march = partial(marched, scene, marcher)
        _, depths = march(*case.inputs.values(), steps=10, start=0.05)
        assert depths.abs().amax() < 15
        assert depths.isfinite().all()
        steps = depths.diff(dim=0)
        assert steps.abs().mean() > 0.05
        assert math.isclose(depths[0].mean().item(), 0.05)
