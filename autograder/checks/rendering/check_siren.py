"""Checks: the layer of sines. What is random about it is judged by its range and spread, never by its values."""

from __future__ import annotations

import math
from typing import Any

import torch

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import (
    CheckFailed,
    describe,
    expect_close,
    expect_tensor,
    expect_true,
    kind_of,
)
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.results import Evidence

OUTPUTS = 1000  # so many rows that the largest of uniform numbers comes close to the bound


def layer(student: Student, *args: Any, **kwargs: Any) -> Any:
    """The student's layer: a module, not a number."""
    made = student.SirenLayer(*args, **kwargs)
    if not hasattr(made, "parameter_shapes"):
        raise CheckFailed(
            f"SirenLayer should be a torch.nn.Module, not {kind_of(made)}.",
            Evidence("an nn.Module", describe(made), hint="keep `class SirenLayer(nn.Module)`"),
        )
    return made


def loaded(student: Student, case: Case) -> Any:
    """A layer with the weights of a case."""
    made = layer(student, 3, 4, omega=case.truth["omega"])
    made.load_parameters(case.truth["parameters"])
    return made


def start(made: Any, name: str, shape: tuple[int, ...]) -> torch.Tensor:
    """The weight or bias that a layer starts with, in float64."""
    value = made.attribute("linear").attribute(name)
    return expect_tensor(value, shape, f"linear.{name}").detach().double()


def expect_uniform(values: torch.Tensor, bound: float, what: str, hint: str) -> None:
    """Uniform in ±bound: nothing beyond, something close to either end, the spread and mean of a uniform draw."""
    wanted = f"uniform in ±{bound:.4g}: standard deviation {bound / math.sqrt(3):.4g}"
    low, high, spread = values.min().item(), values.max().item(), values.std().item()
    seen = f"from {low:.4g} to {high:.4g}, standard deviation {spread:.4g}"
    evidence = Evidence(wanted, seen, hint=hint)
    if max(-low, high) > 1.0001 * bound:
        raise CheckFailed(f"{what} reaches beyond ±{bound:.4g}.", evidence)
    spreads = abs(spread * math.sqrt(3) / bound - 1) < 0.08
    if min(-low, high) < 0.97 * bound or not spreads or abs(values.mean()) > 0.1 * bound:
        raise CheckFailed(f"{what} is not uniform in ±{bound:.4g}.", evidence)


def expect_own_bias(made: Any, inputs: int, what: str) -> None:
    """The bias that nn.Linear draws: uniform in ±1/√n."""
    hint = "b keeps the numbers that nn.Linear gave it: set the weight alone"
    expect_uniform(start(made, "bias", (OUTPUTS,)), 1 / math.sqrt(inputs), what, hint)


@checks_exercise("siren_layer", entrance=True)
def test_sine(student: Student, cases: Cases) -> None:
    """A layer with given weights computes sin(ω₀ (W x + b))."""
    case = cases.one("SirenLayer", "five inputs")
    hint = "ω₀ multiplies all of W x + b, inside the sine"
    answer = loaded(student, case)(case.inputs["x"])
    expect_close(answer, _sines(case), "the layer's output", tolerance=1e-4, hint=hint)


@checks_exercise("siren_layer")
def test_omega_and_batches(student: Student, cases: Cases) -> None:
    """Any ω₀, any batch shape, and the first layer computes what the others do."""
    for name in ("one input", "a grid, another omega"):
        case = cases.one("SirenLayer", name)
        made = loaded(student, case)
        hint = "use self.omega, and nothing that depends on the number of dimensions"
        what = f"the layer's output ({name})"
        expect_close(made(case.inputs["x"]), _sines(case), what, tolerance=1e-4, hint=hint)
    first = layer(student, 3, 4, first=True, omega=case.truth["omega"])
    first.load_parameters(case.truth["parameters"])
    hint = "`first` changes how W starts, not what the layer computes"
    answer = first(case.inputs["x"])
    expect_close(answer, _sines(case), "the first layer's output", tolerance=1e-4, hint=hint)


@checks_exercise("siren_layer")
def test_hidden_start(student: Student, cases: Cases) -> None:
    """Hidden layers start uniform in ±√(6/n)/ω₀, whatever n and ω₀; b keeps torch's own start, ±1/√n."""
    case = cases.one("SirenLayer", "sizes")
    hint = "nn.init.uniform_ with √(6/n)/ω₀, n = in_features, and ω₀ divides outside the root"
    for inputs, omega in zip(case.inputs["inputs"], case.truth["omegas"], strict=True):
        made = layer(student, inputs, OUTPUTS, omega=omega)
        weight = start(made, "weight", (OUTPUTS, inputs))
        what = f"W of a hidden layer (n = {inputs}, ω₀ = {omega:.3g})"
        expect_uniform(weight, math.sqrt(6 / inputs) / omega, what, hint)
        expect_own_bias(made, inputs, f"b of a hidden layer (n = {inputs})")


@checks_exercise("siren_layer")
def test_first_start(student: Student, cases: Cases) -> None:
    """The first layer starts uniform in ±1/n, whatever ω₀."""
    del cases
    hint = "the first layer has a bound of its own, 1 / in_features, without ω₀"
    for inputs, omega in [(2, 30.0), (3, 30.0), (16, 11.0)]:
        made = layer(student, inputs, OUTPUTS, first=True, omega=omega)
        weight = start(made, "weight", (OUTPUTS, inputs))
        what = f"W of a first layer (n = {inputs}, ω₀ = {omega:.3g})"
        expect_uniform(weight, 1 / inputs, what, hint)
        expect_own_bias(made, inputs, f"b of a first layer (n = {inputs})")


@checks_exercise("siren_layer")
def test_activations(student: Student, cases: Cases) -> None:
    """Through a stack of layers the activations keep their spread, and no two layers start alike."""
    x = cases.one("SirenLayer", "many points of the plane").inputs["x"]
    hint = "the activations of every layer should spread like the sine of a random angle: 0.71"
    width, before = 128, None
    for depth in range(5):
        made = layer(student, x.shape[-1], width, first=depth == 0)
        weight = start(made, "weight", (width, x.shape[-1]))
        if before is not None and before.shape == weight.shape:
            expect_true(
                not torch.equal(before, weight), "two layers start with the very same weights."
            )
        output = expect_tensor(made(x), (512, width), f"the output of layer {depth}")
        x, before = output.detach().float(), weight
        spread = x.std().item()
        message = f"layer {depth}: its activations have a standard deviation of {spread:.2f}."
        expect_true(0.6 < spread < 0.8, message, hint)


@checks_exercise("siren_layer")
def test_layer_learns(student: Student, cases: Cases) -> None:
    """Gradients reach W, b and the input: the slope of the sine is ω₀ cos(ω₀ (W x + b))."""
    case = cases.one("SirenLayer", "five inputs")
    made = loaded(student, case)
    x, cotangent = case.inputs["x"], torch.cos(torch.arange(20.0)).reshape(5, 4)
    weight, bias = (value.double() for value in case.truth["parameters"].values())
    omega = case.truth["omega"]
    angle = omega * (x.double() @ weight.T + bias)
    slope = omega * angle.cos() * cotangent
    what = "the gradient with respect to"
    found = made.gradient((x,), 0, cotangent)
    expect_close(found, slope @ weight, f"{what} the input", tolerance=1e-3)
    gradients = made.parameter_gradients((x,), cotangent)
    expected = {"linear.weight": slope.T @ x.double(), "linear.bias": slope.sum(0)}
    for name, value in expected.items():
        expect_close(gradients.get(name), value, f"{what} {name}", tolerance=1e-3)


def _sines(case: Case) -> torch.Tensor:
    weight, bias = (value.double() for value in case.truth["parameters"].values())
    rows = case.inputs["x"].double()[..., None, :]
    return torch.sin(case.truth["omega"] * ((rows * weight).sum(-1) + bias))
