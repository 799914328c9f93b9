"""Comparisons that checks use: what they let pass, what they catch, and what they say."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from autograder.checking.errors import NotWrittenYet, StudentError
from autograder.checking.expect import (
    CheckFailed,
    describe,
    expect_close,
    expect_error,
    expect_tensor,
    expect_tuple,
)

ONE = torch.tensor([[1.0, 2.0], [3.0, 4.0]], dtype=torch.float64)


@pytest.mark.parametrize(
    "answer",
    [ONE.float(), ONE, ONE.clone().t().contiguous().t(), ONE.float() + 1e-5],
    ids=["float32", "float64", "strided", "rounded"],
)
def test_right_answers_in_any_form(answer: torch.Tensor) -> None:
    expect_close(answer, ONE, "it")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (None, "is None: is a `return` missing"),
        ([[1.0, 2.0], [3.0, 4.0]], "should be a torch tensor, not list"),
        (ONE.numpy(), "should be a torch tensor, not ndarray"),
        (torch.tensor(1.0), r"has shape \(\), expected \(2, 2\)"),
        (torch.ones(2), r"has shape \(2,\), expected \(2, 2\)"),
        (torch.ones(1, 2, 2), "has shape"),
        (torch.full((2, 2), torch.nan), "NaN"),
        (torch.tensor([[1.0, 2.0], [3.0, torch.inf]]), "NaN or infinite values .*1 of 4"),
        (torch.tensor([[1.0, 2.0], [3.0, 4.1]]), "it: 1 of 4 values differ from the reference"),
        (torch.ones(2, 2, dtype=torch.complex64), "is complex"),
        (torch.ones(2, 2).to_sparse(), "is a sparse_coo tensor; an ordinary"),
        (torch.ones(2, 2, device="meta"), "is a meta tensor, which has no values"),
        (torch.ones(1, device="meta"), "is a meta tensor"),
        (torch.tensor([[1, 2], [3, 4]]), "floating-point numbers were expected"),
    ],
)
def test_wrong_answers_and_words(answer: Any, words: str) -> None:
    with pytest.raises(CheckFailed, match=words):
        expect_close(answer, ONE, "it")


def test_worst_element_is_told() -> None:
    wrong = torch.tensor([[1.0, 2.5], [3.0, 14.0]])
    with pytest.raises(CheckFailed) as caught:
        expect_close(wrong, ONE, "the image", hint="look again")
    evidence = caught.value.evidence
    assert evidence.worst == "element [1, 1]: expected 4, got 14"
    assert evidence.hint == "look again"
    assert "shape (2, 2)" in (evidence.expected or "")


def test_equal_infinities_agree_and_opposite_ones_do_not() -> None:
    depth = torch.tensor([1.0, torch.inf])
    expect_close(depth, depth.double(), "depth")
    with pytest.raises(CheckFailed):
        expect_close(depth * torch.tensor([1.0, -1.0]), depth.double(), "depth")


def test_where_limits_the_comparison() -> None:
    wrong = torch.tensor([1.0, torch.nan])
    expect_close(wrong, torch.ones(2), "it", where=torch.tensor([True, False]))
    with pytest.raises(CheckFailed):
        expect_close(wrong, torch.ones(2), "it", where=torch.tensor([True, True]))


def test_booleans_must_be_boolean() -> None:
    truth = torch.tensor([True, False])
    expect_close(truth, truth, "flags")
    with pytest.raises(CheckFailed, match="should be boolean"):
        expect_close(truth.float(), truth, "flags")
    with pytest.raises(CheckFailed, match="1 of 2"):
        expect_close(torch.tensor([True, True]), truth, "flags")
    with pytest.raises(CheckFailed) as caught:
        expect_close(torch.tensor([True, True]), truth, "flags")
    assert caught.value.evidence.worst == "element [1]: expected False, got True"


def test_coarser_dtypes_get_coarser_tolerances() -> None:
    expect_close(ONE.half(), ONE + 1e-3, "it")
    with pytest.raises(CheckFailed):
        expect_close(ONE.float(), ONE + 1e-3, "it")


def test_tuple_and_dtype() -> None:
    assert expect_tuple([1, 2], 2, "f") == (1, 2)
    with pytest.raises(CheckFailed, match="should return 3 values"):
        expect_tuple((1, 2), 3, "f")
    with pytest.raises(CheckFailed, match=r"has dtype torch.float32, expected torch.float64"):
        expect_tensor(torch.ones(2), (2,), "it", dtype=torch.float64)


def _raising(error: Exception) -> Any:
    def call(*args: Any) -> None:
        raise error

    return call


def test_expected_errors() -> None:
    good = StudentError("Degenerate", "up is parallel", bases=("Degenerate", "ValueError"))
    expect_error(_raising(good), naming=("up",), why="this")
    silent = StudentError("ValueError", "bad input")
    with pytest.raises(CheckFailed, match="should tell what is wrong: name 'up'"):
        expect_error(_raising(silent), naming=("up",), why="this")
    expect_error(_raising(silent), why="this")  # whose message is free
    other = StudentError("IndexError", "up is out of range")
    with pytest.raises(CheckFailed, match="this should raise a ValueError, but raised IndexError"):
        expect_error(_raising(other), naming=("up",), why="this")
    with pytest.raises(CheckFailed, match="should raise an IndexError, but a result came back"):
        expect_error(lambda: 3, kind="IndexError", naming=("up",), why="this")
    with pytest.raises(NotWrittenYet):  # a stub's error must not pass for the wanted one
        expect_error(_raising(NotWrittenYet("later")), naming=("later",), why="this")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (torch.ones(2, 3), "tensor of shape (2, 3), float32"),
        (torch.tensor(0.5), "tensor 0.5 of shape (), float32"),
        ((torch.ones(1, 2), None), "tuple of 2: tensor of shape (1, 2), float32, None"),
        ("x" * 500, "str 'xxx"),
        ({"a": torch.ones(9, 9)}, "dict"),
        (ONE.numpy(), "numpy array of shape (2, 2), float64"),
    ],
)
def test_describe(value: Any, words: str) -> None:
    assert words in describe(value)
    assert len(describe(value)) < 120
