"""What checks of views compare with, held against the solution; and what their cases must contain to be of use."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.checking.cases import Case
from autograder.checks.auto_encoding import cases_views
from autograder.checks.auto_encoding.check_novel_views import loss_of, model
from autograder.checks.auto_encoding.check_posed_decoder import images_of, painter
from autograder.checks.auto_encoding.check_sets import doubles, encoder, mean_codes
from tests.oracle_cases import cases_by_name, solution_of

SEEDS = st.integers(0, 2**31)
FEW = settings(max_examples=10, deadline=None)


def solution() -> dict[str, Any]:
    return solution_of("03_auto_encoding")


def cases(generator: Any, seed: int) -> dict[str, Case]:
    return cases_by_name(generator, generator.__name__, seed)


@FEW
@given(seed=SEEDS)
def test_codes_view_by_view_are_the_solutions(seed: int) -> None:
    for case in cases(cases_views.encode_set, seed).values():
        strength, images, poses = doubles(case)
        read = partial(encoder(case).resolve().func, strength, outputs=case.truth["outputs"])
        seen = case.inputs.get("seen")
        found = solution()["encode_set"](read, images, poses, seen)
        torch.testing.assert_close(mean_codes(case, strength, images, poses), found)


@FEW
@given(seed=SEEDS)
def test_unseen_views_differ_from_seen_ones(seed: int) -> None:
    drawn = cases(cases_views.encode_set, seed)
    assert drawn["some seen"].inputs["seen"].sum(1).tolist() == [1, 4, 2, 3]
    holes, seen = drawn["holes"].inputs["images"], drawn["holes"].inputs["seen"]
    assert torch.equal(holes.isnan().flatten(2).all(2), ~seen)
    assert torch.equal(holes.isnan().flatten(2).any(2), ~seen)
    case = drawn["three views each"]
    codes = encoder(case)(*(x.flatten(0, 1) for x in case.inputs.values()))
    assert (torch.pdist(codes) > 0.01).all(), "any view in place of another would be noticed"


@FEW
@given(seed=SEEDS)
def test_posed_images_are_the_solutions(seed: int) -> None:
    for case in cases(cases_views.pose_conditioned_decoder, seed).values():
        weights = case.truth["parameters"]
        length, hidden = case.truth["code_length"], case.truth["hidden"]
        made = solution()["PoseConditionedDecoder"](length, painter(case), hidden).double()
        with torch.no_grad():
            for parameter, value in zip(made.parameters(), weights.values(), strict=True):
                parameter.copy_(value)
            z, poses = (x.double() for x in case.inputs.values())
            expected = made(z, poses)
        found = images_of(case, weights, z, poses)
        torch.testing.assert_close(found, expected)
        shapes = {tuple(value.shape) for value in weights.values()}
        assert len(shapes) == 3, "two weights of different shapes, two biases of one"
        assert found.std() > 0.03, "features that all die would check nothing"


@FEW
@given(seed=SEEDS)
def test_losses_pixel_by_pixel_are_the_solutions(seed: int) -> None:
    for case in cases(cases_views.novel_view_loss, seed).values():
        strength = case.truth["strength"].double()
        inputs = {
            name: value.double() if value.is_floating_point() else value
            for name, value in case.inputs.items()
        }
        predict = partial(model(case).resolve().func, strength, meter={})
        expected = solution()["novel_view_loss"](predict, *inputs.values())
        torch.testing.assert_close(loss_of(case, strength, inputs), expected, atol=1e-7, rtol=1e-7)
        height, width = inputs["target_images"].shape[2:4]
        assert height != width
        assert int(inputs["pixels"].min()) >= 0
        assert int(inputs["pixels"].max()) < height * width
