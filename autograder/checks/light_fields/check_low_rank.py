"""Checks: a layer changed at low rank, with given weights against numbers computed one by one, and how it starts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close, expect_true, expect_tuple
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_decoding.exact_gradients import exact_gradients
from autograder.checks.auto_decoding.normal_draws import expect_normal
from autograder.checks.auto_encoding.modules import build, load, names_by_shape, value_of
from autograder.checks.rendering.check_siren import expect_uniform

LAYERS = (
    "the base, nn.Linear(inputs, outputs), and nn.Linear(code_length, (outputs + inputs) · rank + outputs); "
    "nothing else that learns"
)
FORMULA = "W ⊙ (1 + A Bᵀ / rank), b + change"


def changed(case: Case, z: Tensor, parameters: Mapping[str, Tensor]) -> list[Tensor]:
    """W `b out in` and b `b out` in float64, entry by entry, each as a sum over the rank."""
    _, inputs, outputs, rank = case.truth["arguments"]
    W, b, weight, bias = (value.double() for value in parameters.values())
    layers = []
    for code in z.double():
        numbers = weight @ code + bias
        A = numbers[: outputs * rank]
        B = numbers[outputs * rank : (outputs + inputs) * rank]
        rows = []
        for i in range(outputs):
            pairs = [
                (A[i * rank : (i + 1) * rank], B[j * rank : (j + 1) * rank]) for j in range(inputs)
            ]
            rows.append(
                torch.stack(
                    [W[i, j] * (1 + (p * q).sum() / rank) for j, (p, q) in enumerate(pairs)]
                )
            )
        layers.append((torch.stack(rows), b + numbers[(outputs + inputs) * rank :]))
    return [torch.stack(part) for part in zip(*layers, strict=True)]


def filled(student: Student, case: Case) -> tuple[Any, dict[str, str]]:
    """A module of the student's class with the weights of a case, and the student's names by ours."""
    made = build(student, "LowRankLayer", *case.truth["arguments"])
    return made, load(made, case.truth["parameters"], f"LowRankLayer ({case.name})", LAYERS)


def writes(student: Student, case: Case, hint: str) -> None:
    """W and b of the layer of a case, compared with the oracle."""
    made, _ = filled(student, case)
    z = case.inputs["z"]
    answers = expect_tuple(made(z), 2, "LowRankLayer(…)(z)")
    expected = changed(case, z, case.truth["parameters"])
    for name, answer, right in zip("Wb", answers, expected, strict=True):
        expect_close(answer, right, f"{name} ({case.name})", tolerance=1e-4, hint=hint)


@checks_exercise("low_rank_layer", entrance=True)
def test_rank_one(student: Student, cases: Cases) -> None:
    """Three codes at rank 1: each entry of W times 1 + A[i] B[j], and b with its change."""
    hint = f"{FORMULA}; the change is a factor of the base's weight, entry by entry, not a matrix added to it"
    writes(student, cases.one("LowRankLayer", "rank 1"), hint)


@checks_exercise("low_rank_layer")
def test_higher_ranks(student: Student, cases: Cases) -> None:
    """Ranks 2, 3 and 6: A and B are read row by row, and their product is divided by the rank."""
    hint = f"{FORMULA}; A is (outputs, rank) and B is (inputs, rank), each row after row, A before B, b last"
    for name in ("rank 2", "rank 3", "as many inputs as outputs", "rank above both sides"):
        writes(student, cases.one("LowRankLayer", name), hint)


@checks_exercise("low_rank_layer")
def test_numbers_of_codes(student: Student, cases: Cases) -> None:
    """One code, one input, one output, as many codes as outputs: no dimension gets lost or mixed up."""
    hint = "dimension 0 counts codes and stays, also if there is one; B is turned with .mT, not .T"
    for name in ("one code", "one output", "one input", "as many codes as outputs"):
        writes(student, cases.one("LowRankLayer", name), hint)


@checks_exercise("low_rank_layer")
def test_objects_begin_as_the_base(student: Student, cases: Cases) -> None:
    """A new layer is the base for every code; its rank is 10 by default; it has these parameters and no others."""
    case = cases.one("LowRankLayer", "at the start")
    code_length, inputs, outputs = case.truth["arguments"]
    made = build(student, "LowRankLayer", *case.truth["arguments"])
    numbers = (outputs + inputs) * 10 + outputs
    shapes = [(outputs, inputs), (outputs,), (numbers, code_length), (numbers,)]
    names = names_by_shape(made, shapes, f"LowRankLayer{(code_length, inputs, outputs)}", LAYERS)
    answers = expect_tuple(made(case.inputs["z"]), 2, "LowRankLayer(…)(z)")
    hint = (
        "zeros for the weight of the layer that reads the code, and for its bias but for A's part"
    )
    for name, answer, shape in zip("Wb", answers, shapes[:2], strict=True):
        base = value_of(made, names[shape][0], f"the base's {name}")
        wanted = base.expand(len(case.inputs["z"]), *shape)
        expect_close(answer, wanted, f"{name} of a new layer", tolerance=1e-6, hint=hint)


@checks_exercise("low_rank_layer")
def test_start(student: Student, cases: Cases) -> None:
    """A starts with draws from N(0, 1), the base as nn.Linear leaves it, and all the rest at zero."""
    code_length, inputs, outputs, rank = arguments = cases.one(
        "LowRankLayer", "many numbers"
    ).truth["arguments"]
    made = build(student, "LowRankLayer", *arguments)
    numbers = (outputs + inputs) * rank + outputs
    shapes = [(outputs, inputs), (outputs,), (numbers, code_length), (numbers,)]
    names = names_by_shape(made, shapes, "LowRankLayer", LAYERS)
    base, shift, weight, bias = (
        value_of(made, names[s][0], f"the parameter of shape {s}") for s in shapes
    )
    hint = "A's part are the first outputs · rank numbers of the bias: nn.init.normal_ there, zeros after it"
    what = "the weight of the layer that reads the code"
    expect_true(not weight.any(), f"{what} should start at zero.", "nn.init.zeros_")
    rest = bias[outputs * rank :]
    expect_true(
        not rest.any(), "the bias of B's part and of b's change should start at zero.", hint
    )
    expect_normal(bias[: outputs * rank], 1.0, "the bias of A's part", hint)
    hint = "leave the base as nn.Linear makes it"
    expect_uniform(base, 1 / math.sqrt(inputs), "the base's weight", hint)
    expect_uniform(shift, 1 / math.sqrt(inputs), "the base's bias", hint)
    other = build(student, "LowRankLayer", *arguments)
    same = torch.equal(bias, value_of(other, names[(numbers,)][0], "the bias"))
    expect_true(not same, "two LowRankLayers start with the very same numbers.", "no manual_seed")


@checks_exercise("low_rank_layer")
def test_layer_learns(student: Student, cases: Cases) -> None:
    """Gradients reach the code, the base and what reads the code, from W and from b."""
    case = cases.one("LowRankLayer", "rank 3")
    made, names = filled(student, case)
    leaves = {k: v.double().requires_grad_() for k, v in case.truth["parameters"].items()}
    z = case.inputs["z"]
    code = z.double().requires_grad_()
    cotangents, expected = exact_gradients(
        lambda: changed(case, code, leaves), [code, *leaves.values()]
    )
    hint = "compute W and b from z: no .detach(), no .data, no torch.no_grad() in forward"
    writes(student, case, hint)
    what = "the gradient with respect to the code"
    expect_close(made.gradient((z,), 0, cotangents), expected[0], what, tolerance=5e-4, hint=hint)
    found = made.parameter_gradients((z,), cotangents)
    for ours, wanted in zip(leaves, expected[1:], strict=True):
        what = f"the gradient with respect to {ours}"
        expect_close(found.get(names[ours]), wanted, what, tolerance=5e-4, hint=hint)
