"""Checks: the pixel generator, with given weights against rows computed one by one."""

from __future__ import annotations

import torch

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_decoding.exact_gradients import exact_gradients
from autograder.checks.auto_decoding.normalised_layers import expect_gradients, filled, through
from autograder.checks.auto_encoding.modules import build, names_by_shape

LAYERS = (
    "`depth` times an nn.Linear to `hidden` features and an nn.LayerNorm(hidden), then an nn.Linear to 3 numbers; "
    "all with biases, and nothing else that learns (nn.Linear on the last dimension is the 1×1 convolution)"
)

IN_ORDER = "`depth` times nn.Linear, nn.LayerNorm(hidden), nn.ReLU, in this order; then nn.Linear(hidden, 3)"


def colors(student: Student, case: Case, hint: str) -> None:
    """The colours of a case's rows of features, compared with the oracle."""
    made, _ = filled(student, case, LAYERS)
    rows = case.inputs["features"]
    expected = through(case.truth["parameters"], rows)
    expect_close(made(rows), expected, f"the colours ({case.name})", tolerance=2e-4, hint=hint)


@checks_exercise("pixel_generator", entrance=True)
def test_one_hidden_layer(student: Student, cases: Cases) -> None:
    """Five pixels through one hidden layer: linear, normalised, ReLU, and a linear layer to three numbers."""
    hint = "nn.Linear, nn.LayerNorm(hidden), nn.ReLU, nn.Linear(hidden, 3): no sigmoid or tanh after it"
    colors(student, cases.one("PixelGenerator", "one hidden layer"), hint)


@checks_exercise("pixel_generator")
def test_deeper(student: Student, cases: Cases) -> None:
    """Two hidden layers and five."""
    hint = IN_ORDER
    for name in ("two hidden layers", "five hidden layers"):
        colors(student, cases.one("PixelGenerator", name), hint)


@checks_exercise("pixel_generator")
def test_any_batch(student: Student, cases: Cases) -> None:
    """A single pixel, an image, views of several objects: `*b f` features become `*b 3` colours."""
    hint = "linear layers and nn.LayerNorm work on the last dimension, whatever stands before it"
    for name in ("a single pixel", "an image", "views of objects", "as many pixels as features"):
        colors(student, cases.one("PixelGenerator", name), hint)


@checks_exercise("pixel_generator")
def test_pixels_by_themselves(student: Student, cases: Cases) -> None:
    """No pixel knows of another: shuffled pixels have shuffled colours, and a broken one spoils no other."""
    case = cases.one("PixelGenerator", "an image")
    colors(student, case, IN_ORDER)
    made, _ = filled(student, case, LAYERS)
    image = case.inputs["features"]
    right = through(case.truth["parameters"], image)
    hint = "no wider convolution, no normalisation over pixels, no dropout"
    turned = image.flip(0).transpose(0, 1)
    what = "the colours of the image turned by a quarter"
    expect_close(made(turned), right.flip(0).transpose(0, 1), what, tolerance=2e-4, hint=hint)
    broken = image.clone()
    broken[1, 2] = torch.nan
    others = torch.ones(image.shape[:2], dtype=torch.bool)
    others[1, 2] = False
    what = "the colours beside a pixel that is not a number"
    expect_close(
        made(broken),
        right,
        what,
        tolerance=2e-4,
        where=others[..., None].expand(right.shape),
        hint=hint,
    )


@checks_exercise("pixel_generator")
def test_its_own_size(student: Student, cases: Cases) -> None:
    """As many parameters as the docstring says: 256 features, and five hidden layers of 256, by default."""
    del cases
    made = build(student, "PixelGenerator")
    weights = [*[(256, 256)] * 5, (3, 256)]
    names_by_shape(made, [*weights, *[(256,)] * 15, (3,)], "PixelGenerator()", LAYERS)


@checks_exercise("pixel_generator")
def test_generator_learns(student: Student, cases: Cases) -> None:
    """Gradients reach the features and all parameters."""
    case = cases.one("PixelGenerator", "five hidden layers")
    colors(student, case, IN_ORDER)
    made, names = filled(student, case, LAYERS)
    leaves = {k: v.double().requires_grad_() for k, v in case.truth["parameters"].items()}
    rows = case.inputs["features"].double().requires_grad_()
    (cotangent,), expected = exact_gradients(
        lambda: [through(leaves, rows)], [rows, *leaves.values()]
    )
    hint = "no .detach(), no .data, no torch.no_grad() in forward"
    gradient = made.gradient((case.inputs["features"],), 0, cotangent)
    what = "the gradient with respect to the features"
    expect_close(gradient, expected[0], what, tolerance=5e-4, hint=hint)
    found = made.parameter_gradients((case.inputs["features"],), cotangent)
    expect_gradients(found, names, dict(zip(leaves, expected[1:], strict=True)), hint)
