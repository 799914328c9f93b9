"""Checks: the scene function, object by object and point by point."""

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

IN_ORDER = "the same three steps for every layer, in this order: W x + b, layer normalisation, ReLU"


def features(layers: Layers, x: Tensor) -> Tensor:
    """`b n f` in float64: every layer of object i on each of its points, normalised and bent, the last one too."""
    objects = []
    for i, points in enumerate(x.double()):
        found = []
        for point in points:
            row = point
            for W, b in layers:
                row = W[i].double() @ row + b[i].double()
                centred = row - row.sum() / len(row)
                row = (centred / (centred.square().sum() / len(row) + 1e-5) ** 0.5).clamp_min(0)
            found.append(row)
        objects.append(torch.stack(found))
    return torch.stack(objects)


def computes(student: Student, case: Case, hint: str) -> None:
    """The features at the points of a case."""
    answer = student.scene_function(*case.inputs.values())
    expected = features(*case.inputs.values())
    expect_close(answer, expected, f"the features ({case.name})", tolerance=1e-4, hint=hint)


@checks_exercise("scene_function", entrance=True)
def test_one_layer(student: Student, cases: Cases) -> None:
    """Two objects and a single layer: W[i] x + b[i], normalised, ReLU."""
    hint = (
        "torch.baddbmm, or an einsum, and b: W is `b out in`, so its transpose is to the right of x; "
        "layer normalisation and ReLU come after the last layer, too"
    )
    computes(student, cases.one("scene_function", "one layer"), hint)


@checks_exercise("scene_function")
def test_several_layers(student: Student, cases: Cases) -> None:
    """Two layers and four, each followed by layer normalisation and ReLU."""
    for name in ("two layers", "four layers"):
        computes(student, cases.one("scene_function", name), IN_ORDER)


@checks_exercise("scene_function")
def test_numbers_of_objects(student: Student, cases: Cases) -> None:
    """One object, one point, and as many of both as there are coordinates and features."""
    hint = "dimension 0 counts objects, dimension 1 points, the last one features, over which to normalise"
    for name in ("one object", "one point", "three of everything"):
        computes(student, cases.one("scene_function", name), hint)


@checks_exercise("scene_function")
def test_faint_features(student: Student, cases: Cases) -> None:
    """Features that hardly differ, or a single one: ε = 1e-5 is added to the variance. In float64, too."""
    hint = "(x − mean) / sqrt(variance + 1e-5), where the variance divides by the number of features, not n − 1"
    for name in ("faint features", "one feature in between"):
        computes(student, cases.one("scene_function", name), hint)
    exact = as_float64(cases.one("scene_function", "faint features").inputs)
    hint = "compute in the dtype that comes in: no .float()"
    answer, what = student.scene_function(*exact.values()), "the features in float64"
    expect_close(answer, features(*exact.values()), what, tolerance=1e-9, hint=hint)


@checks_exercise("scene_function")
def test_all_weights_learn(student: Student, cases: Cases) -> None:
    """Gradients reach W and b of every layer, and the points."""
    case = cases.one("scene_function", "two layers")
    computes(student, case, IN_ORDER)
    weights, x = case.inputs.values()
    leaves = [(W.double().requires_grad_(), b.double().requires_grad_()) for W, b in weights]
    points = x.double().requires_grad_()
    flat = [points, *(t for layer in leaves for t in layer)]
    (cotangent,), expected = exact_gradients(lambda: [features(leaves, points)], flat)
    places: list[tuple[int, ...]] = [(1,), *((0, layer, k) for layer in (0, 1) for k in (0, 1))]
    names = ["x", *(f"{k} of layer {layer}" for layer in (0, 1) for k in "Wb")]
    hint = "compute with W and b as they are: copying them into an nn.Linear cuts the gradient"
    for place, name, wanted in zip(places, names, expected, strict=True):
        gradient = student.gradient("scene_function", (weights, x), place, cotangent)
        what = f"the gradient with respect to {name}"
        expect_close(gradient, wanted, what, tolerance=5e-4, hint=hint)
