"""Cases for walking along rays: points at depths, the marcher's weights, and views to march in."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from autograder.checking.cases import Case, Draw, as_float64, cases_for
from autograder.checks.camera_geometry.sampling import (
    random_intrinsics,
    random_poses,
    rigid,
    rotation_from_quaternion,
)


@cases_for("ray_point")
def ray_point(draw: Draw) -> Iterator[Case]:
    """Pixels, depths and cameras with skewed K; batches that broadcast against each other in every way."""

    def case(name: str, *batches: Sequence[int]) -> Case:
        uv, depth, K, pose = batches
        inputs = {
            "uv": draw.uniform(-0.2, 1.2, *uv, 2),
            "depth": draw.uniform(0.5, 6, *depth),
            "K": random_intrinsics(draw, *K),
            "world_from_camera": random_poses(draw, *pose),
        }
        return Case("ray_point", name, inputs, compare=False)

    yield case("one pixel", (), (), (), ())
    yield case("pixels of a camera", (6,), (6,), (), ())
    yield case("a camera for each pixel", (5,), (5,), (5,), (5,))
    yield case("cameras and their pixels", (3, 5), (3, 5), (3, 1), (3, 1))
    yield case("depths of one pixel", (), (7,), (), ())
    yield case("one depth", (3, 4), (), (), (3, 1))
    yield case("pixels seen by all cameras", (4,), (2, 1, 4), (3, 1), (2, 1, 1))
    yield case("four of everything", (4, 4), (4,), (4,), (4, 4))
    yield case("three of everything", (3, 3), (3, 3), (3, 3), (3, 3))
    behind = case("before, in and behind the camera", (6,), (6,), (), (6,))
    behind.inputs["depth"][:3] *= -1
    behind.inputs["depth"][3] = 0
    yield behind
    # Rounded rotations are none by a few digits, in which right answers differ: draw these in float64.
    exact = case("in float64", (3, 5), (3, 5), (3, 1), (3, 1))
    inputs = as_float64(exact.inputs)
    turned = rotation_from_quaternion(draw.normal(3, 1, 4).double())
    inputs["world_from_camera"] = rigid(turned, inputs["world_from_camera"][..., :3, 3])
    yield Case("ray_point", exact.name, inputs, compare=False)


@cases_for("RayMarcher")
def ray_marcher(draw: Draw) -> Iterator[Case]:
    """Weights of a cell and of the layer that reads the step; features and memories in batches of every shape."""
    for name, features, hidden, batch, long in [
        ("five rays", 6, 3, [5], 0),
        ("long steps forwards", 4, 3, [6], 1),
        ("long steps back", 4, 3, [6], -1),
        ("one ray", 4, 5, [], 0),
        ("rays of objects", 5, 4, [2, 3], 0),
        ("three dimensions", 3, 2, [2, 1, 4], 0),
        ("as many rays as features", 4, 3, [4, 4], 0),
    ]:
        bias = 0.5 * draw.normal(4 * hidden)
        # |h| < 1: the first of these lengths are of any sign, the others are long whatever h is.
        plain = 3 * draw.normal(1, hidden) / math.sqrt(hidden), draw.normal(1)
        sure = draw.uniform(-1, 1, 1, hidden) / hidden, long * draw.uniform(2.6, 3.5, 1)
        parameters = {
            "W_ih": 1.5 * draw.normal(4 * hidden, features) / math.sqrt(features),
            "W_hh": 1.5 * draw.normal(4 * hidden, hidden) / math.sqrt(hidden),
            "b_ih": bias,  # of one shape: a check cannot tell which of the two is which
            "b_hh": bias,
            **dict(zip(("length W", "length b"), sure if long else plain, strict=True)),
        }
        inputs = {
            "features": draw.normal(3, *batch, features),  # of three steps
            "h": draw.uniform(-0.9, 0.9, *batch, hidden),
            "c": 1.5 * draw.normal(*batch, hidden),
        }
        truth = {"arguments": [features, hidden], "parameters": parameters}
        yield Case("RayMarcher", name, inputs, truth=truth, compare=False)


@cases_for("find_intersection")
def find_intersection(draw: Draw) -> Iterator[Case]:
    """Cameras with intrinsics of their own and pixels of each; a scene's and a marcher's strengths."""
    for name, objects, pixels in [
        ("one object", 1, 5),
        ("three objects", 3, 4),
        ("three rays of three objects", 3, 3),
        ("one ray", 2, 1),
    ]:
        inputs = {
            "uv": draw.uniform(0, 1, objects, pixels, 2),
            "K": random_intrinsics(draw, objects),
            "world_from_camera": random_poses(draw, objects),
        }
        strengths = draw.uniform(0.8, 1.2, 2)
        truth = {"features": 7 + objects, "scene": strengths[0], "marcher": strengths[1]}
        yield Case("find_intersection", name, inputs, truth=truth, compare=False)
