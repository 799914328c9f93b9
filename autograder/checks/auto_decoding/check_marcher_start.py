"""Checks: what parameters a fresh ray marcher has, and how they start."""

from __future__ import annotations

import math
from typing import Any

import torch

from autograder.checking.cases import Cases
from autograder.checking.expect import CheckFailed, expect_close, expect_true
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_decoding.check_marcher import LAYERS
from autograder.checks.auto_decoding.normal_draws import expect_normal
from autograder.checks.auto_encoding.modules import build, names_by_shape, value_of
from autograder.results import Evidence


def started(made: Any, features: int, hidden: int) -> dict[tuple[int, ...], list[str]]:
    """The student's names of a marcher's parameters, by their shapes."""
    gates_of = [(4 * hidden, features), (4 * hidden, hidden), (4 * hidden,), (4 * hidden,)]
    return names_by_shape(made, [*gates_of, (1, hidden), (1,)], "RayMarcher", LAYERS)


@checks_exercise("ray_marcher")
def test_its_own_size(student: Student, cases: Cases) -> None:
    """As many parameters as the docstring says: 256 features and 16 numbers of memory by default."""
    del cases
    made = build(student, "RayMarcher")
    wanted = [(64, 256), (64, 16), (64,), (64,), (1, 16), (1,)]
    names_by_shape(made, wanted, "RayMarcher()", LAYERS)


@checks_exercise("ray_marcher")
def test_start_of_weights(student: Student, cases: Cases) -> None:
    """weight_ih starts with draws of variance 2 / features, weight_hh with orthonormal columns."""
    del cases
    features, hidden = 1500, 125
    made = build(student, "RayMarcher", features, hidden)
    names = started(made, features, hidden)
    hint = "nn.init has Kaiming's normal rule for ReLU; its variance is 2 / features, whatever `hidden` is"
    shape = (4 * hidden, features)
    W_ih = value_of(made, names[shape][0], "weight_ih")
    expect_normal(W_ih, math.sqrt(2 / features), "weight_ih", hint)
    W_hh = value_of(made, names[(4 * hidden, hidden)][0], "weight_hh")
    products = W_hh.T @ W_hh
    hint = (
        "the whole matrix (4·hidden, hidden) has orthonormal columns, not each gate's quarter of it"
    )
    right = torch.eye(hidden, dtype=torch.float64)
    what = "weight_hhᵀ weight_hh"
    expect_close(products, right, what, tolerance=2e-5, hint=hint)
    other = build(student, "RayMarcher", features, hidden)
    same = torch.equal(
        W_ih, value_of(other, started(other, features, hidden)[shape][0], "weight_ih")
    )
    expect_true(not same, "two marchers start with the very same numbers.", "no manual_seed")


@checks_exercise("ray_marcher")
def test_start_of_biases(student: Student, cases: Cases) -> None:
    """The cell's biases start as 0, but 1 for the forget gate, the second of the four."""
    del cases
    features, hidden = 6, 5
    made = build(student, "RayMarcher", features, hidden)
    held = started(made, features, hidden)[(4 * hidden,)]
    biases = [value_of(made, name, name) for name in held]
    hint = "the gates come in the order input, forget, cell, output: the forget gate's are the second `hidden` numbers"
    for bias, name in zip(biases, held, strict=True):
        others = torch.cat([bias[:hidden], bias[2 * hidden :]])
        what = f"{name}, the gates other than the forget gate"
        expect_close(others, torch.zeros_like(others), what, tolerance=1e-6, hint=hint)
    # The paper's code has 1 in both biases, so that the gate sees 2: that is no mistake here.
    starts = [bias[hidden : 2 * hidden].tolist() for bias in biases]
    zeros, ones = [0.0] * hidden, [1.0] * hidden
    if starts not in ([ones, zeros], [zeros, ones], [ones, ones]):
        evidence = Evidence(f"{hidden} ones", " and ".join(map(str, starts)), hint=hint)
        raise CheckFailed("the forget gate's bias should start as 1.", evidence)
