"""Checks: a linear classifier of features, fitted to a few labelled pixels."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import CheckFailed, expect_tensor, expect_tuple
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_decoding.softmax_minimum import least, loss_of
from autograder.results import Evidence

DEFAULT = 1e-3  # decay, as the signature says


def fitted(answer: Any, features: Tensor, classes: int, what: str) -> tuple[Tensor, Tensor]:
    """W and b of an answer: floating-point and finite, of the shapes promised."""
    parts = zip(
        expect_tuple(answer, 2, what),
        ("W", "b"),
        ((classes, features.shape[1]), (classes,)),
        strict=True,
    )
    found = []
    for value, name, shape in parts:
        hint = "W has a row for each class, as nn.Linear(features, classes) keeps it; b a number"
        tensor = expect_tensor(value, shape, f"{name} of {what}", hint=hint).detach()
        if not tensor.is_floating_point() or not tensor.isfinite().all():
            kind = str(tensor.dtype).removeprefix("torch.")
            message = f"{name} of {what} should hold finite real numbers."
            raise CheckFailed(message, Evidence("finite numbers", f"{kind}, or NaN or infinite"))
        found.append(tensor)
    return found[0], found[1]


def judge(student: Student, case: Case, hint: str) -> None:
    """The student's loss of a case, against the least."""
    features, labels, classes = (case.inputs[x] for x in ("features", "labels", "classes"))
    decay = case.inputs.get("decay", DEFAULT)
    what = f"semantic_head ({case.name})"
    answer = student.semantic_head(*case.inputs.values())
    W, b = fitted(answer, features, classes, what)
    found = loss_of(W, b, features, labels, decay)
    lowest = loss_of(*least(features, labels, classes, decay), features, labels, decay)
    if not found <= 1.01 * lowest:
        evidence = Evidence(
            f"a loss of {1.01 * lowest:.6g} at most: the least is {lowest:.6g}",
            f"{found:.6g}",
            hint=hint,
        )
        raise CheckFailed(
            f"{what}: the loss of W and b is {found / lowest:.4g} × the least.", evidence
        )


@checks_exercise("semantic_head", entrance=True)
def test_three_classes(student: Student, cases: Cases) -> None:
    """Thirty-six pixels with four features, three classes: no W and b have a loss below 99 % of yours."""
    hint = (
        "minimise cross_entropy(features @ W.T + b, labels) + decay · ΣW² until it no longer falls"
    )
    judge(student, cases.one("semantic_head", "three classes"), hint)


@checks_exercise("semantic_head")
def test_decay(student: Student, cases: Cases) -> None:
    """Strong decay, of W but not of b, with two classes and with four, in even numbers and in uneven ones."""
    hint = "decay times the sum of all W², not halved, not the mean, without b"
    for name in ("two classes", "strong decay", "uneven classes"):
        judge(student, cases.one("semantic_head", name), hint)


@checks_exercise("semantic_head")
def test_features_anywhere(student: Student, cases: Cases) -> None:
    """Features whose mean is far from zero, and more features than pixels."""
    hint = "keep going until the loss stops falling: L-BFGS or Newton's method need few steps"
    for name in ("far from zero", "more features than pixels"):
        judge(student, cases.one("semantic_head", name), hint)


@checks_exercise("semantic_head")
def test_clear_clouds(student: Student, cases: Cases) -> None:
    """Classes that a plane divides: decay alone keeps W from growing."""
    hint = "W grows to where decay · ΣW² balances the cross-entropy; a least-squares fit does not"
    judge(student, cases.one("semantic_head", "clear clouds"), hint)
