"""Cases for frames of reference: homogeneous coordinates, rigid motions, rotations, look-at, conventions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import product

import torch

from autograder.checking.cases import Case, Draw, cases_for
from autograder.checks.camera_geometry.sampling import random_poses

CONVENTIONS = ("opencv", "opengl", "pytorch3d", "blender")
MAPS = ("world_from_camera", "camera_from_world")


@cases_for("homogenize_points")
def homogenize_points(draw: Draw) -> Iterator[Case]:
    """Points in the plane and in space, with no, one and several batch dimensions."""
    yield Case("homogenize_points", "five points", {"points": draw.normal(5, 3)})
    yield Case("homogenize_points", "one point", {"points": draw.normal(3)})
    yield Case("homogenize_points", "batch", {"points": draw.normal(2, 4, 3)})
    yield Case("homogenize_points", "plane", {"points": draw.normal(6, 2)})


@cases_for("homogenize_directions")
def homogenize_directions(draw: Draw) -> Iterator[Case]:
    """As for points."""
    yield Case("homogenize_directions", "five directions", {"directions": draw.normal(5, 3)})
    yield Case("homogenize_directions", "batch", {"directions": draw.normal(2, 4, 3)})
    yield Case("homogenize_directions", "plane", {"directions": draw.normal(2)})


@cases_for("transform")
def transform(draw: Draw) -> Iterator[Case]:
    """Rigid and general matrices; batches whose sizes invite confusion (4 of 4)."""
    x = draw.normal(4)

    def case(name: str, matrix: torch.Tensor, x: torch.Tensor) -> Case:
        return Case("transform", name, {"target_from_source": matrix, "x": x})

    yield case("one point", random_poses(draw), torch.cat([x[:3], torch.ones(1)]))
    direction = torch.cat([draw.normal(5, 3), torch.zeros(5, 1)], -1)
    yield case("directions", random_poses(draw, 5), direction)
    yield case("one matrix, four vectors", random_poses(draw), draw.normal(4, 4))
    yield case("four matrices, four vectors", random_poses(draw, 4), draw.normal(4, 4))
    yield case("general matrices", draw.normal(3, 4, 4), draw.normal(3, 4))
    yield case("broadcast (7, 1) with (3)", random_poses(draw, 7, 1), draw.normal(3, 4))


@cases_for("invert_rigid")
def invert_rigid(draw: Draw) -> Iterator[Case]:
    """Random elements of SE(3) with zero, one and two batch dimensions."""
    for name, batch in [("one pose", ()), ("batch", (5,)), ("two batch dimensions", (2, 3))]:
        yield Case("invert_rigid", name, {"target_from_source": random_poses(draw, *batch)})


@cases_for("rotation_from_axis_angle")
def rotation_from_axis_angle(draw: Draw) -> Iterator[Case]:
    """Ordinary angles, zero, tiny angles, angles just below, at and above π."""

    def case(name: str, w: torch.Tensor) -> Case:
        return Case("rotation_from_axis_angle", name, {"axis_angle": w})

    axes = torch.nn.functional.normalize(draw.normal(6, 3), dim=-1)
    yield case("one rotation", draw.uniform(0.4, 1.1, 3))
    yield case("batch", draw.normal(2, 4, 3))
    yield case("zero", torch.zeros(3))
    yield case("zeros among others", torch.stack([axes[0], torch.zeros(3), axes[1]]))
    yield case("tiny", axes * torch.tensor([1e-2, 1e-3, 1e-4, 1e-5, 1e-7, 1e-12])[:, None])
    near = torch.tensor([math.pi - 1e-2, math.pi - 1e-4, math.pi, math.pi + 1e-4, 3.3, 6.2])
    yield case("near π", axes * near[:, None])


@cases_for("look_at")
def look_at(draw: Draw) -> Iterator[Case]:
    """Oblique views; `up` neither unit nor perpendicular; cameras that share target and up."""

    def case(name: str, eye: torch.Tensor, target: torch.Tensor, up: torch.Tensor) -> Case:
        return Case("look_at", name, {"eye": eye, "target": target, "up": up})

    z = torch.tensor([0.0, 0.0, 1.0])
    yield case("one camera", draw.uniform(1.0, 3.0, 3), draw.uniform(-0.5, 0.5, 3), z)
    tilted = torch.tensor([0.3, -0.2, 2.5])
    yield case("tilted long up", draw.uniform(1.0, 3.0, 3), draw.uniform(-0.5, 0.5, 3), tilted)
    eyes = torch.cat([draw.normal(5, 2) + 1.5, draw.uniform(-0.5, 0.5, 5, 1)], -1)
    yield case("five eyes, one target", eyes * 2, draw.uniform(-0.2, 0.2, 3), z)
    yield case("camera below the ground", torch.tensor([1.0, 2.0, -3.0]), draw.normal(3) * 0.2, z)


@cases_for("convert_camera")
def convert_camera(draw: Draw) -> Iterator[Case]:
    """Every pair of conventions in every pair of forms; one batch."""
    pose = random_poses(draw)
    for source, target in product(CONVENTIONS, CONVENTIONS):
        yield _conversion(pose, source, target, MAPS[0], MAPS[0])
    for source_maps, target_maps in product(MAPS, MAPS):
        if (source_maps, target_maps) != (MAPS[0], MAPS[0]):
            for source, target in product(CONVENTIONS, CONVENTIONS):
                yield _conversion(pose, source, target, source_maps, target_maps)
    batch = {"pose": random_poses(draw, 2, 3), "source": "pytorch3d", "target": "opengl"}
    yield Case("convert_camera", "batch", batch)


def _conversion(pose: torch.Tensor, source: str, target: str, maps: str, wanted: str) -> Case:
    name = f"{source} {maps} → {target} {wanted}"
    inputs = {"pose": pose, "source": source, "target": target}
    return Case("convert_camera", name, {**inputs, "source_maps": maps, "target_maps": wanted})
