"""Checks: the network that a light field is, object by object and line by line."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases, as_float64
from autograder.checking.expect import expect_close
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_decoding.exact_gradients import exact_gradients

Layers = Sequence[tuple[Tensor, Tensor]]  # W `b out in` and b `b out` of every layer

IN_ORDER = "every layer is W x + b; all but the last then normalise the features and clamp them at 0, in this order"


def colors(layers: Layers, lines: Tensor) -> Tensor:
    """`b p 3` in float64: every layer of object i on each of its lines, the last one bare."""
    objects = []
    for i, own in enumerate(lines.double()):
        found = []
        for row in own:
            for number, (W, b) in enumerate(layers):
                if number > 0:
                    centred = row - row.sum() / len(row)
                    variance = centred.square().sum() / len(row)
                    row = (centred / (variance + 1e-5) ** 0.5).clamp_min(0)
                row = W[i].double() @ row + b[i].double()
            found.append(row)
        objects.append(torch.stack(found))
    return torch.stack(objects)


def computes(student: Student, case: Case, hint: str) -> None:
    """The colours of the lines of a case."""
    answer = student.light_field(*case.inputs.values())
    expected = colors(*case.inputs.values())
    expect_close(answer, expected, f"the colours ({case.name})", tolerance=1e-4, hint=hint)


@checks_exercise("light_field", entrance=True)
def test_two_layers(student: Student, cases: Cases) -> None:
    """Two objects and two layers: one with normalisation and ReLU, then a bare one."""
    hint = (
        "torch.baddbmm, or an einsum: W is `b out in`, so its transpose stands to the right of x; "
        "neither normalisation nor ReLU after the last layer, whose numbers are the colours; "
        f"{IN_ORDER}"
    )
    computes(student, cases.one("light_field", "two layers"), hint)


@checks_exercise("light_field")
def test_several_layers(student: Student, cases: Cases) -> None:
    """Three layers and five, each but the last followed by layer normalisation and ReLU."""
    for name in ("three layers", "five layers"):
        computes(student, cases.one("light_field", name), IN_ORDER)


@checks_exercise("light_field")
def test_bare_layer(student: Student, cases: Cases) -> None:
    """A network of one layer is linear: colours below −1 and above 1 stay what they are."""
    hint = "the only layer is the last one: no normalisation, no ReLU, no tanh or sigmoid, no clamp"
    computes(student, cases.one("light_field", "a bare layer"), hint)


@checks_exercise("light_field")
def test_numbers_of_objects(student: Student, cases: Cases) -> None:
    """One object, one line, and as many of both as there are coordinates or features."""
    hint = "dimension 0 counts objects, dimension 1 lines, the last one features, over which to normalise"
    for name in ("one object", "one line", "six of everything", "three of everything"):
        computes(student, cases.one("light_field", name), hint)


@checks_exercise("light_field")
def test_faint_features(student: Student, cases: Cases) -> None:
    """Features that hardly differ, or a single one: ε = 1e-5 is added to the variance. In float64, too."""
    hint = "(x − mean) / sqrt(variance + 1e-5), where the variance divides by the number of features, not n − 1"
    for name in ("faint features", "one feature in between"):
        computes(student, cases.one("light_field", name), hint)
    exact = as_float64(cases.one("light_field", "faint features").inputs)
    hint = "compute in the dtype that comes in: no .float()"
    answer, what = student.light_field(*exact.values()), "the colours in float64"
    expect_close(answer, colors(*exact.values()), what, tolerance=1e-9, hint=hint)


@checks_exercise("light_field")
def test_gradients(student: Student, cases: Cases) -> None:
    """Gradients reach W and b of every layer, for training, and the lines, for depth."""
    case = cases.one("light_field", "three layers")
    computes(student, case, IN_ORDER)
    weights, lines = case.inputs.values()
    leaves = [(W.double().requires_grad_(), b.double().requires_grad_()) for W, b in weights]
    rays = lines.double().requires_grad_()
    flat = [rays, *(t for layer in leaves for t in layer)]
    (cotangent,), expected = exact_gradients(lambda: [colors(leaves, rays)], flat)
    layers = range(len(weights))
    places: list[tuple[int, ...]] = [(1,), *((0, layer, k) for layer in layers for k in (0, 1))]
    names = ["lines", *(f"{k} of layer {layer}" for layer in layers for k in "Wb")]
    hint = "compute with W and b as they are: copying them into an nn.Linear cuts the gradient"
    for place, name, wanted in zip(places, names, expected, strict=True):
        gradient = student.gradient("light_field", (weights, lines), place, cotangent)
        what = f"the gradient with respect to {name}"
        expect_close(gradient, wanted, what, tolerance=5e-4, hint=hint)
