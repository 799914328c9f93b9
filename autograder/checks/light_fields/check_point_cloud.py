"""Checks: the points of rays whose distances are known, ray by ray."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close, expect_tensor, expect_tuple
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student


def kept(case: Case) -> tuple[Tensor, Tensor]:
    """Points and colours `n 3` in float64, ray by ray, in the order of the rays."""
    origins, directions, distances, rgb, near, far = case.inputs.values()
    points, colors = [], []
    for o, d, distance, color in zip(origins, directions, distances.tolist(), rgb, strict=True):
        if not math.isnan(distance) and not distance < near and not distance > far:
            points.append(o.double() + distance * d.double())
            colors.append(color.double())
    none = torch.zeros(0, 3, dtype=torch.float64)
    return (torch.stack(points), torch.stack(colors)) if points else (none, none)


def judge(student: Student, case: Case, hint: str) -> None:
    """The student's points and colours of a case, after comparison."""
    answers = expect_tuple(student.point_cloud(*case.inputs.values()), 2, "point_cloud")
    for name, answer, right in zip(("points", "colours"), answers, kept(case), strict=True):
        what = f"the {name} ({case.name})"
        expect_tensor(answer, tuple(right.shape), what, hint=hint)
        expect_close(answer, right, what, hint=hint)


@checks_exercise("point_cloud", entrance=True)
def test_all_of_them(student: Student, cases: Cases) -> None:
    """Seven rays, all with a distance between near and far: origin + distance · direction, and the colours."""
    hint = "origins + distances[:, None] * directions; colours are handed on as they are"
    judge(student, cases.one("point_cloud", "all of them"), hint)


@checks_exercise("point_cloud")
def test_limits(student: Student, cases: Cases) -> None:
    """Rays too near and too far are left out, with their colours; those at the limits stay; the order does, too."""
    hint = "one mask, near ≤ distance ≤ far, for points and colours alike: no clamp, no sorting"
    for name in ("too near and too far", "at the limits", "behind the origin"):
        judge(student, cases.one("point_cloud", name), hint)


@checks_exercise("point_cloud")
def test_no_number(student: Student, cases: Cases) -> None:
    """NaN and infinite distances are left out; nothing is put in their place."""
    hint = "NaN < near and NaN > far are both False: ask which rays to keep, not which to drop"
    for name in ("no number", "endless", "everything together"):
        judge(student, cases.one("point_cloud", name), hint)


@checks_exercise("point_cloud")
def test_few(student: Student, cases: Cases) -> None:
    """Nothing is left, nothing was there, and one ray: `n 3` all the same."""
    hint = "index with the mask: no squeeze, no loop that has nothing to stack"
    for name in ("none is left", "no rays", "one ray", "three rays"):
        judge(student, cases.one("point_cloud", name), hint)
