"""Cases for samples along rays: stratified ones, and those that follow weights."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from autograder.checking.cases import Case, Draw, cases_for


@cases_for("stratified_samples")
def stratified_samples(draw: Draw) -> Iterator[Case]:
    """With and without jitter; near, far and jitter of one ray or of many, in every combination."""

    def case(name: str, near: torch.Tensor, length: torch.Tensor, count: int, *jitter: int) -> Case:
        inputs = {"near": near, "far": near + length, "count": count}
        share = draw.uniform(0.02, 0.98, *jitter) if jitter else None
        return Case("stratified_samples", name, {**inputs, "jitter": share})

    one = draw.uniform(0.5, 1)
    yield case("one ray", one, draw.uniform(1, 2), 4)
    near, length = draw.uniform(0.2, 2, 6), draw.uniform(0.5, 3, 6)
    yield case("six rays", near, length, 5)
    yield case("one sample", near, length, 1)
    yield case("near (4, 1), length (3)", draw.uniform(0, 1, 4, 1), draw.uniform(1, 2, 3), 3)
    yield case("jitter, one ray", one, draw.uniform(1, 2), 7, 7)
    yield case("jitter for every ray", near, length, 8, 6, 8)
    yield case("one jitter for all rays", near, length, 8, 8)
    yield case("many rays between the same two", one, draw.uniform(1, 2), 5, 2, 4, 5)
    fixed = torch.tensor(1.25)
    inputs = {"near": near - 1, "far": fixed + 1, "count": 3, "jitter": None}
    yield Case("stratified_samples", "one far for all", inputs)


@cases_for("importance_samples")
def importance_samples(draw: Draw) -> Iterator[Case]:
    """Uneven bins, weights of all sizes, shares in any order; rays of one, several and no batch dimensions."""

    def case(
        name: str, weights: torch.Tensor, count: int, u: torch.Tensor | None, compare: bool = True
    ) -> Case:
        bins = draw.uniform(0.1, 0.5, *weights.shape)
        start = draw.uniform(0.3, 1, *weights.shape[:-1], 1)
        edges = torch.cat([start, start + bins.cumsum(-1)], -1)
        inputs = {"edges": edges, "weights": weights, "count": count, "u": u}
        return Case("importance_samples", name, inputs, compare=compare)

    def shares(*shape: int) -> torch.Tensor:
        return draw.uniform(0.001, 0.999, *shape)

    yield case("one ray", draw.uniform(0.2, 1, 4), 7, None)
    yield case("five rays", draw.uniform(0.2, 1, 5, 8), 12, None)
    yield case("given shares", draw.uniform(0.2, 1, 5, 8), 12, shares(5, 12))
    yield case("a grid of rays", draw.uniform(0.2, 1, 2, 3, 6), 4, shares(2, 3, 4))
    yield case("one bin", draw.uniform(0.2, 1, 3, 1), 5, shares(3, 5))
    yield case("no weight at all", torch.zeros(3, 6), 9, shares(3, 9))
    yield case("no weight, no shares", torch.zeros(2, 4), 8, None)
    faint = torch.tensor([1e-6, 1e-5, 1e-4, 1e-3])[:, None] * draw.uniform(0.2, 1, 4, 6)
    yield case("faint rays", faint, 8, shares(4, 8))
    some = draw.uniform(0.2, 1, 4, 9)
    some[:, [0, 3, 4, 8]] = 0.0
    yield case("empty bins", some, 40, shares(4, 40), compare=False)
    mixed = torch.cat([torch.zeros(1, 5), draw.uniform(0.2, 1, 1, 5)])
    yield case("one ray of two is empty", mixed, 6, shares(2, 6))
    peak = draw.uniform(0.05, 1, 2, 10) ** 3
    yield case("many samples", peak, 1000, None, compare=False)
