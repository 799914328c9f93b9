"""Cases for several views: triangulation, epipolar geometry, pose estimation and the puzzle."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch

from autograder.checking.cases import Case, Draw, cases_for
from autograder.checks.camera_geometry.sampling import (
    camera_looking_at_origin,
    projected,
    random_intrinsics,
    random_poses,
    rigid,
    rotation_from_quaternion,
)
from course_lib.puzzle import Puzzle, puzzle_from_seed


@cases_for("triangulate")
def triangulate(draw: Draw) -> Iterator[Case]:
    """Rays that meet, rays that pass each other, and rays too nearly parallel to tell."""

    def case(name: str, origins: torch.Tensor, directions: torch.Tensor, **truth: object) -> Case:
        inputs = {"origins": origins, "directions": directions}
        return Case("triangulate", name, inputs, truth=truth)

    point, origins = draw.normal(3), 4 * draw.normal(2, 3)
    yield case("two rays that meet", origins, _unit(point - origins))
    points, origins = draw.normal(3, 4, 1, 3), 4 * draw.normal(3, 4, 5, 3)
    noisy = _unit(points - origins) + 0.05 * draw.normal(3, 4, 5, 3)
    yield case("five noisy rays, a batch", origins, _unit(noisy))
    parallel = _unit(draw.normal(1, 3)).expand(2, 3).clone()
    yield case("parallel", draw.normal(2, 3), parallel, skip=True)
    opposite = parallel * torch.tensor([[1.0], [-1.0]])
    yield case("opposite", draw.normal(2, 3), opposite, skip=True)
    mixed = torch.stack([_unit(draw.normal(2, 3)), parallel])
    yield case("one good pair, one parallel pair", draw.normal(2, 2, 3), mixed, skip=True)


def _unit(x: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.normalize(x, dim=-1)


@cases_for("fundamental_matrix")
def fundamental_matrix(draw: Draw) -> Iterator[Case]:
    """Two cameras with different, skewed intrinsics; a batch of second cameras."""
    for name, batch in [("two cameras", ()), ("one camera against five", (5,))]:
        inputs = {
            "K_1": random_intrinsics(draw),
            "world_from_camera_1": random_poses(draw),
            "K_2": random_intrinsics(draw, *batch),
            "world_from_camera_2": random_poses(draw, *batch),
        }
        yield Case("fundamental_matrix", name, inputs)


@cases_for("eight_point")
def eight_point(draw: Draw) -> Iterator[Case]:
    """Exact and noisy matches, in uv and in pixels; views that look at a scene off-centre."""
    for name, count, noise, scale, corner in [
        ("exact matches", 30, 0.0, 1.0, 0.0),
        ("eight matches", 8, 0.0, 1.0, 0.0),
        ("noisy matches", 60, 1e-3, 1.0, 0.0),
        # A window cut out of a large photograph: this is where unnormalised matches fall apart.
        ("noisy matches in pixels", 60, 1e-3, 1000.0, 4000.0),
    ]:
        points = 0.6 * draw.normal(count, 3)
        views = [_view(draw, points, noise, scale, corner) for _ in range(2)]
        clean = {f"clean_{i}": view[0] for i, view in enumerate(views, start=1)}
        inputs = {f"uv_{i}": view[1] for i, view in enumerate(views, start=1)}
        yield Case("eight_point", name, inputs, truth={**clean, "scale": scale})


def _view(
    draw: Draw, points: torch.Tensor, noise: float, scale: float, corner: float
) -> tuple[torch.Tensor, torch.Tensor]:
    uv = projected(random_intrinsics(draw), camera_looking_at_origin(draw, 4.0), points)
    noisy = uv + noise * draw.normal(*uv.shape)
    return (scale * uv + corner).float(), (scale * noisy + corner).float()


@cases_for("estimate_pose")
def estimate_pose(draw: Draw) -> Iterator[Case]:
    """Starting poses turned by 5°, 30° and 50° and shifted; exact and noisy image points."""
    for name, degrees, noise in [
        ("from 5° away", 5.0, 0.0),
        ("from 30° away, noisy", 30.0, 1e-3),
        ("from 50° away", 50.0, 0.0),
        ("from 50° away about another axis", 50.0, 0.0),
    ]:
        points, K = draw.uniform(-0.8, 0.8, 40, 3), random_intrinsics(draw)
        # Close by: from afar, turning and shifting look alike, and only second-order methods arrive.
        pose = camera_looking_at_origin(draw, 2.5)
        uv = projected(K, pose, points).float() + noise * draw.normal(40, 2)
        half = math.radians(degrees) / 2
        axis = _unit(draw.normal(3)) * math.sin(half)
        turn = rotation_from_quaternion(torch.cat([torch.tensor([math.cos(half)]), axis]))
        # Turned about the object, so that it stays in view, as when a tracker loses its target.
        start = rigid(turn, 0.1 * draw.normal(3)) @ pose
        inputs = {"points": points, "uv": uv, "K": K, "initial_world_from_camera": start}
        yield Case(
            "estimate_pose", name, inputs, truth={"pose": pose, "noise": noise}, compare=False
        )


@cases_for("find_convention")
def find_convention(draw: Draw) -> Iterator[Case]:
    """The puzzle, as a student gets it, from fresh seeds."""
    first_maps = ""
    for name in ["first camera maker", "second camera maker", "third camera maker"]:
        # The second and third map the other way than the first: no single guess fits all.
        puzzle, axes, maps = _puzzle(draw, refused=first_maps)
        first_maps = first_maps or maps
        inputs = {
            "images": puzzle.images,
            "poses": puzzle.poses,
            "K": puzzle.K,
            "points": puzzle.points,
            "colors": puzzle.colors,
        }
        yield Case(
            "find_convention", name, inputs, truth={"axes": axes, "maps": maps}, compare=False
        )


def _puzzle(draw: Draw, refused: str) -> tuple[Puzzle, str, str]:
    while True:
        seed = draw.integer(0, 2**31)
        render = draw.reference["render_points"]
        puzzle, axes, maps = puzzle_from_seed(seed, render, views=3, resolution=(24, 32))
        if maps != refused:
            return puzzle, axes, maps
