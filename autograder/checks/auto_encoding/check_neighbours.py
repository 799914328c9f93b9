"""Checks: the share of codes whose neighbours bear their label."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import CheckFailed, describe, expect_close, expect_error
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_encoding.exact_numbers import share_of_majorities
from autograder.results import Evidence


def expect_share(answer: Any, expected: float, what: str, hint: str) -> None:
    """A number, also of numpy or as a tensor of no dimension, close to the one expected."""
    if isinstance(answer, int) and not isinstance(answer, bool):
        answer = float(max(-999, min(answer, 999)))  # some whole numbers are too large for a float
    if isinstance(answer, float | np.floating):
        answer = torch.tensor(float(answer), dtype=torch.float64)
    if not isinstance(answer, torch.Tensor):
        message = f"{what} should be a number between 0 and 1, not {describe(answer)}."
        raise CheckFailed(message, Evidence(f"{expected:.4g}", describe(answer), hint=hint))
    expect_close(answer, torch.tensor(expected, dtype=torch.float64), what, hint=hint)


def judge(student: Student, case: Case, hint: str) -> None:
    """The student's share of a case, after comparison with counting."""
    expected = share_of_majorities(*case.inputs.values())
    answer = student.neighbour_accuracy(*case.inputs.values())
    expect_share(answer, expected, f"neighbour_accuracy ({case.name})", hint)


@checks_exercise("neighbour_accuracy", entrance=True)
def test_nine_codes(student: Student, cases: Cases) -> None:
    """Nine codes in the plane, two labels, three neighbours."""
    hint = "for each item: the labels of its 3 nearest others, the most frequent one; the share that is right"
    judge(student, cases.one("neighbour_accuracy", "nine codes, two labels"), hint)


@checks_exercise("neighbour_accuracy")
def test_more_codes(student: Student, cases: Cases) -> None:
    """Dozens of codes, one neighbour and five, labels that are no 0, 1, 2, …; five neighbours if nobody says."""
    hint = "Euclidean distance, √Σ(difference)², over all coordinates of a code"
    for name in ("the nearest one", "five of forty", "labels with gaps"):
        judge(student, cases.one("neighbour_accuracy", name), hint)
    case = cases.one("neighbour_accuracy", "five of forty")
    codes, labels, _ = case.inputs.values()
    answer = student.neighbour_accuracy(codes, labels)
    expected = share_of_majorities(codes, labels, 5)
    expect_share(answer, expected, "neighbour_accuracy without k", "the default is k = 5")


@checks_exercise("neighbour_accuracy")
def test_votes_that_tie(student: Student, cases: Cases) -> None:
    """Of labels that are equally frequent among the neighbours, the smallest wins."""
    hint = "neither the nearest label nor the largest: torch.mode, or votes.argmax(), the first of equals"
    for name in ("clusters of three", "votes that tie"):
        judge(student, cases.one("neighbour_accuracy", name), hint)


@checks_exercise("neighbour_accuracy")
def test_not_its_own_neighbour(student: Student, cases: Cases) -> None:
    """An item is not its own neighbour, and another with the very same code is one."""
    codes = cases.one("neighbour_accuracy", "the nearest one").inputs["codes"]
    hint = "set the diagonal of the distances to ∞: the item itself may come second among equals"
    answer = student.neighbour_accuracy(codes, torch.arange(len(codes)), 1)
    expect_share(answer, 0.0, "neighbour_accuracy with a label for each item", hint)
    for name in ("twins that disagree", "twins that agree", "two codes"):
        judge(student, cases.one("neighbour_accuracy", name), hint)


@checks_exercise("neighbour_accuracy")
def test_everybody_votes(student: Student, cases: Cases) -> None:
    """With k = n − 1 all others vote, and where all labels are equal everybody is right."""
    hint = "k neighbours, all of them others: topk(k) of n − 1 candidates"
    case = cases.one("neighbour_accuracy", "everybody votes")
    judge(student, case, hint)
    codes, labels, k = case.inputs.values()
    answer = student.neighbour_accuracy(codes, torch.full_like(labels, 7), k)
    expect_share(answer, 1.0, "neighbour_accuracy of equal labels", hint)


@checks_exercise("neighbour_accuracy")
def test_moved_codes(student: Student, cases: Cases) -> None:
    """Codes moved, turned and scaled together, in another order, and in float64: the same share."""
    codes, labels, k = cases.one("neighbour_accuracy", "five of forty").inputs.values()
    expected = share_of_majorities(codes, labels, k)
    turn = torch.linalg.qr(torch.cos(torch.arange(16.0)).reshape(4, 4))[0]
    order = torch.arange(len(codes)).flip(0)
    for what, moved, named in [
        ("turned codes", codes @ turn, labels),
        ("tiny codes", codes * 1e-3, labels),
        ("large codes", codes * 1e3 - 500, labels),
        ("codes in another order", codes[order], labels[order]),
        ("codes in float64", codes.double(), labels),
    ]:
        hint = "distances between codes decide, no fixed threshold and no direction from the origin"
        answer = student.neighbour_accuracy(moved, named, k)
        expect_share(answer, expected, f"neighbour_accuracy of {what}", hint)


@checks_exercise("neighbour_accuracy")
def test_impossible_k(student: Student, cases: Cases) -> None:
    """No neighbour, a negative number of them, and more than there are raise a ValueError."""
    codes, labels, _ = cases.one("neighbour_accuracy", "nine codes, two labels").inputs.values()
    for k in (0, -1, len(codes), len(codes) + 3):
        why = f"k = {k} with {len(codes)} codes"
        expect_error(student.neighbour_accuracy, codes, labels, k, why=why)
