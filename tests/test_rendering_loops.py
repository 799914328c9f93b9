"""The loops that checks of fields and volumes compare with, held against facts that need no loop."""

from __future__ import annotations

import math

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.checking.cases import Draw
from autograder.checks.rendering import cases_samples, cases_volumes
from autograder.checks.rendering.check_volumes import laplace_density
from autograder.checks.rendering.grids import interpolated, three_planes
from autograder.checks.rendering.light import composited, mean_distance, share_up_to

SEEDS = st.integers(0, 2**31)
FEW = settings(max_examples=15, deadline=None)


@given(SEEDS)
@FEW
def test_interpolation_is_exact_for_what_is_linear_along_each_axis(seed: int) -> None:
    draw = Draw(seed, "grids")
    c = draw.normal(8).double()

    def field(p: torch.Tensor) -> torch.Tensor:
        x, y, z = p.clamp(-1, 1).double().unbind(-1)
        linear = c[0] + c[1] * x + c[2] * y + c[3] * z
        return linear + c[4] * x * y + c[5] * y * z + c[6] * x * z + c[7] * x * y * z

    lines = [torch.linspace(-1, 1, n, dtype=torch.float64) for n in (3, 5, 2)]
    grid = field(torch.stack(torch.meshgrid(*lines, indexing="ij"), -1))[None]
    points = torch.cat([draw.uniform(-1.5, 1.5, 9, 3), torch.tensor([[1.0, -1.0, 1.0]])])
    assert torch.allclose(interpolated(grid, points)[:, 0], field(points), atol=1e-12)


@given(SEEDS)
@FEW
def test_each_plane_sees_its_own_two_coordinates(seed: int) -> None:
    draw = Draw(seed, "planes")
    planes, points = draw.normal(3, 2, 4, 4), draw.uniform(-1, 1, 5, 3)
    for plane, unseen in ((0, 2), (1, 1), (2, 0)):
        only = torch.zeros_like(planes)
        only[plane] = planes[plane]
        moved = points.clone()
        moved[:, unseen] = draw.uniform(-1, 1, 5)
        assert torch.equal(three_planes(only, points), three_planes(only, moved))
        moved[:, (unseen + 1) % 3] += 0.3
        assert not torch.allclose(three_planes(only, points), three_planes(only, moved))


@given(SEEDS)
@FEW
def test_light_is_absorbed_or_leaves(seed: int) -> None:
    draw = Draw(seed, "light")
    sigma, delta = draw.uniform(0, 6, 3, 7).double(), draw.uniform(0.05, 0.4, 3, 7).double()
    alpha = 1 - torch.exp(-sigma * delta)
    ones, black = torch.ones(3, 7, 1), torch.zeros(1)
    value, weights, transmittance = composited(alpha, ones, black)
    leaves = torch.exp(-(sigma * delta).sum(-1))
    assert torch.allclose(transmittance[:, -1], leaves)
    assert torch.allclose(weights, transmittance[:, :-1] - transmittance[:, 1:])
    assert torch.allclose(value[:, 0], 1 - leaves)
    assert torch.allclose(composited(alpha, ones, ones[0, 0])[0], torch.ones(3, 1).double())


@given(SEEDS)
@FEW
def test_the_share_before_a_place_runs_from_0_to_1(seed: int) -> None:
    draw = Draw(seed, "shares")
    edges = draw.uniform(0.1, 1, 4, 6).double().cumsum(-1)
    weights = draw.uniform(0, 1, 4, 5).double()
    before = share_up_to(edges, edges, weights)
    assert torch.allclose(before.diff(dim=-1), weights / weights.sum(-1, keepdim=True))
    assert torch.allclose(before[:, [0, -1]], torch.tensor([[0.0, 1.0]]).double())
    middles = (edges[:, 1:] + edges[:, :-1]) / 2
    halves = (before[:, 1:] + before[:, :-1]) / 2
    assert torch.allclose(share_up_to(middles, edges, weights), halves)


def test_mean_distance_ignores_the_scale_of_weights() -> None:
    weights, distances = torch.tensor([0.1, 0.3, 0.2]), torch.tensor([1.0, 2.0, 4.0])
    expected = torch.tensor(1.5 / 0.6).double()
    for scale in (1.0, 1e-5):
        assert torch.allclose(mean_distance(scale * weights, distances), expected, atol=1e-6)


def test_the_laplace_density_integrates_to_the_share_inside() -> None:
    """∫ exp(−|t|/β) / (2β²) dt from s onwards, by small steps."""
    beta, steps = 0.3, torch.linspace(-6, 6, 240_001, dtype=torch.float64)
    density = torch.exp(-steps.abs() / beta) / (2 * beta**2)
    onward = (density * (steps[1] - steps[0])).flip(0).cumsum(0).flip(0)
    for place in (100_000, 120_000, 131_000):
        found = laplace_density(steps[place], beta)
        assert math.isclose(found.item(), onward[place].item(), rel_tol=1e-3)


@given(SEEDS)
@FEW
def test_cases_are_what_their_names_say(seed: int) -> None:
    samples = {c.name: c.inputs for c in cases_samples.importance_samples(Draw(seed, "s"))}
    for inputs in samples.values():
        assert (inputs["edges"].diff(dim=-1) > 0).all()
        assert inputs["u"] is None or inputs["u"].shape[-1] == inputs["count"]
    for c in cases_samples.stratified_samples(Draw(seed, "s")):
        assert (c.inputs["near"] < c.inputs["far"]).all()
    for c in cases_volumes.expected_depth(Draw(seed, "s")):
        total = c.inputs["weights"].double().sum(-1)
        assert ((total < 5e-7) | (total > 2e-6)).all()  # no ray on the brink of being empty
        assert (total <= 1 + 1e-5).all()
    for c in cases_volumes.density_from_sdf(Draw(seed, "s")):
        assert (c.inputs["sdf"] != 0).all()
