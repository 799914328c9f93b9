"""A student's coordinates of rays, with a mask, against a loop over the rays that have some."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from autograder.checking.cases import Case
from autograder.checking.expect import expect_close, expect_tensor, expect_true, expect_tuple
from autograder.checking.student import Student
from autograder.checks.auto_decoding.exact_gradients import waves
from autograder.checks.light_fields.lines import row_by_row

Chart = Callable[[Tensor, Tensor], Tensor]  # of one ray that has coordinates

BROADCAST = (
    "broadcast origins and directions before taking them apart; coordinates are the last dimension"
)
UNUSED = (
    "0 · NaN and 0 · ∞ are NaN in a gradient: exchange the numbers of masked rays before dividing and "
    "before taking the root, not after"
)


def expected_of(chart: Chart, case: Case, valid: Tensor) -> Tensor:
    """The coordinates `*b 4` of a case's rays, zero where the mask is."""
    origins, directions = (case.inputs[name] for name in ("origins", "directions"))
    shape = (*valid.shape, 3)
    found = torch.zeros(*valid.shape, 4, dtype=torch.float64)
    if valid.any():
        found[valid] = row_by_row(
            chart, origins.expand(shape)[valid], directions.expand(shape)[valid]
        )
    return found


def compared(
    student: Student, case: Case, chart: Chart, valid: Tensor, hint: str, tolerance: float = 1e-4
) -> None:
    """A student's coordinates and mask of a case against a loop over rays."""
    name = case.function
    answer, mask = expect_tuple(getattr(student, name)(*case.inputs.values()), 2, name)
    expect_close(mask, valid, f"the mask ({case.name})", hint=hint)
    expected = expected_of(chart, case, valid)
    what = f"the coordinates ({case.name})"
    expect_close(answer, expected, what, tolerance=tolerance, hint=hint)
    masked = expect_tensor(answer, tuple(expected.shape), what)[~valid]
    expect_true((masked == 0).all(), f"{what} should be 0 where the mask is False.", hint)


def learns(student: Student, case: Case, chart: Chart, valid: Tensor) -> None:
    """Gradients of the coordinates by origins and directions, zero for masked rays."""
    values = tuple(case.inputs.values())
    leaves = [value.double() for value in values[:2]]
    hits = [leaf[valid].requires_grad_() for leaf in leaves]
    weights = waves(*valid.shape, 4)
    with torch.enable_grad():
        found = row_by_row(chart, *hits)
        exact = torch.autograd.grad((found * weights[valid]).sum(), hits)
    for k, name in enumerate(("origins", "directions")):
        expected = torch.zeros_like(leaves[k])
        expected[valid] = exact[k]
        gradient = student.gradient(case.function, values, k, weights)
        what = f"the gradient with respect to the {name} ({case.name})"
        expect_close(gradient, expected, what, tolerance=2e-3, hint=UNUSED)
