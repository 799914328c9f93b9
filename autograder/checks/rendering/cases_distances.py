"""Cases for distance fields: sphere, box and torus, and what is built from distances."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from autograder.checking.cases import Case, Draw, cases_for
from autograder.checks.rendering.exact_distances import box_distance, torus_distance


@cases_for("sphere_sdf")
def sphere_sdf(draw: Draw) -> Iterator[Case]:
    """Points inside and outside, also far away; no, one and two batch dimensions."""
    radius = float(draw.uniform(0.4, 1.6))
    direction = torch.nn.functional.normalize(draw.normal(8, 3), dim=-1)
    share = torch.tensor([0.1, 0.4, 0.7, 0.95, 1.05, 1.5, 2.5, 4.0])[:, None]
    for name, points in [
        ("a few points", radius * share * direction),
        ("one point", draw.normal(3)),
        ("a grid of points", draw.normal(2, 5, 3)),
        ("far away", 100 * draw.normal(4, 3)),
    ]:
        yield Case("sphere_sdf", name, {"x": points, "radius": radius})


@cases_for("box_sdf")
def box_sdf(draw: Draw) -> Iterator[Case]:
    """Every region around a box: before faces, edges and corners, on either side, and inside."""
    half_sizes = _three_sizes(draw)

    def case(name: str, points: torch.Tensor) -> Case:
        exact = box_distance(points, half_sizes)
        return Case(
            "box_sdf", name, {"x": points, "half_sizes": half_sizes}, truth={"exact": exact}
        )

    signs = torch.cartesian_prod(*[torch.tensor([-1.0, 0.0, 1.0])] * 3)
    outside = torch.cat([signs[:13], signs[14:]])  # 6 faces, 12 edges, 8 corners
    # On an axis that is not left the point stays between two faces.
    left = half_sizes + draw.uniform(0.1, 1.5, 26, 3)
    between = draw.uniform(-0.8, 0.8, 26, 3) * half_sizes
    yield case("outside", torch.where(outside == 0, between, outside * left))
    inside = draw.uniform(-0.95, 0.95, 4, 5, 3) * half_sizes
    yield case("inside", inside)
    yield case("one point", half_sizes * torch.tensor([0.3, -1.5, 1.2]))


@cases_for("torus_sdf")
def torus_sdf(draw: Draw) -> Iterator[Case]:
    """Points around, inside and in the hole of a torus, which lies about the z axis and no other."""
    major, minor = float(draw.uniform(0.9, 1.3)), float(draw.uniform(0.2, 0.4))

    def case(name: str, points: torch.Tensor) -> Case:
        inputs = {"x": points, "major": major, "minor": minor}
        return Case(
            "torus_sdf", name, inputs, truth={"exact": torus_distance(points, major, minor)}
        )

    yield case("around", 1.2 * draw.normal(2, 8, 3))
    angle, turn = draw.uniform(0, 6.28, 10), draw.uniform(0, 6.28, 10)
    from_axis = major + 0.7 * minor * turn.cos()
    inside = [from_axis * angle.cos(), from_axis * angle.sin(), 0.7 * minor * turn.sin()]
    yield case("inside", torch.stack(inside, -1))
    yield case("in the hole", 0.3 * draw.normal(6, 3))
    yield case("one point", draw.normal(3))


def _three_sizes(draw: Draw) -> torch.Tensor:
    """Half sizes of which no two are alike, in a random order."""
    return (torch.tensor([0.4, 0.8, 1.3]) + draw.uniform(-0.1, 0.1, 3))[draw.permutation(3)]


@cases_for("union_sdf")
def union_sdf(draw: Draw) -> Iterator[Case]:
    """Distances of either sign; no, one and two batch dimensions."""
    for name, batch in [("distances", (9,)), ("one pair", ()), ("a grid", (3, 4))]:
        inputs = {"a": draw.normal(*batch), "b": draw.normal(*batch)}
        yield Case("union_sdf", name, inputs)


@cases_for("smooth_union_sdf")
def smooth_union_sdf(draw: Draw) -> Iterator[Case]:
    """Pairs closer than the width, pairs farther apart, of either sign; narrow and wide seams."""

    def case(name: str, a: torch.Tensor, apart: torch.Tensor, width: float) -> Case:
        inputs = {"a": a, "b": a + width * apart, "width": width}
        return Case("smooth_union_sdf", name, inputs)

    width = float(draw.uniform(0.2, 0.6))
    yield case("in the seam", draw.normal(8), draw.uniform(-0.9, 0.9, 8), width)
    side = torch.tensor([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
    yield case("beyond the seam", draw.normal(6), side * draw.uniform(1.2, 4, 6), width)
    yield case("a wide seam, a grid", draw.normal(3, 4), draw.uniform(-1.5, 1.5, 3, 4), 5.0)
    yield case("a narrow seam", draw.normal(6), draw.uniform(-1.5, 1.5, 6), 0.01)


@cases_for("round_sdf")
def round_sdf(draw: Draw) -> Iterator[Case]:
    """Distances of either sign, grown by some radius."""
    for name, batch in [("distances", (9,)), ("one distance", ()), ("a grid", (3, 4))]:
        inputs = {"distance": draw.normal(*batch), "radius": float(draw.uniform(0.1, 0.5))}
        yield Case("round_sdf", name, inputs)
