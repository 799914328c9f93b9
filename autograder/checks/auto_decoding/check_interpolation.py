"""Checks: codes at equal steps from one to another."""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student


def codes_between(start: Tensor, end: Tensor, count: int) -> Tensor:
    """The codes `count d`, number by number, in Python's own floats."""
    pairs = list(zip(start.tolist(), end.tolist(), strict=True))
    rows = [[a + (b - a) * i / (count - 1) for a, b in pairs] for i in range(count)]
    return torch.tensor(rows, dtype=torch.float64)


def judge(student: Student, case: Case, hint: str, *, double: bool = False) -> Tensor:
    """The student's codes of a case, after comparison in units of the largest number."""
    start, end, count = case.inputs.values()
    if double:
        start, end = start.double(), end.double()
    answer = student.interpolate_codes(start, end, count)
    expected = codes_between(start, end, count)
    what = f"interpolate_codes ({case.name}{', in float64' if double else ''})"
    size = expected.abs().max()
    scaled = answer / size if isinstance(answer, Tensor) and answer.is_floating_point() else answer
    expect_close(scaled, expected / size, f"{what}, in units of the largest number", hint=hint)
    found: Tensor = answer
    for row, given, name in ((found[0], start, "first"), (found[-1], end, "last")):
        exact = "exactly the one given: (1 − t) · start + t · end, or torch.lerp"
        expect_close(
            row.double(), given.double(), f"{what}: the {name} code", tolerance=0.0, hint=exact
        )
    return found


@checks_exercise("interpolate_codes", entrance=True)
def test_five_codes(student: Student, cases: Cases) -> None:
    """Five codes at equal steps, the two given among them."""
    hint = "start + t (end − start), t = 0, 1/4, 1/2, 3/4, 1: both ends count"
    judge(student, cases.one("interpolate_codes", "five codes"), hint)


@checks_exercise("interpolate_codes")
def test_any_count(student: Student, cases: Cases) -> None:
    """Two codes, three and forty-eight; codes of one number; float64."""
    hint = "t = i / (count − 1)"
    for name in ("the two given", "three codes", "many codes", "one number"):
        judge(student, cases.one("interpolate_codes", name), hint)
    judge(student, cases.one("interpolate_codes", "five codes"), hint, double=True)


@checks_exercise("interpolate_codes")
def test_ends(student: Student, cases: Cases) -> None:
    """First and last are the codes given to the last digit, also where one is far larger than the other."""
    hint = "(1 − t) · start + t · end is exact at both ends, start + t (end − start) is not"
    for name in ("large and small", "small and large", "the same twice"):
        judge(student, cases.one("interpolate_codes", name), hint)


@checks_exercise("interpolate_codes")
def test_straight(student: Student, cases: Cases) -> None:
    """Short codes stay short: a straight line, neither an arc nor of any normalised length."""
    hint = "a straight line in the space of codes"
    judge(student, cases.one("interpolate_codes", "short codes"), hint)
