"""The convention puzzle: one solution each, the same everywhere, and not written on the object."""

from __future__ import annotations

import inspect
from dataclasses import fields
from itertools import product

import pytest
import torch
from torch import Tensor

from course_lib import puzzle as module
from course_lib.puzzle import AXES, MAPS, Puzzle, make_puzzle, puzzle_from_seed, scramble

DIRECTIONS = {
    "R": (1, 0, 0),
    "L": (-1, 0, 0),
    "D": (0, 1, 0),
    "U": (0, -1, 0),
    "F": (0, 0, 1),
    "B": (0, 0, -1),
}

# Poses that were handed out must not change: a student's answer would turn wrong.
ADA = [
    [0.358652, 0.764889, 0.535083, 1.214111],
    [0.897058, -0.440957, 0.029063, -0.754534],
    [0.258179, 0.469577, -0.844299, 0.724959],
    [0.000000, 0.000000, 0.000000, 1.000000],
]


def splat(
    points: Tensor, colors: Tensor, K: Tensor, pose: Tensor, resolution: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """A little renderer of this test: nearest point per pixel, white background."""
    height, width = resolution
    local = (points - pose[:3, 3]) @ pose[:3, :3]
    z = local[:, 2]
    visible = z > 1e-3
    pixel = (
        (local @ K.T)[:, :2] / torch.where(visible, z, 1.0)[:, None] * torch.tensor([width, height])
    )
    column, row = pixel.floor().long().unbind(-1)
    visible &= (column >= 0) & (column < width) & (row >= 0) & (row < height)
    cell = (row * width + column)[visible]
    order = torch.argsort(z[visible], descending=True)
    nearest = torch.full((height * width,), -1, dtype=torch.long)
    for index, where in zip(
        torch.nonzero(visible)[:, 0][order].tolist(), cell[order].tolist(), strict=True
    ):
        nearest[where] = index
    hit = nearest >= 0
    image, depth = torch.ones(height * width, 3), torch.full((height * width,), torch.inf)
    image[hit], depth[hit] = colors[nearest[hit]], z[nearest[hit]]
    return image.reshape(height, width, 3), depth.reshape(height, width)


def unscramble(poses: Tensor, axes: str, maps: str) -> Tensor:
    world_from_named = torch.linalg.inv(poses) if maps == "camera_from_world" else poses
    named_from_opencv = torch.tensor([DIRECTIONS[letter] for letter in axes]).float()
    result = world_from_named.clone()
    result[:, :3, :3] = world_from_named[:, :3, :3] @ named_from_opencv
    return result


def misfit(puzzle: Puzzle, axes: str, maps: str) -> float:
    poses = unscramble(puzzle.poses, axes, maps)
    views = [splat(puzzle.points, puzzle.colors, puzzle.K, pose, (48, 64))[0] for pose in poses]
    return (torch.stack(views) - puzzle.images).abs().mean().item()


def test_there_are_24_right_handed_axes_and_the_famous_ones_are_among_them() -> None:
    assert len(set(AXES)) == 24
    assert {"RDF", "RUB", "LUF"} <= set(AXES)
    for name in AXES:
        columns = torch.tensor([DIRECTIONS[letter] for letter in name]).float()
        assert torch.linalg.det(columns).item() == pytest.approx(1)


@pytest.mark.parametrize("seed", range(20))
def test_exactly_one_of_48_hypotheses_explains_the_pictures(seed: int) -> None:
    puzzle, axes, maps = puzzle_from_seed(seed, splat)
    fits = {pair: misfit(puzzle, *pair) for pair in product(AXES, MAPS)}
    right = fits.pop((axes, maps))
    assert right < 0.005
    assert min(fits.values()) > 0.03


def test_every_convention_is_drawn_by_some_seed() -> None:
    drawn = {
        puzzle_from_seed(seed, lambda *a: (torch.zeros(2, 2, 3), None), views=1)[1:]
        for seed in range(500)
    }  # type: ignore[arg-type]
    assert drawn == set(product(AXES, MAPS))


def test_the_object_fills_the_pictures_and_stays_inside() -> None:
    for seed in range(20):
        images = puzzle_from_seed(seed, splat)[0].images
        drawn = (images < 1).any(-1)
        assert drawn.float().mean(dim=(1, 2)).min() > 0.06
        border = torch.cat([drawn[:, 0], drawn[:, -1], drawn[:, :, 0], drawn[:, :, -1]], dim=1)
        assert border.float().mean() < 0.02


def test_the_same_id_gives_the_same_puzzle_and_another_id_another() -> None:
    one, again, other = (make_puzzle(name, splat) for name in ("ada", " Ada ", "grace"))
    for field in fields(Puzzle):
        assert torch.equal(getattr(one, field.name), getattr(again, field.name))
    assert not torch.equal(one.poses, other.poses)


def test_the_puzzle_is_the_same_on_every_machine() -> None:
    puzzle = make_puzzle("ada", splat)
    torch.testing.assert_close(puzzle.poses[0], torch.tensor(ADA), atol=1e-4, rtol=0)


def test_the_solution_is_no_attribute() -> None:
    puzzle = make_puzzle("ada", splat)
    assert {field.name for field in fields(puzzle)} == {"points", "colors", "K", "images", "poses"}
    assert all(isinstance(getattr(puzzle, field.name), Tensor) for field in fields(puzzle))


def test_views_and_resolution_are_the_caller_s() -> None:
    puzzle = make_puzzle("ada", splat, views=2, resolution=(20, 40))
    assert puzzle.images.shape == (2, 20, 40, 3)
    assert puzzle.poses.shape == (2, 4, 4)


def test_the_renderer_gets_opencv_poses_of_rigid_cameras() -> None:
    seen: list[Tensor] = []

    def spy(*args: object) -> tuple[Tensor, Tensor]:
        assert isinstance(args[3], Tensor)
        seen.append(args[3])
        return torch.zeros(48, 64, 3), torch.zeros(48, 64)

    puzzle, axes, maps = puzzle_from_seed(3, spy)
    torch.testing.assert_close(
        unscramble(puzzle.poses, axes, maps), torch.stack(seen), atol=1e-5, rtol=0
    )
    for pose in seen:
        torch.testing.assert_close(pose[:3, :3] @ pose[:3, :3].T, torch.eye(3), atol=1e-5, rtol=0)
        assert (pose[:3, :3].T @ -pose[:3, 3])[2] > 1  # the object lies ahead


@pytest.mark.parametrize("name", ["", "   ", "\n"])
def test_an_empty_id_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="student_id is empty; put your student id"):
        make_puzzle(name, splat)


@pytest.mark.parametrize(("axes", "maps"), [("RDB", "world_from_camera"), ("RDF", "w2c"), ("", "")])
def test_scramble_refuses_what_is_no_convention(axes: str, maps: str) -> None:
    with pytest.raises(ValueError, match="no convention"):
        scramble(torch.eye(4), axes, maps)


def test_scramble_keeps_shape_dtype_and_identity() -> None:
    poses = torch.eye(4).repeat(2, 3, 1, 1)
    assert torch.equal(scramble(poses, "RDF", "world_from_camera"), poses)
    assert scramble(poses.double(), "RUB", "camera_from_world").dtype == torch.float64
    assert scramble(poses, "RUB", "camera_from_world").shape == (2, 3, 4, 4)


def test_the_module_defines_no_exercise() -> None:
    exercises = {
        "look_at",
        "convert_camera",
        "project",
        "render_points",
        "world_rays",
        "invert_rigid",
    }
    assert not exercises & {name for name, _ in inspect.getmembers(module, inspect.isfunction)}
