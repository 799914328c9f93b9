"""What checks of codes and classifiers compare with, held against torch, closed forms and notebook 4's solution."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional as F

from autograder.checking.cases import Case
from autograder.checks.auto_decoding import cases_codes
from autograder.checks.auto_decoding.check_inference import best, slope_of, walked
from autograder.checks.auto_decoding.check_interpolation import codes_between
from autograder.checks.auto_decoding.check_semantics import DEFAULT
from autograder.checks.auto_decoding.softmax_minimum import least, loss_of
from tests.oracle_cases import cases_by_name, solution_of

SEEDS = st.integers(0, 2**31)
FEW = settings(max_examples=5, deadline=None)


def solution() -> dict[str, Any]:
    return solution_of("04_auto_decoding")


def cases(generator: Any, seed: int) -> dict[str, Case]:
    return cases_by_name(generator, generator.__name__, seed)


def loss_with(case: Case, z: Tensor) -> Tensor:
    """The loss of a search, as its docstring says it."""
    A, a, y = (case.truth[name].double() for name in ("A", "a", "y"))
    return F.mse_loss(z @ A.T + a, y) + case.truth["pull"] * z.square().mean()


@FEW
@given(seed=SEEDS)
def test_the_slope_of_a_search_is_that_of_its_loss(seed: int) -> None:
    for case in cases(cases_codes.infer_latent, seed).values():
        z = torch.randn_like(case.inputs["start"].double()).requires_grad_()
        (slope,) = torch.autograd.grad(loss_with(case, z), z)
        torch.testing.assert_close(slope_of(case, z.detach()), slope)


@FEW
@given(seed=SEEDS)
def test_adam_by_hand_walks_where_torchs_does(seed: int) -> None:
    for name in ("two steps", "seven steps", "one code"):
        case = cases(cases_codes.infer_latent, seed)[name]
        start, steps, rate = case.inputs.values()
        z = start.double().requires_grad_()
        adam = torch.optim.Adam([z], rate)
        for _ in range(steps):
            adam.zero_grad()
            loss_with(case, z).backward()
            adam.step()
        found = walked(partial(slope_of, case), start, steps, rate)
        torch.testing.assert_close(found, z.detach())


@FEW
@given(seed=SEEDS)
def test_ridge_regression_is_where_the_slope_ends_and_the_walk_too(seed: int) -> None:
    case = cases(cases_codes.infer_latent, seed)["three codes"]
    z = best(case)
    assert slope_of(case, z).abs().max() < 1e-12
    assert z.abs().mean() > 0.2, "far from where the search starts"
    end = walked(partial(slope_of, case), *case.inputs.values())
    assert (end - z).abs().max() < 1e-3, "the check allows 2e-3"


@FEW
@given(seed=SEEDS)
def test_codes_number_by_number_are_the_solutions(seed: int) -> None:
    for case in cases(cases_codes.interpolate_codes, seed).values():
        start, end, count = case.inputs.values()
        expected = codes_between(start, end, count)
        found = solution()["interpolate_codes"](start.double(), end.double(), count)
        torch.testing.assert_close(found, expected)
        size = expected.abs().max() + 1e-12
        steps = expected.diff(dim=0) / size
        torch.testing.assert_close(steps, steps[:1].expand(steps.shape))


@FEW
@given(seed=SEEDS)
def test_rounding_moves_an_end_that_is_not_put_in_place(seed: int) -> None:
    drawn = cases(cases_codes.interpolate_codes, seed)
    start, end, _ = drawn["large and small"].inputs.values()
    assert not torch.equal(start + (end - start), end)


def objective_of(case: Case) -> tuple[Tensor, Tensor, int, float]:
    features, labels, classes = (case.inputs[x] for x in ("features", "labels", "classes"))
    return features, labels, classes, case.inputs.get("decay", DEFAULT)


@FEW
@given(seed=SEEDS)
def test_newtons_minimum_is_flat_and_the_solutions_is_as_low(seed: int) -> None:
    for case in cases(cases_codes.semantic_head, seed).values():
        features, labels, classes, decay = objective_of(case)
        W, b = (x.requires_grad_() for x in least(features, labels, classes, decay))
        loss = F.cross_entropy(features.double() @ W.T + b, labels) + decay * W.square().sum()
        slopes = torch.autograd.grad(loss, (W, b))
        assert all(slope.abs().max() < 1e-7 for slope in slopes), case.name
        lowest = loss_of(W.detach(), b.detach(), features, labels, decay)
        assert abs(lowest - loss.item()) < 1e-12
        found = solution()["semantic_head"](*case.inputs.values())
        assert lowest * (1 - 1e-6) <= loss_of(*found, features, labels, decay) <= 1.001 * lowest


@FEW
@given(seed=SEEDS)
def test_every_class_has_a_label_and_features_are_worth_looking_at(seed: int) -> None:
    for case in cases(cases_codes.semantic_head, seed).values():
        features, labels, classes, decay = objective_of(case)
        counts = torch.bincount(labels, minlength=classes)
        assert (counts > 0).all()
        share = counts / counts.sum()
        blind = loss_of(
            torch.zeros(classes, features.shape[1]), share.log(), features, labels, decay
        )
        assert (
            loss_of(*least(features, labels, classes, decay), features, labels, decay)
            < 0.99 * blind
        )
