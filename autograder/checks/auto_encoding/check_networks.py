"""Checks: networks with weights of their own for every object, and the network that writes them."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import torch

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import (
    CheckFailed,
    describe,
    expect_close,
    expect_error,
    expect_tensor,
    expect_true,
)
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_encoding.modules import build, load, names_by_shape, value_of
from autograder.checks.auto_encoding.per_object import networks, written_networks
from autograder.checks.rendering.check_siren import expect_uniform
from autograder.results import Evidence


def waves(*shape: int) -> torch.Tensor:
    """Weights for the numbers of a result, none like another."""
    return torch.cos(1.3 * torch.arange(math.prod(shape))).reshape(shape)


def computes(student: Student, case: Case, hint: str) -> None:
    """The results of a case's networks, compared with a loop over objects and points."""
    answer = student.functional_mlp(*case.inputs.values())
    expected = networks(*case.inputs.values())
    expect_close(answer, expected, f"the result ({case.name})", tolerance=1e-4, hint=hint)


@checks_exercise("functional_mlp", entrance=True)
def test_one_layer(student: Student, cases: Cases) -> None:
    """Networks of a single layer: W[i] x + b[i] for every point x of object i."""
    hint = "torch.baddbmm, or an einsum that keeps b: W is `b out in`, so its transpose is to the right of x"
    computes(student, cases.one("functional_mlp", "one layer"), hint)


@checks_exercise("functional_mlp")
def test_layers(student: Student, cases: Cases) -> None:
    """Between two layers: normalised over the features, then ReLU. Nothing after the last."""
    hint = "each point by itself: F.layer_norm(x, x.shape[-1:]) and then F.relu, before every layer but the first"
    for name in ("two layers", "four layers"):
        computes(student, cases.one("functional_mlp", name), hint)


@checks_exercise("functional_mlp")
def test_numbers_of_objects(student: Student, cases: Cases) -> None:
    """One object, one point, and as many of both as there are features."""
    hint = "dimension 0 counts objects, dimension 1 points, the last one features; never squeeze()"
    for name in ("one object", "one point", "four of everything"):
        computes(student, cases.one("functional_mlp", name), hint)


@checks_exercise("functional_mlp")
def test_faint_features(student: Student, cases: Cases) -> None:
    """Features that hardly differ, or a single one: ε = 1e-5 is added to the variance."""
    hint = "(x − mean) / sqrt(variance + 1e-5), where the variance divides by the number of features, not n − 1"
    for name in ("faint features", "one feature in between"):
        computes(student, cases.one("functional_mlp", name), hint)


@checks_exercise("functional_mlp")
def test_all_weights_learn(student: Student, cases: Cases) -> None:
    """Gradients reach W and b of every layer, and the points."""
    case = cases.one("functional_mlp", "two layers")
    weights, x = case.inputs.values()
    cotangent = waves(3, 5, 4)
    leaves = [(W.double().requires_grad_(), b.double().requires_grad_()) for W, b in weights]
    points = x.double().requires_grad_()
    with torch.enable_grad():
        total = (networks(leaves, points) * cotangent).sum()
        expected = torch.autograd.grad(total, [points, *(t for layer in leaves for t in layer)])
    places: list[tuple[int, ...]] = [(1,), *((0, layer, k) for layer in (0, 1) for k in (0, 1))]
    names = ["x", *(f"{k} of layer {layer}" for layer in (0, 1) for k in "Wb")]
    hint = (
        "compute with W and b as they are: copying them into an nn.Linear cuts the gradient; detach nothing, "
        "mean and variance of the normalisation included"
    )
    for place, name, wanted in zip(places, names, expected, strict=True):
        gradient = student.gradient("functional_mlp", (weights, x), place, cotangent)
        what = f"the gradient with respect to {name}"
        expect_close(gradient, wanted, what, tolerance=2e-4, hint=hint)


@checks_exercise("functional_mlp")
def test_layers_that_do_not_fit(student: Student, cases: Cases) -> None:
    """A layer that reads other features, or is for other objects, is named in a ValueError."""
    weights, x = cases.one("functional_mlp", "four objects").inputs.values()
    for layer, W, why in [
        (0, weights[0][0][..., :-1], "layer 0 reads two features of three: this"),
        (1, torch.ones(4, 6, 8), "layer 1 reads eight features, and five come in: this"),
        (2, weights[2][0][:1], "layer 2 is for a single object, and there are four: this"),
        (0, weights[0][0][:3], "layer 0 is for three objects, and there are four: this"),
    ]:
        wrong = list(weights)
        wrong[layer] = (W, weights[layer][1][: len(W)])
        naming = (f"layer {layer}", str(layer))
        expect_error(student.functional_mlp, wrong, x, naming=naming, why=why)


def layers_of(written: Any, sizes: list[int], count: int) -> list[torch.Tensor]:
    """W and b of all layers in one list, if the result has as many of them and of the right shapes."""
    hint = "return a list with a pair (W, b) for each layer of the target network"
    pairs = written if isinstance(written, list | tuple) else ()
    if len(pairs) != len(sizes) - 1 or any(
        not isinstance(pair, list | tuple) or len(pair) != 2 for pair in pairs
    ):
        evidence = Evidence(f"a list of {len(sizes) - 1} pairs", describe(written), hint=hint)
        raise CheckFailed("HyperNetwork should return a list of pairs (W, b).", evidence)
    flat: list[torch.Tensor] = []
    for layer, (inputs, outputs) in enumerate(pairwise(sizes)):
        W, b = pairs[layer]
        flat.append(expect_tensor(W, (count, outputs, inputs), f"W of layer {layer}"))
        flat.append(expect_tensor(b, (count, outputs), f"b of layer {layer}"))
    return flat


PARAMETERS = (
    "a linear layer from the code to `hidden` features, and for every layer of the target one linear layer "
    "from these to (inputs + 1) · outputs numbers, each with a bias; and nothing else that learns"
)


def filled(student: Student, case: Case) -> tuple[Any, dict[str, str]]:
    """A hypernetwork with the weights of a case, and the student's names of them."""
    made = build(student, "HyperNetwork", *case.truth["arguments"])
    return made, load(made, case.truth["parameters"], "HyperNetwork", PARAMETERS)


def writes(student: Student, case: Case, hint: str) -> None:
    """The weights that a hypernetwork writes, compared with a loop over codes and rows."""
    made, _ = filled(student, case)
    sizes, z = case.truth["arguments"][1], case.inputs["z"]
    found = layers_of(made(z), sizes, len(z))
    expected = written_networks(case.truth["parameters"], sizes, z)
    for number, (answer, wanted) in enumerate(zip(found, expected, strict=True)):
        what = f"{'Wb'[number % 2]} of layer {number // 2} ({case.name})"
        expect_close(answer, wanted, what, hint=hint)


@checks_exercise("hypernetwork", entrance=True)
def test_written_weights(student: Student, cases: Cases) -> None:
    """Three codes: W and b of both layers of a small network, for each code."""
    hint = (
        "a head's numbers are W row by row, (out, in), and then b; ReLU after the first linear layer, "
        "nothing after the heads"
    )
    writes(student, cases.one("HyperNetwork", "two layers"), hint)


@checks_exercise("hypernetwork")
def test_any_target(student: Student, cases: Cases) -> None:
    """Target networks of one layer and of four; a single code."""
    hint = "one head per layer, in order; dimension 0 counts codes and stays, even if there is one"
    for name in ("one layer", "four layers", "one code"):
        writes(student, cases.one("HyperNetwork", name), hint)


@checks_exercise("hypernetwork")
def test_its_own_size(student: Student, cases: Cases) -> None:
    """As many parameters as the docstring says, for sizes in a tuple too, with 64 hidden features by default."""
    del cases
    made = build(student, "HyperNetwork", 5, (3, 8, 8, 4))
    heads = [4 * 8, 9 * 8, 9 * 4]
    wanted = [(64, 5), (64,), *((n, 64) for n in heads), *((n,) for n in heads)]
    names_by_shape(made, wanted, "HyperNetwork(5, (3, 8, 8, 4))", PARAMETERS)


def expect_start(values: torch.Tensor, bound: float, what: str, hint: str) -> None:
    """Uniform in ±bound, to a hundredth: of a thousand numbers and more, some come as close to the bound."""
    expect_uniform(values, bound, what, hint)
    largest = values.abs().amax().item()
    if largest < 0.99 * bound:
        evidence = Evidence(f"uniform in ±{bound:.4g}", f"uniform in ±{largest:.4g}", hint=hint)
        raise CheckFailed(f"{what} does not reach ±{bound:.4g}.", evidence)


@checks_exercise("hypernetwork")
def test_start_of_biases(student: Student, cases: Cases) -> None:
    """The heads' biases start as the W and b of a fresh nn.Linear of the target's size."""
    arguments = cases.one("HyperNetwork", "large layers").truth["arguments"]
    made = build(student, "HyperNetwork", *arguments)
    code_length, sizes, hidden = arguments
    names = _names(made, code_length, sizes, hidden)
    hint = (
        "make an nn.Linear(inputs, outputs) and copy its weight, flattened, and its bias to head.bias: "
        "what nn.Linear draws depends on `inputs`"
    )
    for layer, (inputs, outputs) in enumerate(pairwise(sizes)):
        count, bound = (inputs + 1) * outputs, 1 / math.sqrt(inputs)
        what = f"the bias of head {layer}"
        bias = value_of(made, names[(count,)][0], what)
        expect_start(bias, bound, what, hint)
        last = bias[-outputs:]  # its part b
        message = f"{what}: its last {outputs} numbers, which are b, should be drawn like W."
        seen = Evidence(
            f"uniform in ±{bound:.3g}", f"standard deviation {last.std():.3g}", hint=hint
        )
        if abs(last.std() * math.sqrt(3) / bound - 1) > 0.5:
            raise CheckFailed(message, seen)


@checks_exercise("hypernetwork")
def test_start_of_weights(student: Student, cases: Cases) -> None:
    """The heads' weights start at a tenth of what nn.Linear draws, and they alone; no two of anything start alike."""
    arguments = cases.one("HyperNetwork", "large layers").truth["arguments"]
    code_length, sizes, hidden = arguments
    made = build(student, "HyperNetwork", *arguments)
    names = _names(made, code_length, sizes, hidden)
    hint = "with torch.no_grad(): head.weight.mul_(0.1), once for each head"
    for layer, (inputs, outputs) in enumerate(pairwise(sizes)):
        what = f"the weight of head {layer}"
        weight = value_of(made, names[((inputs + 1) * outputs, hidden)][0], what)
        expect_start(weight, 0.1 / math.sqrt(hidden), what, hint)
    first = value_of(made, names[(hidden, code_length)][0], "the weight of the first layer")
    usual = 1 / math.sqrt(3 * code_length)  # the standard deviation of uniform ±1 / √code_length
    # A start of one's own is no mistake; one that hides the code is.
    if not first.std() >= usual / 2:
        evidence = Evidence(
            f"standard deviation about {usual:.3g}",
            f"{first.std():.3g}",
            hint="scale the heads alone",
        )
        raise CheckFailed("the first layer starts so small that codes hardly matter.", evidence)
    squares = [build(student, "HyperNetwork", 3, [4, 4, 4], 6) for _ in range(2)]
    for shape, held in _names(squares[0], 3, [4, 4, 4], 6).items():
        drawn = [value_of(made, name, f"a parameter {shape}") for made in squares for name in held]
        if len(held) == 2 and drawn[0].any():
            message = "two heads of the same shape start with the very same numbers."
            expect_true(not torch.equal(drawn[0], drawn[1]), message, "draw anew for every layer")
            message = "two hypernetworks start with the very same numbers."
            hint = "no manual_seed: every model has a start of its own"
            expect_true(not torch.equal(drawn[0], drawn[2]), message, hint)


def _names(
    made: Any, code_length: int, sizes: list[int], hidden: int
) -> dict[tuple[int, ...], list[str]]:
    """The student's names of all parameters, by their shapes."""
    pairs = pairwise(sizes)
    heads = [(inputs + 1) * outputs for inputs, outputs in pairs]
    wanted = [(hidden, code_length), (hidden,), *((n, hidden) for n in heads)]
    return names_by_shape(made, [*wanted, *((n,) for n in heads)], "HyperNetwork", PARAMETERS)


@checks_exercise("hypernetwork")
def test_hypernetwork_learns(student: Student, cases: Cases) -> None:
    """Gradients reach the code and all parameters, from W and b of every layer."""
    case = cases.one("HyperNetwork", "two layers")
    made, names = filled(student, case)
    sizes, z = case.truth["arguments"][1], case.inputs["z"]
    leaves = {k: v.double().requires_grad_() for k, v in case.truth["parameters"].items()}
    code = z.double().requires_grad_()
    with torch.enable_grad():
        written = written_networks(leaves, sizes, code)
        cotangents = [waves(*tensor.shape) for tensor in written]
        total = torch.stack([(t * c).sum() for t, c in zip(written, cotangents, strict=True)]).sum()
        expected = torch.autograd.grad(total, [code, *leaves.values()])
    layers_of(made(z), sizes, len(z))
    hint = "compute W and b from z: no .detach(), no .data, no torch.no_grad() in forward"
    gradient = made.gradient((z,), 0, cotangents)
    what = "the gradient with respect to the code"
    expect_close(gradient, expected[0], what, tolerance=1e-4, hint=hint)
    found = made.parameter_gradients((z,), cotangents)
    for ours, wanted in zip(leaves, expected[1:], strict=True):
        what = f"the gradient with respect to {ours}"
        expect_close(found.get(names[ours]), wanted, what, tolerance=1e-4, hint=hint)
