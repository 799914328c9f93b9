"""Cases for volumes: opacity, compositing, depth and the density of a surface."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch

from autograder.checking.cases import Case, Draw, cases_for


@cases_for("alpha_from_density")
def alpha_from_density(draw: Draw) -> Iterator[Case]:
    """Ordinary fog, batches that broadcast, fog too thin for 1 − exp, and walls."""

    def case(name: str, sigma: torch.Tensor, delta: torch.Tensor) -> Case:
        return Case("alpha_from_density", name, {"sigma": sigma, "delta": delta})

    yield case("five intervals", draw.uniform(0.5, 8, 5), draw.uniform(0.05, 0.4, 5))
    yield case("one interval", draw.uniform(1, 4), draw.uniform(0.1, 0.3))
    yield case("rays of the same intervals", draw.uniform(0, 9, 2, 4, 6), draw.uniform(0.1, 0.3, 6))
    yield case("one density per ray", draw.uniform(0, 9, 4, 1), draw.uniform(0.1, 0.3, 4, 6))
    thin = 10.0 ** torch.linspace(-6, -2, 9) * draw.uniform(1, 3, 9)
    yield case("thin fog", thin, torch.full((9,), 0.01))
    wall = torch.tensor([0.0, 50.0, 1e4, 1e20, 3e38, math.inf])
    yield case("empty space and walls", wall, draw.uniform(0.5, 3, 6))


@cases_for("composite")
def composite(draw: Draw) -> Iterator[Case]:
    """Fog, opaque samples and empty space; with and without a background; slabs of even fog, cut differently."""

    def case(name: str, alpha: torch.Tensor, channels: int, *background: int) -> Case:
        values = draw.uniform(-1, 1, *alpha.shape, channels)
        behind = draw.uniform(0.2, 1, *background) if background else None
        inputs = {"alpha": alpha, "values": values, "background": behind}
        return Case("composite", name, inputs)

    yield case("three samples", draw.uniform(0.2, 0.8, 3), 3)
    yield case("a background for each ray", draw.uniform(0.1, 0.6, 4, 3), 3, 4, 3)
    yield case("one background for all", draw.uniform(0.1, 0.4, 2, 5, 6), 4, 4)
    yield case("seven channels", draw.uniform(0.1, 0.6, 3, 3), 7)
    yield case("one channel", draw.uniform(0.1, 0.6, 4, 4), 1, 1)
    yield case("one sample", draw.uniform(0.1, 0.9, 5, 1), 3, 5, 3)
    yield case("a long ray", draw.uniform(0.0, 0.04, 2, 200), 3, 3)
    yield case("a dense ray", draw.uniform(0.2, 0.4, 2, 30), 3, 3)
    first, middle, last = draw.uniform(0.1, 0.6, 3, 6).unbind(0)
    first[0], middle[2:4], last[5] = 1.0, 1.0, 1.0
    yield case("opaque samples", torch.stack([first, middle, last]), 3, 3)
    yield case("nothing and everything", torch.stack([torch.zeros(5), torch.ones(5)]), 2, 2)
    for pieces in (1, 7, 60):
        lengths = draw.uniform(0.2, 1, pieces)
        slab = {
            "sigma": float(draw.uniform(0.5, 2)),
            "delta": lengths / lengths.sum() * draw.uniform(1, 2),
            "color": draw.uniform(0.2, 1, 3),
        }
        yield Case("composite", f"a slab in {pieces} uneven pieces", {}, truth=slab, compare=False)


@cases_for("expected_depth")
def expected_depth(draw: Draw) -> Iterator[Case]:
    """Rays that end on something, that see little, next to nothing and nothing at all."""

    def case(name: str, weights: torch.Tensor) -> Case:
        batch = weights.shape[:-1]
        steps = draw.uniform(0.1, 0.4, *weights.shape).cumsum(-1) + 1
        inputs = {"weights": weights, "distances": steps, "cosine": draw.uniform(0.6, 0.95, *batch)}
        return Case("expected_depth", name, inputs)

    def weights(total: torch.Tensor, count: int) -> torch.Tensor:
        share = draw.uniform(0.1, 1, *total.shape, count)
        return share / share.sum(-1, keepdim=True) * total[..., None]

    yield case("opaque rays", weights(torch.ones(4), 5))
    yield case("half transparent rays", weights(draw.uniform(0.2, 0.7, 5), 6))
    yield case("one ray", weights(draw.uniform(0.4, 0.9), 3))
    yield case("a grid of rays", weights(draw.uniform(0.2, 0.9, 2, 3), 4))
    yield case("one sample", weights(draw.uniform(0.2, 0.9, 3), 1))
    yield case("faint rays", weights(torch.tensor([1e-3, 1e-4, 1e-5, 3e-6]), 6))
    totals = torch.tensor([0.8, 0.0, 0.4, 3e-7, 0.0])
    yield case("rays that see nothing", weights(totals, 5))


@cases_for("density_from_sdf")
def density_from_sdf(draw: Draw) -> Iterator[Case]:
    """On both sides of a surface, close to it and far away, for soft and for sharp surfaces."""

    def case(name: str, sdf: torch.Tensor, beta: float | torch.Tensor) -> Case:
        return Case("density_from_sdf", name, {"sdf": sdf, "beta": beta})

    sign = torch.tensor([1.0, -1.0]).repeat(6)
    near = sign * draw.uniform(0.02, 0.5, 12)
    yield case("both sides", near, 0.1)
    yield case("another beta", near.reshape(2, 6), float(draw.uniform(0.2, 0.6)))
    yield case("beta as a tensor", near.reshape(3, 4), draw.uniform(0.1, 0.3))
    yield case("one point", near[0], 0.25)
    yield case("a sharp surface", sign * draw.uniform(0.01, 0.2, 12), 1e-3)
    yield case("far away", sign * 10.0 ** draw.uniform(1, 4, 12), draw.uniform(0.005, 0.01))
