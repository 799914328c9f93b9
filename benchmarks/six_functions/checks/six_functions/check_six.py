"""Twelve checks: each function on a plain case and on a hard one."""

from __future__ import annotations

from autograder.checking.cases import Cases
from autograder.checking.expect import expect_close
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student


def compare(student: Student, cases: Cases, function: str, name: str, hint: str) -> None:
    """The student's answer to a case against the reference."""
    case = cases.one(function, name)
    answer = getattr(student, function)(*case.inputs.values())
    expect_close(answer, case.expected, function, hint=hint)


@checks_exercise("normalize_rows", entrance=True)
def test_rows_have_length_one(student: Student, cases: Cases) -> None:
    """Every row has length one."""
    compare(student, cases, "normalize_rows", "plain", "divide by the norm of the last dimension")


@checks_exercise("normalize_rows")
def test_zero_rows_stay_zero(student: Student, cases: Cases) -> None:
    """A row of zeros stays as it is."""
    compare(student, cases, "normalize_rows", "hard", "0 / 0 is NaN")


@checks_exercise("pairwise_distances", entrance=True)
def test_distances(student: Student, cases: Cases) -> None:
    """Distances between two sets of different size."""
    compare(student, cases, "pairwise_distances", "plain", "the result is of shape (n, m)")


@checks_exercise("pairwise_distances")
def test_distances_to_oneself(student: Student, cases: Cases) -> None:
    """A point is at distance zero from itself."""
    compare(student, cases, "pairwise_distances", "hard", "subtract before you square")


@checks_exercise("softmax", entrance=True)
def test_softmax(student: Student, cases: Cases) -> None:
    """Softmax of a matrix, row by row."""
    compare(student, cases, "softmax", "plain", "sum over the last dimension")


@checks_exercise("softmax")
def test_softmax_of_large_scores(student: Student, cases: Cases) -> None:
    """Scores in the thousands, and a batch more."""
    compare(student, cases, "softmax", "hard", "subtract the largest score first")


@checks_exercise("bilinear_lookup", entrance=True)
def test_lookup_inside(student: Student, cases: Cases) -> None:
    """Positions between the pixels."""
    compare(student, cases, "bilinear_lookup", "plain", "rows first, then columns")


@checks_exercise("bilinear_lookup")
def test_lookup_outside(student: Student, cases: Cases) -> None:
    """Positions beyond the border."""
    compare(student, cases, "bilinear_lookup", "hard", "clamp the position to the image")


@checks_exercise("rotate", entrance=True)
def test_rotate_one(student: Student, cases: Cases) -> None:
    """One rotation, five points."""
    compare(student, cases, "rotate", "plain", "think of points as columns")


@checks_exercise("rotate")
def test_rotate_each_by_its_own(student: Student, cases: Cases) -> None:
    """Four rotations, four points each."""
    compare(student, cases, "rotate", "hard", "each batch has its own rotation")


@checks_exercise("solve_ridge", entrance=True)
def test_solve(student: Student, cases: Cases) -> None:
    """More equations than unknowns, no weight."""
    compare(student, cases, "solve_ridge", "plain", "set the gradient to zero")


@checks_exercise("solve_ridge")
def test_solve_underdetermined(student: Student, cases: Cases) -> None:
    """Fewer equations than unknowns, some weight."""
    compare(student, cases, "solve_ridge", "hard", "the weight stands on the diagonal")
