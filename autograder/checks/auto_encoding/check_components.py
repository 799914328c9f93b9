"""Checks: principal components, on data that was made of known directions."""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close, expect_error, expect_tuple
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student


def found(student: Student, case: Case, X: Tensor | None = None) -> tuple[Tensor, Tensor, Tensor]:
    """Codes, basis and mean of a case in float64, of the right shapes, or CheckFailed."""
    X = case.inputs["X"] if X is None else X
    k, (n, d) = case.inputs["k"], X.shape
    answer = expect_tuple(student.pca_codes(X, k), 3, "pca_codes (codes, basis, mean)")
    shapes = {"the codes": (n, k), "the basis": (k, d), "the mean": (d,)}
    values = [
        expect_tensor_of(value, shape, f"{what} ({case.name})")
        for value, (what, shape) in zip(answer, shapes.items(), strict=True)
    ]
    return values[0], values[1], values[2]


def expect_tensor_of(value: object, shape: tuple[int, ...], what: str) -> Tensor:
    """A real tensor of finite numbers of this shape, in float64."""
    finite = torch.zeros(shape, dtype=torch.float64)
    hint = "codes (n, k), basis (k, d) with a direction in each row, mean (d)"
    return expect_close(value, finite, what, tolerance=1e9, hint=hint).detach().double()


def expect_components(student: Student, case: Case, X: Tensor | None = None) -> None:
    """Mean, directions up to their signs, and codes, each with a hint of its own."""
    codes, basis, mean = found(student, case, X)
    size = case.truth["spread"].max().item()
    where = f"({case.name})"
    hint = "X.mean(0): one mean for each column"
    expected = case.truth["mean"]
    expect_close(mean / size, expected / size, f"the mean {where}", tolerance=1e-4, hint=hint)
    k = min(case.inputs["k"], len(case.truth["directions"]))
    directions = case.truth["directions"][:k]
    sign = torch.where((basis[:k] * directions).sum(1, keepdim=True) < 0, -1.0, 1.0)
    hint = "the right singular vectors of X − mean, largest first (torch.linalg.eigh sorts upwards)"
    what = f"the basis, up to signs, {where}"
    expect_close(basis[:k] * sign, directions, what, tolerance=1e-3, hint=hint)
    expect_own_codes(case, codes, basis, mean, X)


def expect_own_codes(
    case: Case, codes: Tensor, basis: Tensor, mean: Tensor, X: Tensor | None = None
) -> None:
    """Codes that belong to this very basis and mean."""
    X = case.inputs["X"].double() if X is None else X.double()
    size = case.truth["spread"].max()
    centred = (X - mean) / size
    expected = torch.stack([(centred * row).sum(1) for row in basis], dim=1)
    hint = "(X − mean) @ basis.T, with the basis that you return: not divided by a spread"
    what = f"the codes, from basis and mean, ({case.name})"
    expect_close(codes / size, expected, what, tolerance=2e-4, hint=hint)


@checks_exercise("pca_codes", entrance=True)
def test_two_of_three(student: Student, cases: Cases) -> None:
    """Twelve points in space and the plane through them: codes, basis and mean."""
    expect_components(student, cases.one("pca_codes", "twelve points in space"))


@checks_exercise("pca_codes")
def test_sizes(student: Student, cases: Cases) -> None:
    """More rows than columns and fewer; one component, and all of them."""
    for name in ("more numbers than rows", "every component", "one component"):
        expect_components(student, cases.one("pca_codes", name))


@checks_exercise("pca_codes")
def test_orthonormal(student: Student, cases: Cases) -> None:
    """The rows of the basis are orthonormal, also where the data has no extent along the last of them."""
    for name in ("every component", "as many components as rows"):
        case = cases.one("pca_codes", name)
        codes, basis, mean = found(student, case)
        products = torch.stack([(basis * row).sum(1) for row in basis])
        expected = torch.eye(len(basis), dtype=torch.float64)
        hint = "unit vectors at right angles; n centred rows span n − 1 directions, and the last is free"
        what = f"the products of the basis's rows ({name})"
        expect_close(products, expected, what, tolerance=1e-3, hint=hint)
        expect_own_codes(case, codes, basis, mean)


@checks_exercise("pca_codes")
def test_nothing_better(student: Student, cases: Cases) -> None:
    """codes @ basis + mean misses what the left-out directions hold, and no more."""
    for case in cases("pca_codes"):
        codes, basis, mean = found(student, case)
        size = case.truth["spread"].max()
        rows = sum(codes[:, [i]] * basis[i] for i in range(len(basis))) + mean
        missed = ((rows - case.inputs["X"].double()) / size).square().sum()
        left = (case.truth["spread"][case.inputs["k"] :] / size).square().sum()
        hint = "codes of centred data, in the directions of largest variance"
        what = f"the squared error of codes @ basis + mean ({case.name})"
        expect_close(missed, left.double(), what, tolerance=1e-4, hint=hint)


@checks_exercise("pca_codes")
def test_far_and_tiny(student: Student, cases: Cases) -> None:
    """Data far from zero, tiny numbers, and float64."""
    for name in ("far from zero", "tiny numbers"):
        expect_components(student, cases.one("pca_codes", name))
    case = cases.one("pca_codes", "twelve points in space")
    expect_components(student, case, case.inputs["X"].double())


@checks_exercise("pca_codes")
def test_impossible_k(student: Student, cases: Cases) -> None:
    """No component, a negative number of them, and more than rows or columns raise a ValueError."""
    tall = cases.one("pca_codes", "one component").inputs["X"]
    wide = cases.one("pca_codes", "more numbers than rows").inputs["X"]
    for X in (tall, wide):
        for k in (0, -1, min(X.shape) + 1, max(X.shape)):
            why = f"k = {k} with X of shape {tuple(X.shape)}"
            expect_error(student.pca_codes, X, k, why=why)
