"""Cases for rays through two planes and through a cylinder: made from the points where they pass, and from none."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from autograder.checking.cases import Case, Draw, cases_for
from autograder.checks.light_fields.cases_lines import SHAPES


@cases_for("two_plane")
def two_plane(draw: Draw) -> Iterator[Case]:
    """Rays of all lengths that pass planes before them and behind them, and rays beside the planes."""

    def slanted(*batch: int) -> Tensor:
        """Directions `*b 3` of any length, well away from the planes, up and down."""
        z = draw.uniform(0.4, 1.5, *batch, 1) * (2.0 * (draw.normal(*batch, 1) > 0) - 1)
        return torch.cat([draw.normal(*batch, 2), z], -1) * draw.uniform(0.2, 4, *batch, 1)

    def case(name: str, origins: Tensor, directions: Tensor, *planes: float) -> Case:
        inputs: dict[str, Tensor | float] = {"origins": origins, "directions": directions}
        inputs |= dict(zip(("first", "second"), planes, strict=False))
        return Case("two_plane", name, inputs, compare=False)

    yield case("one ray", 2 * draw.normal(3), slanted())
    yield case("six rays", 2 * draw.normal(6, 3), slanted(6))
    for name, (starts, ways) in SHAPES.items():
        yield case(name, 2 * draw.normal(*starts, 3), slanted(*ways))
    yield case("other planes", 2 * draw.normal(5, 3), slanted(5), -1.5, 2.25)
    yield case("second before first", 2 * draw.normal(5, 3), slanted(5), 3.0, -0.5)
    origins, directions = 2 * draw.normal(4, 3), slanted(4)
    origins[:, 2] = -draw.uniform(1, 4, 4)
    directions[:, 2] = -directions[:, 2].abs()
    yield case("planes behind", origins, directions)

    origins, directions = 2 * draw.normal(6, 3), slanted(6)
    directions[1, 2] = 0
    directions[3, 2] = 0
    origins[3, 2] = 0  # within the first plane
    directions[4] = 0
    yield case("beside the planes", origins, directions)
    origins, directions = draw.uniform(-0.5, 0.5, 8, 3), slanted(8)
    origins[:, 2] -= 1
    level = directions[:, :2].norm(dim=-1)
    directions[:, 2] = level * torch.tensor([1e-7, -1e-7, 1e-5, -1e-5]).repeat(2)
    directions *= torch.tensor([1e3, 1e-3]).repeat_interleave(4)[:, None]
    yield case("almost beside the planes", origins, directions)


@cases_for("cylinder")
def cylinder(draw: Draw) -> Iterator[Case]:
    """Rays from outside, inside and beyond, and some that miss, touch, or go straight up."""

    def rays(where: tuple[float, float], *batch: int, radius: float = 1.0) -> tuple[Tensor, Tensor]:
        """Rays through the cylinder. They begin at `where`: 0 is the entry, 1 the exit. No angle is near the jump."""
        angles = draw.uniform(-2.9, 2.9, 2, *batch)
        while (near := (angles[0] - angles[1]).cos() > math.cos(0.6)).any():
            angles = torch.where(near, draw.uniform(-2.9, 2.9, 2, *batch), angles)
        level = radius * torch.stack([angles.cos(), angles.sin()], -1)
        entry, leaving = torch.cat([level, 2 * draw.normal(2, *batch, 1)], -1)
        start = draw.uniform(where[0], where[1], *batch, 1)
        directions = (leaving - entry) * draw.uniform(0.2, 4, *batch, 1)
        return entry + start * (leaving - entry), directions

    def case(
        name: str, given: tuple[Tensor, Tensor], hits: Tensor | None = None, *radius: float
    ) -> Case:
        inputs: dict[str, Tensor | float] = {"origins": given[0], "directions": given[1]}
        inputs |= dict(zip(["radius"], radius, strict=False))
        batch = np.broadcast_shapes(*(value.shape for value in given))[:-1]
        truth = {"hits": torch.ones(batch, dtype=torch.bool) if hits is None else hits}
        return Case("cylinder", name, inputs, truth=truth, compare=False)

    outside, inside, beyond = (-2.0, -0.3), (0.1, 0.9), (1.3, 3.0)
    yield case("one ray", rays(outside))
    yield case("five rays", rays(outside, 5))
    yield case("from inside", rays(inside, 5))
    yield case("from beyond", rays(beyond, 5))
    yield case("rows of rays", rays((-2.0, 3.0), 2, 4))
    yield case("three by three", rays((-2.0, 3.0), 3, 3))
    yield case("a wide cylinder", rays((-2.0, 3.0), 5, radius=2.5), None, 2.5)
    yield case("a narrow cylinder", rays((-2.0, 3.0), 5, radius=0.4), None, 0.4)
    origin, directions = rays(inside, 6)
    yield case("one origin, six directions", (origin[0], directions))
    origins, direction = rays(inside, 6)
    yield case("six origins, one direction", (origins, direction[0]))
    yield case("rows and columns", (rays(inside, 3, 1)[0], rays(inside, 4)[1]))
    origins, directions = rays(outside, 6)
    short_and_long = torch.tensor([[0.01], [100.0]]).repeat(3, 1)
    yield case("short and long directions", (origins, directions * short_and_long))

    origins, directions = rays(outside, 5)
    level = directions[:, :2] / directions[:, :2].norm(dim=-1, keepdim=True)
    aside = torch.stack([-level[:, 1], level[:, 0]], -1) * draw.uniform(1.1, 2, 5, 1)
    back = -draw.uniform(-2, 2, 5, 1) * level
    misses = torch.tensor([True, False, True, False, False])
    origins[misses, :2] = (aside + back)[misses]
    yield case("misses and hits", (origins, directions), ~misses)
    # Whole numbers: rounding makes of a touch neither a hit nor a miss. The last ray hits.
    touching = torch.tensor([[2.0, -3, 1], [-2, 1, 5], [4, 2, 0], [-1, -2, 0]])
    touching[:, 2] = draw.normal(4)
    sideways = torch.tensor([[0.0, 1, 0], [0, -2, 0], [-1, 0, 0], [4, 0, 0]])
    both = zip((touching, sideways), rays(outside, 1, radius=2.0), strict=True)
    origins, directions = (torch.cat(parts) for parts in both)
    yield case("touching", (origins, directions), torch.tensor([False] * 4 + [True]), 2.0)
    origins, directions = rays(inside, 6)
    directions[:4] = torch.tensor([0.0, 0, 1]) * torch.tensor([[1.0], [-2], [1], [3]])
    origins[1] *= torch.tensor([4.0, 4, 1])
    origins[2, :2] = 0  # on the axis
    directions[4] = 0
    yield case("straight up", (origins, directions), torch.tensor([False] * 5 + [True]))
    origins, directions = rays(inside, 4)
    directions[:, :2] *= 1e-3 / directions[:, :2].norm(dim=-1, keepdim=True)
    directions[:, 2] = torch.tensor([1.0, -1, 1, -1])
    yield case("almost straight up", (0.5 * origins, directions))
