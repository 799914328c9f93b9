"""Checks: a decoder that is told of a camera by twelve numbers."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close, expect_tensor
from autograder.checking.given import Given, given
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_encoding.exact_layers import linear
from autograder.checks.auto_encoding.modules import build, load
from course_lib.given.networks import painted

RESOLUTION = (2, 3)
LAYERS = "two linear layers with a bias: code_length + 12 → hidden, and hidden → hidden"


def painter(case: Case) -> Given:
    """The decoder to hand over, a module: it may become a part of the student's."""
    path = "course_lib.given.networks:Painter"
    return given(path, inputs=case.truth["hidden"], resolution=RESOLUTION)


def loaded(student: Student, case: Case) -> tuple[Any, dict[str, str]]:
    """A pose-conditioned decoder with the weights of a case, and the student's names for them."""
    length, hidden = case.truth["code_length"], case.truth["hidden"]
    made = build(student, "PoseConditionedDecoder", length, painter(case), hidden)
    what = f"PoseConditionedDecoder({length}, decoder, {hidden})"
    return made, load(made, case.truth["parameters"], what, LAYERS)


def images_of(case: Case, weights: dict[str, Tensor], z: Tensor, poses: Tensor) -> Tensor:
    """The images of a case in float64, from the docstring."""
    camera = torch.cat([poses[..., i, :] for i in range(3)], -1)
    batch = (z[..., 0] + camera[..., 0]).shape
    both = torch.cat([x.expand(*batch, x.shape[-1]) for x in (z, camera)], -1)
    features = linear(linear(both, weights, "first").clamp_min(0), weights, "second").clamp_min(0)
    return painted(features, case.truth["hidden"], RESOLUTION)


def judge(student: Student, case: Case, hint: str) -> None:
    """The student's images of a case, after comparison."""
    made, _ = loaded(student, case)
    args = case.inputs.values()
    expected = images_of(case, case.truth["parameters"], *(x.double() for x in args))
    expect_close(made(*args), expected, f"the images ({case.name})", tolerance=1e-4, hint=hint)


@checks_exercise("pose_conditioned_decoder", entrance=True)
def test_four_and_four(student: Student, cases: Cases) -> None:
    """Four codes, four cameras: code and camera through two linear layers with ReLU, then the decoder."""
    hint = (
        "the code first, then the 12 camera numbers; ReLU after both layers; decoder(…) at the end"
    )
    judge(student, cases.one("PoseConditionedDecoder", "four codes, four cameras"), hint)


@checks_exercise("pose_conditioned_decoder")
def test_no_batch(student: Student, cases: Cases) -> None:
    """One code and one camera, without a batch."""
    hint = "concatenate along the last dimension, dim=-1"
    judge(student, cases.one("PoseConditionedDecoder", "one code, one camera"), hint)


@checks_exercise("pose_conditioned_decoder")
def test_broadcast(student: Student, cases: Cases) -> None:
    """One code for many cameras, one camera for many codes, every code with every camera."""
    hint = "expand both to torch.broadcast_shapes of their batches: torch.cat itself broadcasts nothing"
    for case in cases("PoseConditionedDecoder"):
        judge(student, case, hint)


@checks_exercise("pose_conditioned_decoder")
def test_layers(student: Student, cases: Cases) -> None:
    """The parameters are those of two linear layers, 256 features wide if nobody says."""
    case = cases.one("PoseConditionedDecoder", "one code, one camera")
    length = case.truth["code_length"]
    made = build(student, "PoseConditionedDecoder", length, painter(case))
    weights = {
        "first.weight": torch.zeros(256, length + 12),
        "first.bias": torch.zeros(256),
        "second.weight": torch.zeros(256, 256),
        "second.bias": torch.zeros(256),
    }
    load(made, weights, f"PoseConditionedDecoder({length}, decoder)", LAYERS)


@checks_exercise("pose_conditioned_decoder")
def test_gradients_of_decoder(student: Student, cases: Cases) -> None:
    """Gradients reach the code, the camera and every weight and bias."""
    case = cases.one("PoseConditionedDecoder", "every code with every camera")
    made, names = loaded(student, case)
    args = tuple(case.inputs.values())
    leaves = [x.double().requires_grad_() for x in (*args, *case.truth["parameters"].values())]
    weights = dict(zip(case.truth["parameters"], leaves[2:], strict=True))
    with torch.enable_grad():
        output = images_of(case, weights, *leaves[:2])
        wave = torch.cos(1.3 * torch.arange(output.numel())).reshape(output.shape)
        expected = torch.autograd.grad((output * wave).sum(), leaves)
    hint = "nothing is detached on the way, and both layers take part"
    for wrt, what in enumerate(("the code", "the camera")):
        answer = made.gradient(args, wrt, wave)
        name = f"the gradient with respect to {what}"
        expect_close(answer, expected[wrt], name, tolerance=1e-3, hint=hint)
    found = made.parameter_gradients(args, wave)
    right = dict(zip(weights, expected[2:], strict=True))
    for layer in ("first", "second"):
        ours = f"{layer}.weight"
        name = f"the gradient with respect to the {layer} layer's W"
        expect_close(found.get(names[ours]), right[ours], name, tolerance=1e-3, hint=hint)
    # Two biases of one shape: together, since nobody can tell which is which.
    shape = tuple(right["first.bias"].shape)
    what = "the gradient with respect to a bias"
    biases = [found.get(names[f"{layer}.bias"]) for layer in ("first", "second")]
    total = sum(expect_tensor(bias, shape, what) for bias in biases)
    expected_total = right["first.bias"] + right["second.bias"]
    name = "the sum of the gradients with respect to the two biases"
    expect_close(total, expected_total, name, tolerance=1e-3, hint=hint)
