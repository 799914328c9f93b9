"""Checks: the convolutional encoder and decoder, with given weights against layers computed tap by tap."""

from __future__ import annotations

from functools import partial
from typing import Any

import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close, expect_tensor, expect_true
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_encoding.exact_layers import decoded, encoded, row_by_row, sides_of
from autograder.checks.auto_encoding.modules import build, load, names_by_shape

ENCODER_LAYERS = (
    "three 3×3 convolutions to width, 2·width, 4·width channels and one linear layer to code_length, "
    "all with a bias; the last picture has sides of ⌈size / 8⌉"
)
DECODER_LAYERS = (
    "one linear layer to 4·width·side² features, side = ⌈size / 8⌉, and three 3×3 convolutions to "
    "2·width, width and `channels` channels, all with a bias; no transposed ones"
)


def encoder(student: Student, case: Case) -> tuple[Any, dict[str, str]]:
    """An encoder with the weights of a case, and the student's names for them."""
    made = build(student, "ImageEncoder", *case.truth["arguments"])
    return made, load(made, case.truth["encoder"], f"ImageEncoder ({case.name})", ENCODER_LAYERS)


def decoder(student: Student, case: Case) -> tuple[Any, dict[str, str]]:
    """A decoder with the weights of a case, and the student's names for them."""
    made = build(student, "ImageDecoder", *case.truth["arguments"])
    return made, load(made, case.truth["decoder"], f"ImageDecoder ({case.name})", DECODER_LAYERS)


def right_codes(images: Tensor, weights: dict[str, Tensor]) -> Tensor:
    """The codes `*b d` of images `*b h w c`."""
    return row_by_row(partial(encoded, weights=weights), images, dimensions=3)


def right_images(codes: Tensor, weights: dict[str, Tensor], size: int) -> Tensor:
    """The images `*b h w c` of codes `*b d`."""
    return row_by_row(partial(decoded, weights=weights, sides=sides_of(size)), codes, dimensions=1)


def expect_codes(student: Student, case: Case, hint: str) -> None:
    """The encoder's codes of a case."""
    made, _ = encoder(student, case)
    images = case.inputs["images"]
    what = f"the codes ({case.name})"
    expect_close(
        made(images), right_codes(images, case.truth["encoder"]), what, tolerance=1e-4, hint=hint
    )


def expect_images(student: Student, case: Case, hint: str) -> None:
    """The decoder's images of a case."""
    made, _ = decoder(student, case)
    codes, size = case.inputs["codes"], case.truth["arguments"][1]
    expected = right_images(codes, case.truth["decoder"], size)
    expect_close(made(codes), expected, f"the images ({case.name})", tolerance=5e-5, hint=hint)


@checks_exercise("auto_encoder", entrance=True)
def test_encoder(student: Student, cases: Cases) -> None:
    """Codes of four images whose sides halve evenly."""
    hint = "stride 2, padding 1, ReLU after each convolution; flatten `c h w`; a linear layer and nothing after it"
    expect_codes(student, cases.one("auto_encoder", "even sides"), hint)


@checks_exercise("auto_encoder")
def test_decoder(student: Student, cases: Cases) -> None:
    """Images of four codes, back to the same sides."""
    hint = (
        "linear; then three times ReLU, each pixel becomes 2×2, convolution; a sigmoid at the end"
    )
    expect_images(student, cases.one("auto_encoder", "even sides"), hint)


@checks_exercise("auto_encoder")
def test_odd_sides(student: Student, cases: Cases) -> None:
    """Sides that do not halve evenly: 13, 7, 4, 2 and back, and the digits' 28, 14, 7, 4."""
    for name in ("odd sides", "digits"):
        case = cases.one("auto_encoder", name)
        expect_codes(student, case, "a side of n becomes ⌈n / 2⌉: 3×3, stride 2, padding 1")
        hint = "enlarge to the side that the encoder had: 2·n, or 2·n − 1 where that was odd"
        expect_images(student, case, hint)


@checks_exercise("auto_encoder")
def test_batches(student: Student, cases: Cases) -> None:
    """No batch dimension, and several of them."""
    for name in ("a single image", "a batch of batches"):
        case = cases.one("auto_encoder", name)
        hint = "flatten the batch with reshape(-1, …), and give the result the batch's shape again"
        expect_codes(student, case, hint)
        expect_images(student, case, hint)


@checks_exercise("auto_encoder")
def test_alone_or_together(student: Student, cases: Cases) -> None:
    """An image's code does not depend on what else is in the batch, neither in training nor after it."""
    case = cases.one("auto_encoder", "even sides")
    hint = "no batch normalisation and no dropout: the docstring has convolutions, ReLU and linear layers"
    images, codes = case.inputs["images"].shape, case.inputs["codes"].shape
    for make, key, shape in ((encoder, "images", codes), (decoder, "codes", images)):
        made, _ = make(student, case)
        batch = case.inputs[key]
        for mode in ("train", "eval"):
            made.method(mode)
            what = f"in {mode}() mode, of the {key}"
            together = expect_tensor(made(batch), shape, f"the result {what}").detach()
            for i in range(2):
                alone = made(batch[i : i + 1])
                what = f"the result of item {i} alone, {what}"
                expect_close(alone, together[i : i + 1], what, tolerance=1e-5, hint=hint)


@checks_exercise("auto_encoder")
def test_bounds(student: Student, cases: Cases) -> None:
    """Codes may be any numbers, of either sign; images stay between 0 and 1, whatever the code."""
    case = cases.one("auto_encoder", "even sides")
    made, _ = encoder(student, case)
    images = 50 * case.inputs["images"]
    expected = right_codes(images, case.truth["encoder"])
    hint = "nothing comes after the encoder's linear layer: no ReLU, no tanh, no normalisation"
    expect_close(made(images), expected, "codes of bright images", tolerance=1e-4, hint=hint)
    made, _ = decoder(student, case)
    codes = 100 * case.inputs["codes"]
    expected = right_images(codes, case.truth["decoder"], case.truth["arguments"][1])
    hint = "a sigmoid after the last convolution, no clamp"
    answer = expect_close(made(codes), expected, "images of large codes", tolerance=2e-3, hint=hint)
    expect_true(((answer >= 0) & (answer <= 1)).all(), "an image leaves [0, 1].", hint)


@checks_exercise("auto_encoder")
def test_default_width(student: Student, cases: Cases) -> None:
    """32 channels after the first convolution if nobody says, and no parameter but those of the docstring's layers."""
    del cases
    way_in = [(32, 3, 3, 3), (64, 32, 3, 3), (128, 64, 3, 3), (5, 512)]
    way_out = [(512, 5), (64, 128, 3, 3), (32, 64, 3, 3), (3, 32, 3, 3)]
    for name, weights, hint in (
        ("ImageEncoder", way_in, ENCODER_LAYERS),
        ("ImageDecoder", way_out, DECODER_LAYERS),
    ):
        wanted = [*weights, *((weight[0],) for weight in weights)]  # a bias for each
        names_by_shape(build(student, name, 3, 12, 5), wanted, f"{name}(3, 12, 5)", hint)


@checks_exercise("auto_encoder")
def test_everything_learns(student: Student, cases: Cases) -> None:
    """Gradients reach every weight and bias of both, and what they read."""
    case = cases.one("auto_encoder", "odd sides")
    size = case.truth["arguments"][1]
    for make, key, weights, right in (
        (encoder, "images", case.truth["encoder"], right_codes),
        (decoder, "codes", case.truth["decoder"], partial(right_images, size=size)),
    ):
        made, names = make(student, case)
        leaves = {name: value.double().requires_grad_() for name, value in weights.items()}
        read = case.inputs[key].double().requires_grad_()
        with torch.enable_grad():
            output = right(read, leaves)
            wave = torch.cos(1.3 * torch.arange(output.numel())).reshape(output.shape)
            expected = torch.autograd.grad((output * wave).sum(), [read, *leaves.values()])
        found = made.parameter_gradients((case.inputs[key],), wave)
        answers = [
            made.gradient((case.inputs[key],), 0, wave),
            *(found.get(names[ours]) for ours in leaves),
        ]
        for what, answer, wanted in zip([key, *leaves], answers, expected, strict=True):
            hint = "all layers take part, and nothing is detached on the way"
            what = f"the gradient with respect to {what}"
            expect_close(answer, wanted, what, tolerance=1e-3, hint=hint)
