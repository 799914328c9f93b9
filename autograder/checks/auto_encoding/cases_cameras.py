"""Cases for the test of cameras: orientations apart by known angles, and values sorted into bins."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from autograder.checking.cases import Case, Draw, cases_for
from autograder.checks.camera_geometry.sampling import (
    random_poses,
    random_rotations,
    rigid,
    rotation_from_quaternion,
)


@cases_for("angle_to_nearest")
def angle_to_nearest(draw: Draw) -> Iterator[Case]:
    """Orientations at random and by known angles, from none to half a turn; positions that tell nothing."""

    def case(name: str, cameras: Tensor, training: Tensor, **truth: Tensor) -> Case:
        inputs = {"world_from_camera": cameras, "training": training}
        return Case("angle_to_nearest", name, inputs, truth=truth, compare=False)

    yield case("one training camera", random_poses(draw, 5), random_poses(draw, 1))
    yield case("nine training cameras", random_poses(draw, 6), random_poses(draw, 9))
    yield case("one camera", random_poses(draw, 1), random_poses(draw, 7))
    # Cameras turned away from one training camera by known angles, the others by far more.
    degrees = torch.tensor([0.06, 3.0, 15.0, 28.0]) * draw.uniform(0.9, 1.1, 4)
    training = _apart(draw, degrees.numel())
    axes = torch.nn.functional.normalize(draw.normal(4, 3), dim=-1)
    R = training[:, :3, :3].double() @ turn(axes, degrees)
    moved = rigid(R.float(), 5 * draw.normal(4, 3))
    yield case("known angles", moved, training, degrees=degrees)
    # About its own optical axis: where it looks stays, and the pose does not.
    degrees = draw.uniform(20, 80, 3)
    pose = random_poses(draw)[None].expand(3, 4, 4)
    R = pose[:, :3, :3].double() @ turn(torch.tensor([[0.0, 0.0, 1.0]]).expand(3, 3), degrees)
    rolled = rigid(R.float(), pose[:, :3, 3])
    yield case("rolled", rolled, pose[:1].clone(), degrees=degrees)
    # The camera at the same place looks elsewhere; a distant one looks the same way.
    R, near, far = random_rotations(draw).double(), draw.normal(1, 3), 9 * draw.normal(1, 3)
    axes = torch.nn.functional.normalize(draw.normal(2, 3), dim=-1)
    degrees = torch.stack([draw.uniform(110, 150), draw.uniform(4, 8)])
    training = rigid((R @ turn(axes, degrees)).float(), torch.cat([near, far]))
    yield case("far away", rigid(R.float()[None], near), training, degrees=degrees[1:])
    flips = torch.tensor([[1.0, -1, -1, 1], [-1, 1, -1, 1], [-1, -1, 1, 1]])
    pose = _badly_rounded(draw, 2)[:1]
    yield case("half turns", pose * flips[:, None], pose, degrees=torch.full((3,), 180.0))
    home = _badly_rounded(draw, 40)
    yield case("training cameras", home[draw.permutation(40)], home)


def turn(axes: Tensor, degrees: Tensor) -> Tensor:
    """Rotations `n 3 3`, float64, about unit axes."""
    half = torch.deg2rad(degrees.double()) / 2
    return rotation_from_quaternion(
        torch.cat([half.cos()[:, None], half.sin()[:, None] * axes], -1)
    )


def _badly_rounded(draw: Draw, count: int) -> Tensor:
    """Poses such as products of many float32 matrices leave them: rows longer or shorter than 1 in the last digits.

    (trace of RᵀR − 1) / 2 is beyond 1 for one half of them, and too far below it for the other.
    """
    off = 3e-7 * torch.tensor([1.0, -1.0], dtype=torch.float64).repeat(count // 2)
    rotations = random_rotations(draw, count).double() * (1 + off)[:, None, None]
    return rigid(rotations.float(), 2 * draw.normal(count, 3))


def _apart(draw: Draw, count: int) -> Tensor:
    """Up to four poses, any two of them half a turn apart."""
    flips = torch.tensor([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])[:count]
    return rigid(random_rotations(draw) * flips[:, None], 2 * draw.normal(count, 3))


@cases_for("mean_in_bins")
def mean_in_bins(draw: Draw) -> Iterator[Case]:
    """Positions on edges, between them and beyond; bins without a value; values that are infinite."""

    def case(name: str, values: Tensor, positions: Tensor, edges: list[float]) -> Case:
        inputs = {"values": values, "positions": positions, "edges": torch.tensor(edges)}
        return Case("mean_in_bins", name, inputs, compare=False)

    def between(edges: list[float], each: int) -> Tensor:
        """Positions inside of all bins, shuffled."""
        low, high = torch.tensor(edges[:-1]), torch.tensor(edges[1:])
        inside = low + (high - low) * draw.uniform(0.05, 0.95, each, len(low))
        return inside.flatten()[draw.permutation(inside.numel())]

    edges = [0.0, 10.0, 20.0, 45.0]
    yield case("three bins", draw.uniform(15, 35, 12), between(edges, 4), edges)
    edges = [-1.5, -0.25, 0.5, 0.75, 3.0]
    yield case(
        "uneven bins", draw.normal(9), torch.cat([between(edges, 2), between(edges, 1)[:1]]), edges
    )
    # On the edges, and so close to them that a tolerance would count what does not.
    on_edges = torch.tensor([2.0, 0.5, 8.0, 4.0, 0.5, 2.0, 8.0, 0.4995, 3.9995, 8.0005])
    yield case("on the edges", draw.uniform(1, 9, 10), on_edges, [0.5, 2.0, 4.0, 8.0])
    beyond = torch.tensor([-3.0, 0.2, 4.1, 1.5, -0.01, 99.0, 0.9, 2.5])
    yield case("beyond all bins", draw.uniform(5, 9, 8), beyond, [0.0, 1.0, 2.0, 4.0])
    apart = torch.tensor([0.5, 5.5, 0.75, 5.25])
    yield case("empty bins", draw.uniform(5, 9, 4), apart, [-4.0, 0.0, 2.0, 4.0, 6.0, 8.0])
    yield case("one bin", draw.uniform(5, 9, 4), torch.tensor([1.0, 0.25, 3.0, 1.75]), [0.0, 2.0])
    values = draw.uniform(5, 9, 8)
    values[[1, 3, 7]] = math.inf  # in the second bin, and on both sides of all of them
    positions = torch.tensor([0.5, 1.5, 2.5, -0.5, 0.25, 1.25, 2.75, 3.5])
    yield case("infinite values", values, positions, [0.0, 1.0, 2.0, 3.0])
    yield case("no values", torch.zeros(0), torch.zeros(0), [0.0, 1.0, 2.0])
