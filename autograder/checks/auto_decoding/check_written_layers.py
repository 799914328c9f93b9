"""Checks: the network that writes one layer, with given weights against rows computed one by one."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import CheckFailed, expect_close, expect_true, expect_tuple
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_decoding.exact_gradients import exact_gradients
from autograder.checks.auto_decoding.normal_draws import expect_normal
from autograder.checks.auto_decoding.normalised_layers import (
    Parameters,
    expect_gradients,
    filled,
    through,
)
from autograder.checks.auto_encoding.modules import build, names_by_shape, value_of
from autograder.checks.rendering.check_siren import expect_uniform
from autograder.results import Evidence

LAYERS = (
    "`depth` times a linear layer to `hidden` features and an nn.LayerNorm(hidden), then one linear layer to "
    "(inputs + 1) · outputs numbers; all with biases, and nothing else that learns"
)

IN_ORDER = (
    "`depth` times nn.Linear, nn.LayerNorm(hidden), nn.ReLU, in this order; then the last nn.Linear"
)


def written(case: Case, z: Tensor, parameters: Parameters) -> tuple[Tensor, Tensor]:
    """W `b out in` and b `b out`: number by number from what the last linear layer says of each code."""
    _, inputs, outputs, *_ = case.truth["arguments"]
    numbers = through(parameters, z)
    rows = [numbers[:, row * inputs : (row + 1) * inputs] for row in range(outputs)]
    return torch.stack(rows, dim=1), numbers[:, outputs * inputs :]


def writes(student: Student, case: Case, hint: str) -> None:
    """W and b of the layer of a case, compared with the oracle."""
    made, _ = filled(student, case, LAYERS)
    z = case.inputs["z"]
    answers = expect_tuple(made(z), 2, "HyperLayer(…)(z)")
    expected = written(case, z, case.truth["parameters"])
    for name, answer, right in zip("Wb", answers, expected, strict=True):
        expect_close(answer, right, f"{name} ({case.name})", tolerance=1e-4, hint=hint)


@checks_exercise("hyper_layer", entrance=True)
def test_one_hidden_layer(student: Student, cases: Cases) -> None:
    """Three codes through one hidden layer: linear, normalised, ReLU, linear; W row by row and then b."""
    hint = (
        "nn.Linear, nn.LayerNorm, nn.ReLU, nn.Linear; the first outputs · inputs numbers are W, reshaped to "
        "(outputs, inputs), the last `outputs` are b"
    )
    writes(student, cases.one("HyperLayer", "one hidden layer"), hint)


@checks_exercise("hyper_layer")
def test_deeper(student: Student, cases: Cases) -> None:
    """Two hidden layers and four, and a single number for each point."""
    for name in ("two hidden layers", "four hidden layers", "one number per point"):
        writes(student, cases.one("HyperLayer", name), IN_ORDER)


@checks_exercise("hyper_layer")
def test_numbers_of_codes(student: Student, cases: Cases) -> None:
    """One code, and as many codes as the layer has outputs: each is written a layer of its own."""
    hint = "normalise each code's features by themselves; dimension 0 counts codes and stays, even if there is one"
    for name in ("one code", "as many codes as rows"):
        writes(student, cases.one("HyperLayer", name), hint)


@checks_exercise("hyper_layer")
def test_its_own_size(student: Student, cases: Cases) -> None:
    """As many parameters as the docstring says, with two hidden layers of 256 features by default."""
    del cases
    made = build(student, "HyperLayer", 6, 3, 5)
    weights = [(256, 6), (256, 256), (20, 256)]
    vectors = [*[(256,)] * 6, (20,)]
    names_by_shape(made, [*weights, *vectors], "HyperLayer(6, 3, 5)", LAYERS)


@checks_exercise("hyper_layer")
def test_start_of_the_last_layer(student: Student, cases: Cases) -> None:
    """The last linear layer: weight a tenth of Kaiming's normal draws, bias as nn.Linear leaves it."""
    code_length, inputs, outputs, hidden, depth = arguments = cases.one(
        "HyperLayer", "many weights"
    ).truth["arguments"]
    made = build(student, "HyperLayer", *arguments)
    count = (inputs + 1) * outputs
    shapes = [(hidden, code_length), *[(hidden, hidden)] * (depth - 1), (count, hidden), (count,)]
    names = names_by_shape(made, [*shapes, *[(hidden,)] * (3 * depth)], "HyperLayer", LAYERS)
    spread = 0.1 * math.sqrt(2 / hidden)
    hint = "Kaiming's normal rule (nn.init) for this weight alone, and then a tenth of it, once, at the start"
    what = "the last linear layer's weight"
    expect_normal(value_of(made, names[(count, hidden)][0], what), spread, what, hint)
    what, hint = "the last linear layer's bias", "leave the bias as nn.Linear makes it"
    bias = value_of(made, names[(count,)][0], what)
    expect_uniform(bias, 1 / math.sqrt(hidden), what, hint)
    other = build(student, "HyperLayer", *arguments)
    same = torch.equal(bias, value_of(other, names[(count,)][0], what))
    expect_true(not same, "two HyperLayers start with the very same numbers.", "no manual_seed")


@checks_exercise("hyper_layer")
def test_start_of_the_other_layers(student: Student, cases: Cases) -> None:
    """The hidden layers start as nn.Linear and nn.LayerNorm leave them."""
    arguments = cases.one("HyperLayer", "wide").truth["arguments"]
    code_length, _, _, hidden, _ = arguments
    made = build(student, "HyperLayer", *arguments)
    shapes = [(hidden, code_length), (9, hidden), (9,), *[(hidden,)] * 3]
    names = names_by_shape(made, shapes, "HyperLayer", LAYERS)
    bound, hint = 1 / math.sqrt(code_length), "only the last linear layer's weight is drawn anew"
    what = "the first linear layer's weight"
    expect_uniform(
        value_of(made, names[(hidden, code_length)][0], what).flatten(), bound, what, hint
    )
    vectors = [value_of(made, name, name) for name in names[(hidden,)]]
    told = sorted("1" if (v == 1).all() else "b" if v.any() else "0" for v in vectors)
    if told != ["0", "1", "b"]:
        wanted = "a scale of ones, a shift of zeros, and a bias"
        seen = ", ".join(f"numbers from {v.min():.3g} to {v.max():.3g}" for v in vectors)
        message = "the first block's three vectors do not start as they should."
        raise CheckFailed(message, Evidence(wanted, seen, hint=hint))
    (bias,) = (v for v in vectors if v.std() > 0)
    expect_uniform(bias, bound, "the first linear layer's bias", hint)


@checks_exercise("hyper_layer")
def test_hypernetwork_learns(student: Student, cases: Cases) -> None:
    """Gradients reach the code and all parameters, from W and from b, through two hidden layers and four."""
    for name in ("two hidden layers", "four hidden layers"):
        learns(student, cases.one("HyperLayer", name))


def learns(student: Student, case: Case) -> None:
    """The gradients of a case, compared with the oracle's; first the numbers, which tell more if they are wrong."""
    writes(student, case, IN_ORDER)
    made, names = filled(student, case, LAYERS)
    leaves = {k: v.double().requires_grad_() for k, v in case.truth["parameters"].items()}
    z = case.inputs["z"]
    code = z.double().requires_grad_()
    cotangents, expected = exact_gradients(
        lambda: written(case, code, leaves), [code, *leaves.values()]
    )
    hint = "compute W and b from z: no .detach(), no .data, no torch.no_grad() in forward"
    what = f"the gradient with respect to the code ({case.name})"
    expect_close(made.gradient((z,), 0, cotangents), expected[0], what, tolerance=5e-4, hint=hint)
    found = made.parameter_gradients((z,), cotangents)
    expect_gradients(found, names, dict(zip(leaves, expected[1:], strict=True)), hint)
