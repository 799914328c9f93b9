"""Cases for lines: rays in batches of every shape, and pairs of lines whose distance is known beforehand."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from autograder.checking.cases import Case, Draw, cases_for
from autograder.checks.light_fields.lines import line, row_by_row

SHAPES: dict[str, tuple[Sequence[int], Sequence[int]]] = {
    "rows of rows": ((2, 4), (2, 4)),
    "three": ((3,), (3,)),  # as many as a vector has numbers
    "three by three": ((3, 3), (3, 3)),
    "one and six": ((), (6,)),
    "six and one": ((6,), ()),
    "rows and columns": ((3, 1), (4,)),
}


def arrows(draw: Draw, *batch: int) -> Tensor:
    """Directions `*b 3` of lengths from 0.3 to 3."""
    directions = draw.normal(*batch, 3)
    lengths: Tensor = draw.uniform(0.3, 3, *batch, 1) / directions.norm(dim=-1, keepdim=True)
    return lengths * directions


def drawn_lines(draw: Draw, *batch: int) -> Tensor:
    """Lines (d, m) `*b 6`, which pass the origin a few units away."""
    return row_by_row(line, 2 * draw.normal(*batch, 3), arrows(draw, *batch)).float()


@cases_for("plucker")
def plucker(draw: Draw) -> Iterator[Case]:
    """Rays whose directions have other lengths than 1; some go nowhere."""

    def case(name: str, origins: Sequence[int], directions: Sequence[int]) -> Case:
        inputs = {"origins": 2 * draw.normal(*origins, 3), "directions": arrows(draw, *directions)}
        return Case("plucker", name, inputs, compare=False)

    yield case("one ray", (), ())
    yield case("five rays", (5,), (5,))
    for name, shapes in SHAPES.items():
        yield case(name, *shapes)
    still = case("one goes nowhere", (4,), (4,))
    still.inputs["directions"][2] = 0
    yield still
    still = case("nowhere", (), ())
    still.inputs["directions"].zero_()
    yield still


@cases_for("closest_point")
def closest_point(draw: Draw) -> Iterator[Case]:
    """Lines and points: beside each other, on a line, at the origin, and lines through the origin."""

    def case(name: str, lines: Tensor, x: Tensor) -> Case:
        return Case("closest_point", name, {"lines": lines, "x": x}, compare=False)

    yield case("one line", drawn_lines(draw), 2 * draw.normal(3))
    yield case("five lines", drawn_lines(draw, 5), 2 * draw.normal(5, 3))
    for name, (lines, points) in SHAPES.items():
        yield case(name, drawn_lines(draw, *lines), 2 * draw.normal(*points, 3))
    yield case("nearest to the origin", drawn_lines(draw, 4), torch.zeros(3))
    origins, directions = 2 * draw.normal(6, 3), arrows(draw, 6)
    lengths = draw.uniform(1, 4, 6, 1) * torch.tensor([[1.0], [-1.0]]).repeat(3, 1)
    on_line = origins + lengths * directions / directions.norm(dim=-1, keepdim=True)
    yield case("points of the lines", row_by_row(line, origins, directions).float(), on_line)
    through = row_by_row(line, torch.zeros(3), arrows(draw, 5)).float()
    yield case("through the origin", through, 2 * draw.normal(5, 3))


def pairs(draw: Draw, shape: Sequence[int], distance: Tensor, sine: float = 1.0) -> list[Tensor]:
    """Two lines `*b 6` in float64, `distance` apart, with this sine of the angle between them; 1: any but small ones.

    With a small sine they come nearest so far away that their points nearest to the origin are 1.5 to 3 further apart.
    """
    d, other = draw.normal(*shape, 3).double(), draw.normal(*shape, 3).double()
    d = d / d.norm(dim=-1, keepdim=True)
    normal = torch.linalg.cross(d, other)
    normal = normal / normal.norm(dim=-1, keepdim=True)
    angle = draw.uniform(0.4, 2.7, *shape, 1).double()
    if sine < 1:
        angle = torch.full_like(angle, sine).asin()
    e = angle.cos() * d + angle.sin() * torch.linalg.cross(normal, d)
    p = 2 * draw.normal(*shape, 3).double()
    far = draw.uniform(1.5, 3, *shape, 1).double() / sine
    q = p + far * (d - e) + distance[..., None].double() * normal
    return [row_by_row(line, p, d), row_by_row(line, q, e)]


@cases_for("line_distance")
def line_distance(draw: Draw) -> Iterator[Case]:
    """Skew, meeting, parallel and opposite lines, some almost parallel, and the very same line twice."""

    def case(name: str, a: Tensor, b: Tensor, distance: Tensor, *parallel: float) -> Case:
        inputs: dict[str, Tensor | float] = {"a": a, "b": b}
        inputs |= dict(zip(["parallel"], parallel, strict=False))
        truth = {"distance": distance.double()}
        return Case("line_distance", name, inputs, truth=truth, compare=False)

    def skew(name: str, *shape: int) -> Case:
        distance = draw.uniform(0.5, 3, *shape)
        a, b = pairs(draw, shape, distance)
        return case(name, a.float(), b.float(), distance)

    yield skew("one pair")
    yield skew("five pairs", 5)
    yield skew("three pairs", 3)
    yield skew("three by three", 3, 3)
    yield skew("rows of pairs", 2, 4)
    a, b = pairs(draw, (4,), torch.zeros(4))
    yield case("meeting", a.float(), b.float(), torch.zeros(4))
    axes = torch.eye(3)[draw.permutation(3)]
    crossing = torch.tensor([float(draw.integer(1, 5)) for _ in range(3)])
    a, b = (row_by_row(line, crossing, axis).float() for axis in axes[:2])
    yield case("meeting exactly", a, b, torch.zeros(()))

    d, aside = draw.normal(2, 4, 3).double()
    aside = torch.linalg.cross(d, aside)
    distance = aside.norm(dim=-1)
    p = 2 * draw.normal(4, 3).double()
    a, b = (row_by_row(line, start, d).float() for start in (p, p + aside))
    yield case("parallel", a, b, distance)
    yield case("opposite", a, -b, distance)
    yield case("the same line", a, a.clone(), torch.zeros(4))
    yield case("the same line, turned around", a, -a, torch.zeros(4))
    skewed = skew("", 2)
    mixed = [torch.cat([x, y]) for x, y in zip(skewed.inputs.values(), (a, b), strict=True)]
    mixed[1][2] *= -1
    distances = torch.cat([skewed.truth["distance"], distance])
    yield case("skew, opposite and parallel", mixed[0], mixed[1], distances)
    # Of other directions d × d is not exactly 0 in float32.
    beside = crossing + axes[1:2] * torch.tensor([[2.0], [-3.0]])
    a, b = row_by_row(line, crossing, axes[:1]).float(), row_by_row(line, beside, axes[0]).float()
    b[1] *= -1
    yield case("beside an axis", a.expand(2, 6).clone(), b, torch.tensor([2.0, 3.0]))

    for sine in (1e-2, 1e-3, 1e-4):
        distance = draw.uniform(0.2, 0.5, 4)
        a, b = pairs(draw, (4,), distance, sine)
        flipped = torch.tensor([[1.0], [-1.0], [1.0], [-1.0]])
        yield case(f"almost parallel, {sine:g}", a, flipped * b, distance)
    distance = draw.uniform(0.2, 0.5, 4)
    a, b = pairs(draw, (4,), distance, 1e-6)
    yield case("a lower limit", a, b, distance, 1e-8)
