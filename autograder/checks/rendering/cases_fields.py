"""Cases for fields: the positional encoding, voxel grids, three planes and what a decoder makes of them."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from autograder.checking.cases import Case, Draw, cases_for


@cases_for("positional_encoding")
def positional_encoding(draw: Draw) -> Iterator[Case]:
    """Points of one, two and three coordinates; one octave and many; no, one and two batch dimensions."""

    def case(name: str, x: torch.Tensor, octaves: int) -> Case:
        return Case("positional_encoding", name, {"x": x, "octaves": octaves})

    yield case("five points in the plane", draw.uniform(-1, 1, 5, 2), 3)
    yield case("one point", draw.uniform(-1, 1, 3), 4)
    yield case("a batch of batches", draw.uniform(-1, 1, 2, 4, 3), 2)
    yield case("one octave", draw.uniform(-1, 1, 6, 2), 1)
    yield case("one coordinate", draw.uniform(-1, 1, 7, 1), 5)
    yield case("ten octaves", draw.uniform(-1, 1, 4, 3), 10)


@cases_for("voxel_field")
def voxel_field(draw: Draw) -> Iterator[Case]:
    """Grids of three different sizes; points between nodes, on every node, on the faces and beyond them."""

    def case(name: str, grid: torch.Tensor, points: torch.Tensor) -> Case:
        return Case("voxel_field", name, {"grid": grid, "points": points})

    sizes = _sizes(draw)
    ramps = nodes_of(sizes)
    yield case("coordinates", ramps.movedim(-1, 0), draw.uniform(-1, 1, 7, 3))
    yield case("nodes", draw.normal(2, *sizes), ramps)
    sizes = _sizes(draw)
    yield case("anywhere", draw.normal(3, *sizes), draw.uniform(-1, 1, 2, 6, 3))
    yield case("one point", draw.normal(4, *sizes), draw.uniform(-1, 1, 3))
    yield case("one channel", draw.normal(1, *sizes), draw.uniform(-1, 1, 5, 3))
    yield case("two nodes", draw.normal(3, 2, 2, 2), draw.uniform(-1, 1, 5, 3))
    far = draw.uniform(1.05, 3, 24, 3) * torch.tensor([1.0, -1.0])[draw.permutation(72) % 2].view(
        24, 3
    )
    inside = draw.uniform(-0.95, 0.95, 24, 3)
    leaves = torch.cartesian_prod(*[torch.tensor([True, False])] * 3).repeat(3, 1)
    yield case("beyond the faces", draw.normal(2, *sizes), torch.where(leaves, far, inside))


@cases_for("triplane_field")
def triplane_field(draw: Draw) -> Iterator[Case]:
    """Planes that hold the coordinates, and planes that hold anything; points inside and outside the cube."""

    def case(name: str, planes: torch.Tensor, points: torch.Tensor) -> Case:
        return Case("triplane_field", name, {"planes": planes, "points": points})

    n = draw.integer(4, 7)
    axes = nodes_of((n, n)).movedim(-1, 0)
    planes = torch.zeros(3, 6, n, n)
    for p in range(3):
        planes[p, 2 * p : 2 * p + 2] = axes
    yield case("coordinates", planes, draw.uniform(-1, 1, 6, 3))
    yield case("anywhere", draw.normal(3, 4, n, n), draw.uniform(-1, 1, 2, 5, 3))
    yield case("one point", draw.normal(3, 2, n, n), draw.uniform(-1, 1, 3))
    one = torch.linspace(-1, 1, n)
    yield case("nodes", draw.normal(3, 2, n, n), torch.cartesian_prod(one, one, one)[::7])
    outside = draw.normal(12, 3)
    yield case("beyond the faces", draw.normal(3, 2, n, n), outside * 2)


@cases_for("hybrid_field")
def hybrid_field(draw: Draw) -> Iterator[Case]:
    """Three channels, so that features could be mistaken for points, and other numbers of them."""
    n = draw.integer(3, 6)
    for name, channels, points in [
        ("three features", 3, draw.uniform(-1, 1, 6, 3)),
        ("five features", 5, draw.uniform(-1, 1, 2, 4, 3)),
        ("one point", 4, draw.uniform(-1, 1, 3)),
    ]:
        inputs = {"planes": draw.normal(3, channels, n, n), "points": points}
        yield Case("hybrid_field", name, inputs, compare=False)


def nodes_of(sizes: tuple[int, ...]) -> torch.Tensor:
    """Coordinates `*sizes d` of all nodes of a grid whose outermost nodes lie on ±1."""
    lines = [torch.linspace(-1, 1, n) for n in sizes]
    return torch.stack(torch.meshgrid(*lines, indexing="ij"), -1)


def _sizes(draw: Draw) -> tuple[int, int, int]:
    """Three numbers of nodes of which no two are alike, in any order."""
    first, second, third = (3 + int(i) for i in draw.permutation(3))
    return first, second, third
