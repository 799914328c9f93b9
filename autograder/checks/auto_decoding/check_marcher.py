"""Checks: the ray marcher, with given weights against an LSTM's gates written out, and how it starts."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import (
    expect_close,
    expect_tuple,
)
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_decoding.exact_gradients import exact_gradients
from autograder.checks.auto_encoding.modules import build, load

LAYERS = (
    "an nn.LSTMCell(features, hidden), with both of its biases, and an nn.Linear(hidden, 1); "
    "nothing else that learns"
)
Memory = tuple[Tensor, Tensor]


def gates(parameters: dict[str, Tensor], x: Tensor, memory: Memory) -> tuple[Tensor, Memory]:
    """The step `*b` and the new h and c `*b m` of a cell with these weights, in float64, gate by gate."""
    p = {name: value.double() for name, value in parameters.items()}
    h, c = (m.double() for m in memory)
    sums = x.double() @ p["W_ih"].T + p["b_ih"] + h @ p["W_hh"].T + p["b_hh"]
    width = c.shape[-1]
    i, f, g, o = (sums[..., k * width : (k + 1) * width] for k in range(4))
    c = c / (1 + torch.exp(-f)) + torch.tanh(g) / (1 + torch.exp(-i))
    h = torch.tanh(c) / (1 + torch.exp(-o))
    return h @ p["length W"][0] + p["length b"][0], (h, c)


def marcher(student: Student, case: Case) -> tuple[Any, dict[str, str]]:
    """A marcher with the weights of a case, and the student's names of them by ours."""
    made = build(student, "RayMarcher", *case.truth["arguments"])
    what = f"RayMarcher ({case.name})"
    return made, load(made, case.truth["parameters"], what, LAYERS)


def nothing_seen(case: Case) -> Memory:
    """The memory that a marcher starts with."""
    return torch.zeros_like(case.inputs["h"]), torch.zeros_like(case.inputs["c"])


def taken_apart(answer: Any) -> tuple[Any, Any, Any]:
    """Step, h and c of what the marcher returned."""
    step, memory = expect_tuple(answer, 2, "RayMarcher(…)(features)")
    h, c = expect_tuple(memory, 2, "the memory")
    return step, h, c


def takes_steps(student: Student, case: Case, memory: Memory | None, hint: str) -> None:
    """Three steps in a row from a memory, or from none, compared with the oracle."""
    made, _ = marcher(student, case)
    features, known = case.inputs["features"], memory or nothing_seen(case)
    for number, x in enumerate(features, start=1):
        what = f"of step {number} ({case.name})"
        step, h, c = taken_apart(made(x) if memory is None else made(x, memory))
        right, (right_h, right_c) = gates(case.truth["parameters"], x, known)
        expect_close(step, right, f"the length {what}", tolerance=1e-4, hint=hint)
        expect_close(h, right_h, f"h {what}", tolerance=1e-4, hint=hint)
        expect_close(c, right_c, f"c {what}", tolerance=1e-4, hint=hint)
        memory, known = (h.detach(), c.detach()), (right_h, right_c)


@checks_exercise("ray_marcher", entrance=True)
def test_first_step(student: Student, cases: Cases) -> None:
    """Five rays, without a memory: the cell reads the features, the linear layer its new h."""
    case = cases.one("RayMarcher", "five rays")
    made, _ = marcher(student, case)
    x = case.inputs["features"][0]
    step, h, c = taken_apart(made(x))
    right, (right_h, right_c) = gates(case.truth["parameters"], x, nothing_seen(case))
    hint = "the linear layer reads the new h, not c; a step is one number, without a dimension of its own"
    expect_close(step, right, "the length of the step", tolerance=1e-4, hint=hint)
    hint = "the new memory is (h, c), h first"
    expect_close(h, right_h, "h", tolerance=1e-4, hint=hint)
    expect_close(c, right_c, "c", tolerance=1e-4, hint=hint)


@checks_exercise("ray_marcher")
def test_memory(student: Student, cases: Cases) -> None:
    """Three steps in a row, from nothing and from a memory that is handed in."""
    case = cases.one("RayMarcher", "five rays")
    hint = "the cell reads the memory that comes in, h first: nothing is kept in the module itself"
    takes_steps(student, case, None, hint)
    takes_steps(student, case, (case.inputs["h"], case.inputs["c"]), hint)
    made, _ = marcher(student, case)
    x = case.inputs["features"][0]
    first, *_ = taken_apart(made(x))
    again, *_ = taken_apart(made(x))
    hint = "no memory means zeros, every time: what forward keeps in self is still there at the next image"
    what = "the length of the step, when the first features come a second time without a memory"
    expect_close(again, first.detach(), what, tolerance=1e-6, hint=hint)


@checks_exercise("ray_marcher")
def test_long_steps(student: Student, cases: Cases) -> None:
    """A step is what the linear layer says: as long as it likes, forwards or back."""
    hint = "nothing comes after the linear layer: no tanh, no softplus, no abs, no clamp"
    for name in ("long steps forwards", "long steps back"):
        takes_steps(student, cases.one("RayMarcher", name), None, hint)


@checks_exercise("ray_marcher")
def test_any_batch(student: Student, cases: Cases) -> None:
    """One ray, rays of several objects, and more dimensions: each ray has a memory of its own."""
    hint = (
        "nn.LSTMCell takes rows: flatten the batch of the features and of both memories with "
        "reshape(-1, …), and give all results the batch's shape again"
    )
    for name in ("one ray", "rays of objects", "three dimensions", "as many rays as features"):
        case = cases.one("RayMarcher", name)
        takes_steps(student, case, None, hint)
        takes_steps(student, case, (case.inputs["h"], case.inputs["c"]), hint)


@checks_exercise("ray_marcher")
def test_marcher_learns(student: Student, cases: Cases) -> None:
    """Gradients reach the features, both memories and all parameters, from the step and from the new memory."""
    case = cases.one("RayMarcher", "rays of objects")
    made, names = marcher(student, case)
    x, h, c = case.inputs["features"][0], case.inputs["h"], case.inputs["c"]
    leaves = {k: v.double().requires_grad_() for k, v in case.truth["parameters"].items()}
    inputs = [value.double().requires_grad_() for value in (x, h, c)]

    def results() -> list[Tensor]:
        step, memory = gates(leaves, inputs[0], (inputs[1], inputs[2]))
        return [step, *memory]

    cotangents, expected = exact_gradients(results, [*inputs, *leaves.values()])
    takes_steps(
        student, case, (h, c), "rows of features and of both memories, and the batch's shape back"
    )
    hint = "no .detach() between features, memory and step: the marcher learns through all of its steps"
    paths: list[tuple[int, ...]] = [(0,), (1, 0), (1, 1)]
    for path, name, wanted in zip(paths, ("the features", "h", "c"), expected[:3], strict=True):
        gradient = made.gradient((x, (h, c)), path, cotangents)
        what = f"the gradient with respect to {name}"
        expect_close(gradient, wanted, what, tolerance=2e-4, hint=hint)
    found = made.parameter_gradients((x, (h, c)), cotangents)
    for ours, wanted in zip(leaves, expected[3:], strict=True):
        what = f"the gradient with respect to {ours}"
        expect_close(found.get(names[ours]), wanted, what, tolerance=2e-4, hint=hint)
