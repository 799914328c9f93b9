"""What checks of losses, pixels and pictures compare with, held against the solution of notebook 4 and closed forms."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from autograder.checking.cases import Case
from autograder.checks.auto_decoding import cases_learning, cases_views
from autograder.checks.auto_decoding.check_losses import WEIGHTS, loss_of, slopes_of
from autograder.checks.auto_decoding.check_normals import normals_of
from autograder.checks.auto_decoding.check_pixels import pixels_of
from autograder.checks.auto_decoding.check_views import image_of
from course_lib.given.tracing import color_and_depth
from tests.oracle_cases import cases_by_name, solution_of

SEEDS = st.integers(0, 2**31)
FEW = settings(max_examples=10, deadline=None)


def solution() -> dict[str, Any]:
    return solution_of("04_auto_decoding")


def cases(generator: Any, seed: int) -> dict[str, Case]:
    return cases_by_name(generator, generator.__name__, seed)


def doubles(case: Case) -> list[Any]:
    values = case.inputs.values()
    return [x.double() if isinstance(x, Tensor) and x.is_floating_point() else x for x in values]


@FEW
@given(seed=SEEDS)
def test_losses_number_by_number_are_the_solutions_and_so_are_their_slopes(seed: int) -> None:
    for case in cases(cases_learning.srn_loss, seed).values():
        rgb, truth, depth, z, *weights = doubles(case)
        leaves = [x.requires_grad_() for x in (rgb, depth, z)]
        loss = solution()["srn_loss"](rgb, truth, depth, z, *weights)
        found = loss_of(*(x.detach() for x in (rgb, truth, depth, z)), *weights)
        torch.testing.assert_close(found, loss.detach())
        slopes = torch.autograd.grad(loss, leaves)
        torch.testing.assert_close(
            slopes_of(*(x.detach() for x in (rgb, truth, depth, z)), *weights), slopes
        )


@FEW
@given(seed=SEEDS)
def test_every_term_of_a_loss_counts(seed: int) -> None:
    for name in ("two objects", "other weights"):
        rgb, truth, depth, z, *weights = cases(cases_learning.srn_loss, seed)[name].inputs.values()
        full = weights or WEIGHTS
        whole = loss_of(rgb, truth, depth, z, *full)
        for i in range(3):
            alone = [weight * (i == j) for j, weight in enumerate(full)]
            assert loss_of(rgb, truth, depth, z, *alone) > 0.02 * whole
        assert (depth < 0).any()
        assert (depth > 0).any()


def test_the_weights_are_those_of_the_signature() -> None:
    defaults = solution()["srn_loss"].__defaults__
    assert defaults == WEIGHTS


@FEW
@given(seed=SEEDS)
def test_pixels_draw_by_draw_are_the_solutions(seed: int) -> None:
    for case in cases(cases_learning.sample_pixels, seed).values():
        mask, u, *options = case.inputs.values()
        expected = pixels_of(mask, u, *options)
        assert torch.equal(solution()["sample_pixels"](mask, u, *options), expected), case.name
        assert torch.equal(solution()["sample_pixels"](mask, u.double(), *options), expected)
        _, h, w = mask.shape
        assert (expected >= 0).all()
        assert (expected < h * w).all()


def test_pixels_of_a_mask_that_one_can_count() -> None:
    mask = torch.zeros(2, 3, 4, dtype=torch.bool)
    mask[0, 0, 3] = True
    u = torch.tensor([[0.0, 0.3, 0.6, 0.99, 0.0, 0.99]] * 2)
    near = [2, 3, 6, 7]  # the corner above right, and its three neighbours
    found = pixels_of(mask, u, 2 / 3, 1)
    assert found.tolist() == [[near[0], near[1], near[2], near[3], 0, 11], [0, 3, 7, 11, 0, 11]]
    assert pixels_of(mask, u, 2 / 3, 0)[0].tolist() == [3, 3, 3, 3, 0, 11]


@FEW
@given(seed=SEEDS)
def test_masks_leave_room_for_mistakes(seed: int) -> None:
    drawn = cases(cases_learning.sample_pixels, seed)
    assert all(
        case.inputs["mask"].shape[1] != case.inputs["mask"].shape[2] for case in drawn.values()
    )
    for name in ("one image", "tall images", "a wide margin", "half of 7"):
        mask, u, *options = drawn[name].inputs.values()
        share, margin = options or (0.6, 2)
        assert not torch.equal(
            pixels_of(mask, u, share, margin), pixels_of(mask, u, share, margin + 1)
        )
        assert not torch.equal(
            pixels_of(mask, u, share, margin), pixels_of(mask, u, share, margin - 1)
        )
    empty = drawn["empty among others"].inputs["mask"]
    assert empty.flatten(1).any(1).tolist() == [True, False, True, False]
    u = drawn["first and last"].inputs["u"]
    assert u.dtype == torch.float32
    assert u[:, [0, 8]].eq(0).all()
    assert u[:, [1, 9]].lt(1).all()
    assert u[:, [1, 9]].gt(1 - 1e-7).all()


@pytest.mark.parametrize("resolution", [(1, 1), (3, 5), (4, 2)])
def test_images_pixel_by_pixel_are_the_solutions(resolution: tuple[int, int]) -> None:
    rgb, depth = solution()["render_view"](color_and_depth, resolution, 3)
    expected_rgb, expected_depth = image_of(*resolution)
    torch.testing.assert_close(rgb.double(), expected_rgb, atol=1e-6, rtol=1e-6)
    torch.testing.assert_close(depth.double(), expected_depth, atol=1e-6, rtol=1e-6)


@FEW
@given(seed=SEEDS)
def test_portions_leave_remainders_and_divide_rows(seed: int) -> None:
    for name, case in cases(cases_views.render_view, seed).items():
        height, width = case.inputs["resolution"]
        portion = case.inputs.get("portion", 4096)
        assert name == "one pixel" or height != width
        if name in ("with a remainder", "without a portion"):
            assert height * width % portion
        assert (portion < width) == (name in ("less than a row", "single pixels", "one row"))


@FEW
@given(seed=SEEDS)
def test_normals_by_the_numbers_of_neighbours_are_the_solutions(seed: int) -> None:
    for case in cases(cases_views.normals_from_depth, seed).values():
        depth, K = doubles(case)
        expected = solution()["normals_from_depth"](depth, K)
        torch.testing.assert_close(normals_of(depth, K), expected, atol=1e-5, rtol=0)
        norms = expected.square().sum(-1)
        torch.testing.assert_close(norms, torch.ones_like(norms))


@FEW
@given(seed=SEEDS)
def test_planes_and_spheres_have_the_normals_of_their_formulas(seed: int) -> None:
    drawn = cases(cases_views.normals_from_depth, seed)
    for name in ("a tilted plane", "another plane", "the floor"):
        found = normals_of(*doubles(drawn[name]))
        normal = drawn[name].truth["normal"]
        torch.testing.assert_close(found, normal.expand(found.shape), atol=1e-5, rtol=0)
    assert drawn["the floor"].truth["normal"][2] > 0.1, "towards the camera, and not towards −z"
    sphere = drawn["a sphere"]
    depth, _ = sphere.inputs.values()
    assert depth.isfinite().all(), "no ray misses"
    assert (depth > 0).all()
    found, normals = normals_of(*doubles(sphere)), sphere.truth["normals"]
    torch.testing.assert_close(normals.norm(dim=-1), torch.ones_like(normals[..., 0]))
    inside = (found - normals)[1:-1, 1:-1].abs().max()
    assert inside < 0.007, "the check allows 0.01"
