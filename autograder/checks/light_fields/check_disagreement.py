"""Checks: how differently a light field colours a point from several places."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close
from autograder.checking.given import given
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.light_fields.named_lines import lines_of
from course_lib.given.light_fields import textured_plane, waves


def spread(field: Any, x: Tensor, eyes: Tensor) -> Tensor:
    """The standard deviations `n` that the docstring describes, point by point, float64."""
    found = []
    for point in x.double():
        seen = field(lines_of(eyes, point - eyes.double()))
        total = sum(float((color - seen.mean(0)).square().sum()) for color in seen)
        found.append((total / (3 * len(eyes))) ** 0.5)
    return torch.tensor(found, dtype=torch.float64)


def judge(student: Student, case: Case, hint: str) -> None:
    """The student's numbers for the points of a case: on a wall where the case has one, else among waves."""
    x, eyes = case.inputs.values()
    name = "textured_plane" if case.truth else "waves"
    plane = {**case.truth}
    options = (name, len(x) * len(eyes), None, True)
    field = given("course_lib.given.asked_fields:AskedField", *options, **plane)
    answer = student.disagreement(field, x, eyes)
    expected = spread(partial(textured_plane, **plane) if case.truth else waves, x, eyes)
    expect_close(answer, expected, f"disagreement ({case.name})", tolerance=1e-4, hint=hint)


@checks_exercise("disagreement", entrance=True)
def test_one_point(student: Student, cases: Cases) -> None:
    """One point, seen from four places, by a light field in which no two rays agree."""
    hint = (
        "rays from each eye to x: directions x − eye, plucker, field; then the mean colour over the eyes, squared "
        "differences from it, their mean over eyes and channels, and the root at the end"
    )
    judge(student, cases.one("disagreement", "one point"), hint)


@checks_exercise("disagreement")
def test_points_and_eyes(student: Student, cases: Cases) -> None:
    """Several points and eyes, also as many of one as of the other: every pair is a ray, points keep apart."""
    hint = "x[:, None] − eyes is (n, e, 3); flatten for the field, and take the mean over eyes, not over points"
    for name in ("several points", "as many points as eyes", "three points, six eyes"):
        judge(student, cases.one("disagreement", name), hint)


@checks_exercise("disagreement")
def test_numbers_of_eyes(student: Student, cases: Cases) -> None:
    """Two eyes, nine, and one, which agrees with itself: the mean divides by the number of eyes."""
    hint = "a mean, not an unbiased estimate: divide by e, not e − 1; and by 3, the channels"
    for name in ("two eyes", "many eyes", "one eye"):
        judge(student, cases.one("disagreement", name), hint)


@checks_exercise("disagreement")
def test_surface(student: Student, cases: Cases) -> None:
    """Points of a wall that looks alike from everywhere: 0, and no NaN from a square below 0."""
    hint = "subtract the mean colour before you square: E[c²] − E[c]² loses its digits and may come out negative"
    judge(student, cases.one("disagreement", "a surface"), hint)
