"""Cases for the geometry in a light field: eyes around points, walks past a plane, rays to measure, points to keep."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from autograder.checking.cases import Case, Draw, as_float64, cases_for
from autograder.checks.camera_geometry.sampling import random_rotations


@cases_for("disagreement")
def disagreement(draw: Draw) -> Iterator[Case]:
    """Points, and eyes at some distance from all of them; on a plane with a texture where `truth` has one."""
    for name, points, eyes in [
        ("one point", 1, 4),
        ("several points", 5, 3),
        ("two eyes", 4, 2),
        ("one eye", 3, 1),
        ("many eyes", 2, 9),
        ("as many points as eyes", 3, 3),
        ("three points, six eyes", 3, 6),
    ]:
        away = torch.nn.functional.normalize(draw.normal(eyes, 3), dim=-1)
        inputs = {
            "x": draw.uniform(-0.5, 0.5, points, 3),
            "eyes": away * draw.uniform(2, 4, eyes, 1),
        }
        yield Case("disagreement", name, inputs, compare=False)
    plane = _plane(draw)
    on, above = _around(draw, plane, 6, 0.0, 0.0), _around(draw, plane, 4, 1.0, 2.0)
    yield Case("disagreement", "a surface", {"x": on, "eyes": above}, truth=plane, compare=False)


@cases_for("epi")
def epi(draw: Draw) -> Iterator[Case]:
    """Eyes along a line above a plane, and targets along another: parallel, askew, and in one place."""

    def case(name: str, shape: tuple[int, int], **ends: Tensor) -> Case:
        plane = _plane(draw)
        eyes, targets = _around(draw, plane, 2, 1.5, 2.5), _around(draw, plane, 2, -0.5, 0.5)
        inputs: dict[str, Any] = {"eyes": tuple(eyes), "targets": tuple(targets), "shape": shape}
        return Case("epi", name, inputs, truth=plane, compare=False)

    yield case("a walk", (4, 7))
    yield case("more rows than columns", (8, 3))
    yield case("as many rows as columns", (5, 5))
    yield case("one row", (1, 6))
    yield case("one column", (6, 1))
    yield case("one ray", (1, 1))
    still = case("standing still", (3, 5))
    still.inputs["eyes"] = (still.inputs["eyes"][0], still.inputs["eyes"][0].clone())
    yield still
    # Eyes and targets along one direction, beside a plane along it: the pattern is sheared, the same all over.
    turned = random_rotations(draw)
    side, up, normal = turned.T
    height, beyond = float(draw.uniform(1.5, 2.5)), float(draw.uniform(0.5, 1.5))
    length = float(draw.uniform(0.8, 1.2))
    eyes = tuple(height * normal + 0.2 * up + k * length * side for k in (-1, 1))
    targets = tuple(-beyond * normal + k * side for k in (-1, 1))
    inputs = {"eyes": eyes, "targets": targets, "shape": (24, 30)}
    plane = {"normal": normal.clone(), "offset": 0.0}
    yield Case("epi", "beside a wall", inputs, truth=plane, compare=False)
    doubles = as_float64(case("in float64", (3, 4)).inputs)
    yield Case("epi", "in float64", doubles, truth=_plane(draw), compare=False)


@cases_for("depth_from_light_field")
def depth_from_light_field(draw: Draw) -> Iterator[Case]:
    """Rays to a plane with a texture, before it and behind, and directions across of several lengths."""

    def case(name: str, rays: int, count: int, low: float = 1.0, high: float = 3.0) -> Case:
        plane = _plane(draw)
        origins, met = _around(draw, plane, rays, low, high), _around(draw, plane, rays, 0.0, 0.0)
        directions = torch.nn.functional.normalize(met - origins, dim=-1)
        if high < 0:  # the plane is behind
            directions = -directions
        across = _across(draw, directions, count)
        inputs = {"origins": origins, "directions": directions, "across": across}
        return Case("depth_from_light_field", name, inputs, truth=plane, compare=False)

    yield case("a wall", 5, 2)
    yield case("one direction across", 6, 1)
    yield case("three directions across", 4, 3)
    yield case("three of everything", 3, 3)
    yield case("one ray", 1, 2)
    yield case("far away", 5, 2, 6.0, 9.0)
    yield case("near", 5, 2, 0.2, 0.6)
    yield case("a wall behind", 4, 2, -3.0, -1.0)
    yield case("many rays", 24, 2)
    along = case("along a ray", 4, 1)
    across, ray = along.inputs["across"], along.inputs["directions"][:1]
    along.inputs["across"] = torch.cat([across, 1.3 * ray])
    yield along
    exact = case("in float64", 4, 2)
    inputs = as_float64(exact.inputs)
    inputs["directions"] = torch.nn.functional.normalize(inputs["directions"], dim=-1)
    yield Case("depth_from_light_field", exact.name, inputs, truth=exact.truth, compare=False)


@cases_for("point_cloud")
def point_cloud(draw: Draw) -> Iterator[Case]:
    """Rays with distances within, below and above the limits, endless ones, and some that are no number."""

    def case(name: str, distances: Tensor, near: float, far: float) -> Case:
        rays = len(distances)
        inputs = {
            "origins": 2 * draw.normal(rays, 3),
            "directions": torch.nn.functional.normalize(draw.normal(rays, 3), dim=-1),
            "distances": distances,
            "rgb": draw.uniform(-1, 1, rays, 3),
            "near": near,
            "far": far,
        }
        return Case("point_cloud", name, inputs, compare=False)

    def mixed(*parts: Tensor) -> Tensor:
        together = torch.cat(parts)
        return together[draw.permutation(len(together))]

    within, above = draw.uniform(1.1, 2.9, 6), draw.uniform(3.1, 9, 3)
    below = torch.cat([draw.uniform(-2, -1.1, 2), draw.uniform(-0.9, 0.9, 2)])
    nothing, endless = torch.full((3,), torch.nan), torch.tensor([torch.inf, -torch.inf])
    yield case("all of them", draw.uniform(1.1, 2.9, 7), 1.0, 3.0)
    yield case("too near and too far", mixed(within, below, above), 1.0, 3.0)
    yield case("no number", mixed(within, nothing), 1.0, 3.0)
    yield case("endless", mixed(within, endless), 1.0, 3.0)
    yield case("everything together", mixed(within, below, above, nothing, endless), 1.0, 3.0)
    yield case("none is left", mixed(below, above, nothing), 1.0, 3.0)
    yield case("no rays", torch.zeros(0), 1.0, 3.0)
    yield case("one ray", draw.uniform(1.1, 2.9, 1), 1.0, 3.0)
    yield case("three rays", draw.uniform(1.1, 2.9, 3), 1.0, 3.0)
    yield case("behind the origin", mixed(draw.uniform(-2.9, -1.1, 3), within, nothing), -3.0, 2.0)
    ends = mixed(
        torch.tensor([1.5, 2.75]), torch.tensor([1.4375, 2.8125]), draw.uniform(1.6, 2.7, 2)
    )
    yield case("at the limits", ends, 1.5, 2.75)


def _plane(draw: Draw) -> dict[str, Any]:
    """A plane near the origin: its normal at length 1, and its offset along it."""
    normal = torch.nn.functional.normalize(draw.normal(3), dim=0)
    return {"normal": normal, "offset": float(draw.uniform(-0.5, 0.5))}


def _around(draw: Draw, plane: dict[str, Any], count: int, low: float, high: float) -> Tensor:
    """Points `count 3` between `low` and `high` above a plane, the plane's own point near the origin below them."""
    normal, offset = plane["normal"], plane["offset"]
    beside = draw.uniform(-1, 1, count, 3)
    beside = beside - (beside @ normal)[:, None] * normal
    points: Tensor = beside + (offset + draw.uniform(low, high, count, 1)) * normal
    return points


def _across(draw: Draw, directions: Tensor, count: int) -> Tensor:
    """Directions of lengths between 0.7 and 1.4, none near that of a ray; across each other as far as that goes."""
    while True:
        axes: Tensor = torch.linalg.qr(draw.normal(3, 3)).Q
        found = axes[:count] * draw.uniform(0.7, 1.4, count, 1)
        along = (torch.nn.functional.normalize(found, dim=-1) @ directions.T).abs()
        if along.max() < 0.95:
            return found
