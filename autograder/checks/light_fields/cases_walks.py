"""Cases for walks along lines of sight, and for lines with codes beside them."""

from __future__ import annotations

from collections.abc import Iterator

from autograder.checking.cases import Case, Draw, as_float64, cases_for
from autograder.checks.camera_geometry.sampling import (
    random_intrinsics,
    random_poses,
    rigid,
    rotation_from_quaternion,
)


@cases_for("walk_along")
def walk_along(draw: Draw) -> Iterator[Case]:
    """Cameras with skewed K, pixels in and beside the picture, ways forwards and back."""

    def case(name: str, distance: float, low: float = 0.0, high: float = 1.0) -> Case:
        inputs = {
            "uv": draw.uniform(low, high, 2),
            "distance": distance,
            "K": random_intrinsics(draw),
            "world_from_camera": random_poses(draw),
        }
        return Case("walk_along", name, inputs, compare=False)

    def some(low: float, high: float) -> float:
        return float(draw.uniform(low, high))

    yield case("one pixel", some(1, 3))
    yield case("far", some(20, 50))
    yield case("near the upper left corner", some(1, 3), 0.0, 0.1)
    yield case("beyond the picture", some(1, 3), 1.2, 1.8)
    yield case("backwards", -some(1, 3))
    yield case("not at all", 0.0)
    exact = case("in float64", some(1, 3))
    inputs = as_float64(exact.inputs)
    turned = rotation_from_quaternion(draw.normal(4).double())
    inputs["world_from_camera"] = rigid(turned, inputs["world_from_camera"][:3, 3])
    yield Case("walk_along", exact.name, inputs, compare=False)


@cases_for("concat_lines")
def concat_lines(draw: Draw) -> Iterator[Case]:
    """Codes and lines in numbers that differ, and in numbers that do not."""
    for name, b, p, d in [
        ("three objects", 3, 5, 4),
        ("as many objects as lines", 4, 4, 7),
        ("codes as long as lines", 3, 2, 6),
        ("six of everything", 6, 6, 6),
        ("one object", 1, 4, 3),
        ("one line", 3, 1, 5),
        ("one number", 2, 3, 1),
    ]:
        inputs = {"z": draw.normal(b, d), "lines": draw.normal(b, p, 6)}
        yield Case("concat_lines", name, inputs, compare=False)
