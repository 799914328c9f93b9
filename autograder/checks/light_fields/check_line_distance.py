"""Checks: how far apart two lines are, whatever the angle between them."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close, expect_tensor, expect_true
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_decoding.exact_gradients import exact_gradients, waves
from autograder.checks.light_fields.lines import along, apart, row_by_row

SKEW = "|d_a · m_b + d_b · m_a| / ‖d_a × d_b‖: each direction with the moment of the other line"
PARALLEL = (
    "where ‖d_a × d_b‖ < parallel: turn b so that d_a · d_b > 0, which turns its moment, too; then "
    "‖d_a × (m_a − m_b)‖"
)
UNUSED = (
    "torch.where computes both sides, and 0 · NaN is NaN in a gradient: give the side that is not used harmless "
    "numbers before it divides or takes a root"
)


def measures(student: Student, case: Case, tolerance: float, hint: str) -> None:
    """The distances of a case, compared with those that its lines were made with."""
    answer = student.line_distance(*case.inputs.values())
    what = f"the distances ({case.name})"
    expect_close(answer, case.truth["distance"], what, tolerance=tolerance, hint=hint)


@checks_exercise("line_distance", entrance=True)
def test_skew_lines(student: Student, cases: Cases) -> None:
    """One pair of lines that pass each other, and five."""
    for name in ("one pair", "five pairs"):
        measures(student, cases.one("line_distance", name), 2e-4, SKEW)


@checks_exercise("line_distance")
def test_distances_of_batches(student: Student, cases: Cases) -> None:
    """Pairs in rows, three by three, one line against many, and each of three against each of four."""
    hint = "sum over the last dimension, and broadcast a and b before the cross products"
    for name in ("three pairs", "three by three", "rows of pairs"):
        measures(student, cases.one("line_distance", name), 2e-4, hint)
    a = cases.one("line_distance", "three pairs").inputs["a"]
    b = cases.one("line_distance", "meeting").inputs["b"]
    for first, second, what in [
        (a[0], b, "the distances of one line from four"),
        (b, a[0], "the distances of four lines from one"),
        (a[:, None], b, "the distances of three lines from four"),
    ]:
        expected = row_by_row(apart, first, second)
        answer = student.line_distance(first, second)
        expect_close(answer, expected, what, tolerance=2e-3, hint=hint)


@checks_exercise("line_distance")
def test_lines_that_meet(student: Student, cases: Cases) -> None:
    """Lines that meet are 0 apart, and neither they nor their gradients are NaN."""
    for name in ("meeting", "meeting exactly"):
        case = cases.one("line_distance", name)
        measures(student, case, 2e-5, SKEW)
        hint = "|x| has a gradient at 0, the root of x² has none: take .abs() of the reciprocal product"
        for k in range(2):
            finite_gradient(student, case, k, hint)


@checks_exercise("line_distance")
def test_parallel_lines(student: Student, cases: Cases) -> None:
    """Parallel lines, whichever way they point, alone and among skew ones; the same line twice is 0 apart."""
    for name in ("parallel", "opposite", "beside an axis", "skew, opposite and parallel"):
        measures(student, cases.one("line_distance", name), 2e-4, PARALLEL)
    for name in ("the same line", "the same line, turned around"):
        measures(student, cases.one("line_distance", name), 2e-5, PARALLEL)


@checks_exercise("line_distance")
def test_almost_parallel(student: Student, cases: Cases) -> None:
    """What counts as parallel is the caller's choice, from 1e-5 on by default: in float64 the rest is exact."""
    hint = "compare the length of d_a × d_b with `parallel`, not its square, nor the cosine, which is 1 long before"
    for sine in (1e-2, 1e-3, 1e-4):
        measures(student, cases.one("line_distance", f"almost parallel, {sine:g}"), 1e-6, hint)
    measures(student, cases.one("line_distance", "a lower limit"), 1e-4, hint)
    case = cases.one("line_distance", "almost parallel, 0.01")
    a, b = case.inputs.values()
    ends = [torch.linalg.cross(x[:, :3], x[:, 3:]) for x in (a, b)]
    expected = (ends[0] - ends[1]).norm(dim=-1)
    what = "the distances at an angle of 0.01 where parallel is 0.02"
    answer = student.line_distance(a, b, 0.02)
    expect_close(answer, expected, what, tolerance=0.1, hint=PARALLEL)
    answer = student.line_distance(a, b, 0.005)
    what = "the distances at an angle of 0.01 where parallel is 0.005"
    expect_close(answer, case.truth["distance"], what, tolerance=1e-6, hint=hint)


def finite_gradient(student: Student, case: Case, k: int, hint: str) -> Tensor:
    """The gradient with respect to a or b, which must have no NaN."""
    a, b = list(case.inputs.values())[:2]
    cotangent = waves(*case.truth["distance"].shape)
    found = student.gradient("line_distance", (a, b), k, cotangent)
    what = f"the gradient with respect to {'ab'[k]} ({case.name})"
    found = expect_tensor(found, tuple((a, b)[k].shape), what, hint=hint)
    expect_true(found.isfinite().all(), f"{what} has NaN or infinite values.", hint)
    return found


def across(lines: Tensor, gradient: Tensor) -> Tensor:
    """What a gradient says about moving lines sideways: the part for m that is perpendicular to d."""
    d = lines[..., :3].double()
    for_m = gradient[..., 3:].double()
    return for_m - (for_m * d).sum(-1, keepdim=True) * d


@checks_exercise("line_distance")
def test_distances_learn(student: Student, cases: Cases) -> None:
    """Gradients reach both lines, skew and parallel, and are right and finite where both kinds are mixed."""
    for name in ("five pairs", "parallel", "beside an axis", "skew, opposite and parallel"):
        case = cases.one("line_distance", name)
        measures(student, case, 2e-4, SKEW if name == "five pairs" else PARALLEL)
        pair = list(case.inputs.values())
        leaves = [value.double().requires_grad_() for value in pair]
        _, expected = exact_gradients(
            partial(lambda a, b: [row_by_row(apart, a, b)], *leaves), leaves
        )
        # How a distance changes as parallel lines turn is nothing that two right answers agree on.
        part = along if name == "five pairs" else across
        for k, lines in enumerate(pair):
            found = part(lines, finite_gradient(student, case, k, UNUSED))
            what = f"the gradient with respect to {'ab'[k]} ({name})"
            hint = "detach nothing on the way, and let both kinds of pairs have their own formula"
            expect_close(found, part(lines, expected[k]), what, tolerance=2e-3, hint=hint)
