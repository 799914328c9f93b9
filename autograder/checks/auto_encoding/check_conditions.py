"""Checks: a code beside every point, and a code that scales and shifts features."""

from __future__ import annotations

from typing import Any

import torch

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close, expect_tensor, expect_true
from autograder.checking.given import Given, given
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_encoding.check_networks import waves
from autograder.checks.auto_encoding.modules import build, load, names_by_shape, value_of
from autograder.checks.auto_encoding.per_object import beside_codes, scaled_and_shifted


def network(case: Case, dtype: torch.dtype = torch.float32) -> Given:
    """The network that is to read points and codes."""
    path = "course_lib.given.conditioned:reads_points_and_codes"
    inputs = sum(case.inputs[name].shape[-1] for name in "xz")
    strength = case.truth["strength"].to(dtype)
    return given(path, strength, inputs=inputs, outputs=case.truth["outputs"])


def reads(student: Student, case: Case, hint: str) -> None:
    """The result of a case, compared with one call of the network per point."""
    z, x = case.inputs.values()
    answer = student.concat_condition(network(case), z, x)
    expected = beside_codes(network(case, torch.float64), z.double(), x.double())
    expect_close(answer, expected, f"the result ({case.name})", tolerance=1e-4, hint=hint)


@checks_exercise("concat_condition", entrance=True)
def test_code_beside_points(student: Student, cases: Cases) -> None:
    """Three objects: the network reads each point, and after it its object's code."""
    hint = "z[:, None].expand(-1, n, -1), then torch.cat([x, codes], dim=-1): the point comes first"
    reads(student, cases.one("concat_condition", "three objects"), hint)


@checks_exercise("concat_condition")
def test_point_before_code(student: Student, cases: Cases) -> None:
    """Codes as long as points, and as many objects as points: nothing gets mixed up."""
    hint = (
        "the point comes first; row i of z belongs to x[i], to all its points, not to point i of every object: "
        "z[:, None], not z[None]"
    )
    for name in ("codes as long as points", "as many objects as points"):
        reads(student, cases.one("concat_condition", name), hint)


@checks_exercise("concat_condition")
def test_one_object_one_point(student: Student, cases: Cases) -> None:
    """A single object, or a single point of each; the network's output is the result, whatever its size."""
    hint = "return what the network returns; never squeeze()"
    for name in ("one object", "one point"):
        reads(student, cases.one("concat_condition", name), hint)


@checks_exercise("concat_condition")
def test_a_code_is_one_objects(student: Student, cases: Cases) -> None:
    """Another code for one object changes all of its points, and nothing of the others."""
    case = cases.one("concat_condition", "as many objects as points")
    z, x = case.inputs.values()
    shape = (*x.shape[:2], case.truth["outputs"])
    other = z.clone()
    other[1] = -z[1].roll(1) + 1
    before, after = (
        expect_tensor(student.concat_condition(network(case), codes, x), shape, "the result")
        for codes in (z, other)
    )
    changed = (before != after).all(-1).all(-1)
    rest = [0, 2, 3]
    message = "a new code for object 1 left some of its points as they were."
    expect_true(changed[1], message, "every point of object 1 has z[1] beside it")
    same = (before[rest] - after[rest]).abs().amax() < 1e-6
    message = "a new code for object 1 changed points of other objects."
    expect_true(same, message, "z[:, None]: dimension 0 of z is that of x, objects")


@checks_exercise("concat_condition")
def test_conditioned_network_learns(student: Student, cases: Cases) -> None:
    """Gradients reach the codes, the points and the network's own weights."""
    case = cases.one("concat_condition", "three objects")
    z, x = case.inputs.values()
    cotangent = waves(*x.shape[:2], case.truth["outputs"])
    leaves = [value.double().requires_grad_() for value in (case.truth["strength"], z, x)]
    outputs = case.truth["outputs"]
    size = z.shape[-1] + x.shape[-1]
    function = given("course_lib.given.conditioned:reads_points_and_codes").resolve()
    with torch.enable_grad():
        rows = beside_codes(lambda row: function(leaves[0], row, size, outputs), *leaves[1:])
        expected = torch.autograd.grad((rows * cotangent).sum(), leaves)
    names = ("a weight of the network", "the codes", "the points")
    for index, (name, wanted) in enumerate(zip(names, expected, strict=True)):
        gradient = student.gradient("concat_condition", (network(case), z, x), index, cotangent)
        what = f"the gradient with respect to {name}"
        expect_close(gradient, wanted, what, tolerance=3e-4, hint="detach nothing on the way")


PARAMETERS = (
    "a linear layer from in_features to out_features, and one from the code to 2 · out_features, "
    "both with a bias; and nothing else that learns"
)


def filled(student: Student, case: Case) -> tuple[Any, dict[str, str]]:
    """A layer with the weights of a case, and the student's names of them."""
    made = build(student, "FilmLayer", *case.truth["arguments"])
    return made, load(made, case.truth["parameters"], "FilmLayer", PARAMETERS)


def modulates(student: Student, case: Case, hint: str) -> None:
    """The output of a layer, compared with a loop over objects and points."""
    made, _ = filled(student, case)
    x, z = case.inputs.values()
    expected = scaled_and_shifted(case.truth["parameters"], x, z)
    expect_close(made(x, z), expected, f"the features ({case.name})", tolerance=1e-4, hint=hint)


@checks_exercise("film_condition", entrance=True)
def test_scale_and_shift(student: Student, cases: Cases) -> None:
    """Three objects: γ(z) · (W x + b) + β(z), where the code's layer says γ − 1 and then β."""
    hint = (
        "chunk the code's 2 · out_features numbers in two: γ is 1 plus the first half, β is the second half; "
        "γ multiplies W x + b, and no ReLU follows"
    )
    modulates(student, cases.one("FilmLayer", "three objects"), hint)


@checks_exercise("film_condition")
def test_whose_code(student: Student, cases: Cases) -> None:
    """As many objects as points, as many points as features, one of each: whose γ is whose stays clear."""
    hint = (
        "γ and β are `b out`: [:, None] makes them `b 1 out`, the same for all points of an object"
    )
    for case in cases("FilmLayer")[1:]:
        modulates(student, case, hint)


@checks_exercise("film_condition")
def test_start_without_code(student: Student, cases: Cases) -> None:
    """At first the code's layer is all zeros, and the layer computes W x + b whatever the code is."""
    case = cases.one("FilmLayer", "three objects")
    inputs, outputs, code_length = case.truth["arguments"]
    made = build(student, "FilmLayer", inputs, outputs, code_length)
    shapes = [(outputs, inputs), (outputs,), (2 * outputs, code_length), (2 * outputs,)]
    names = names_by_shape(made, shapes, "FilmLayer", PARAMETERS)
    W, b, W_code, b_code = (value_of(made, names[s][0], f"the parameter {s}") for s in shapes)
    hint = "nn.init.zeros_ for the weight and for the bias of the layer that reads the code, and for nothing else"
    for value, what in ((W_code, "weight"), (b_code, "bias")):
        zeros = torch.zeros_like(value)
        expect_close(value, zeros, f"the {what} of the code's layer", tolerance=0.0, hint=hint)
    message = "the linear layer that reads x starts with zeros, and can tell no point from another."
    expect_true((W != 0).any(), message, hint)
    x, z = case.inputs.values()
    expected = x.double() @ W.T + b
    answer = made(x, 10 * z)
    hint = "γ = 1 + 0 and β = 0 at first: is 1 added to what the code's layer says?"
    expect_close(answer, expected, "the features at the start, W x + b", tolerance=1e-4, hint=hint)


@checks_exercise("film_condition")
def test_film_learns(student: Student, cases: Cases) -> None:
    """Gradients reach points, codes and all parameters: features of object i know of no other object's code."""
    case = cases.one("FilmLayer", "three objects")
    made, names = filled(student, case)
    x, z = case.inputs.values()
    cotangent = waves(*x.shape[:2], case.truth["arguments"][1])
    cotangent[1] = 0.0  # nobody asks for object 1: its points and its code get no gradient
    parameters = {k: v.double().requires_grad_() for k, v in case.truth["parameters"].items()}
    inputs = [value.double().requires_grad_() for value in (x, z)]
    with torch.enable_grad():
        total = (scaled_and_shifted(parameters, *inputs) * cotangent).sum()
        expected = torch.autograd.grad(total, [*inputs, *parameters.values()])
    hint = "no .detach(), no .data; γ and β of an object reach this object's points only"
    for index, name in enumerate(("the points", "the codes")):
        gradient = made.gradient((x, z), index, cotangent)
        what = f"the gradient with respect to {name}"
        expect_close(gradient, expected[index], what, tolerance=2e-4, hint=hint)
    found = made.parameter_gradients((x, z), cotangent)
    for ours, wanted in zip(parameters, expected[2:], strict=True):
        what = f"the gradient with respect to the {ours}"
        expect_close(found.get(names[ours]), wanted, what, tolerance=2e-4, hint=hint)
