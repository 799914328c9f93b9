"""Checks: the loss on views that a model has not been shown, with a model that the check brings along."""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close
from autograder.checking.given import Given, given
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from course_lib.given.networks import colors_of_pixels


def model(case: Case) -> Given:
    """The model to hand over; it wants to be called once."""
    path = "course_lib.given.networks:colors_of_pixels"
    return given(path, case.truth["strength"], meter={})


def loss_of(case: Case, strength: Tensor, inputs: dict[str, Tensor]) -> Tensor:
    """The loss of a case in float64, pixel by pixel."""
    images, pixels = inputs["target_images"], case.inputs["pixels"]
    height, width = images.shape[2:4]
    places, colors = [], []
    for view, numbers in zip(images.flatten(0, 1), pixels.flatten(0, 1).tolist(), strict=True):
        for row, column in (divmod(number, width) for number in numbers):
            places.append([(column + 0.5) / width, (row + 0.5) / height])
            colors.append(view[row, column])
    uv = torch.tensor(places, dtype=torch.float64).reshape(*pixels.shape, 2)
    truth = torch.stack(colors).reshape(*pixels.shape, 3).detach()
    shown = (inputs["context_images"], inputs["context_poses"], uv, inputs["target_poses"])
    errors = (colors_of_pixels(strength, *shown, meter={}) - truth) ** 2
    return errors.sum() / errors.numel()


def judge(student: Student, case: Case, hint: str) -> None:
    """The student's loss of a case, after comparison."""
    answer = student.novel_view_loss(model(case), *case.inputs.values())
    inputs = {name: value.double() for name, value in case.inputs.items()}
    expected = loss_of(case, case.truth["strength"].double(), inputs).detach()
    expect_close(answer, expected, f"the loss ({case.name})", tolerance=5e-5, hint=hint)


@checks_exercise("novel_view_loss", entrance=True)
def test_wide_images(student: Student, cases: Cases) -> None:
    """Images of three rows and five columns: the mean squared error of six pixels of each target view."""
    hint = (
        "uv = ((column + 1/2) / width, (row + 1/2) / height), column = pixel % width, row = pixel // width; "
        "colours of the target images; one mean over objects, views, pixels and channels"
    )
    judge(student, cases.one("novel_view_loss", "wide images"), hint)


@checks_exercise("novel_view_loss")
def test_any_sizes(student: Student, cases: Cases) -> None:
    """Tall images, other numbers of target views than of context views, one pixel and more than there are."""
    hint = "b, v, t and p are independent of each other: take each from the tensor that has it"
    for name in ("tall images", "one target", "one pixel", "more pixels than there are"):
        judge(student, cases.one("novel_view_loss", name), hint)


@checks_exercise("novel_view_loss")
def test_no_peeking(student: Student, cases: Cases) -> None:
    """No gradient flows into the target images."""
    hint = "target_images.detach(): a target is a fact"
    for name in ("wide images", "more pixels than there are"):
        case = cases.one("novel_view_loss", name)
        gradient = student.gradient("novel_view_loss", (model(case), *case.inputs.values()), 3)
        expected = torch.zeros_like(case.inputs["target_images"])
        what = f"the gradient with respect to the target images ({name})"
        expect_close(gradient, expected, what, tolerance=0.0, hint=hint)


@checks_exercise("novel_view_loss")
def test_learning(student: Student, cases: Cases) -> None:
    """Gradients reach the model's parameter, the context images and all the poses."""
    case = cases.one("novel_view_loss", "wide images")
    names = ["context_images", "context_poses", "target_poses"]
    inputs = {name: value.double() for name, value in case.inputs.items()}
    leaves = [case.truth["strength"].double().requires_grad_()]
    leaves += [inputs[name].requires_grad_() for name in names]
    with torch.enable_grad():
        expected = torch.autograd.grad(loss_of(case, leaves[0], inputs), leaves)
    args = (model(case), *case.inputs.values())
    hint = "detach the target images, and nothing else"
    parts = zip((0, 1, 2, 4), expected, ["the model's parameter", *names], strict=True)
    for wrt, wanted, what in parts:
        gradient = student.gradient("novel_view_loss", args, wrt)
        size = wanted.abs().max()
        name = f"the gradient with respect to {what}, in units of its largest value"
        expect_close(gradient / size, wanted / size, name, tolerance=1e-3, hint=hint)


@checks_exercise("novel_view_loss")
def test_perfect_model(student: Student, cases: Cases) -> None:
    """A perfect prediction costs nothing, one that is off by 0.1 everywhere costs 0.01, and one off by 2 costs 4."""
    case = cases.one("novel_view_loss", "one target")
    images, poses, _, target_poses, pixels = case.inputs.values()
    height, width = images.shape[2:4]
    numbers = torch.arange(height * width)
    uv = torch.stack([(numbers % width + 0.5) / width, (numbers // width + 0.5) / height], -1)
    views = pixels.shape[:2]
    shown = (images, poses, uv.expand(*views, -1, -1), target_poses)
    colors = colors_of_pixels(case.truth["strength"], *shown, meter={}).detach()
    truth = colors.reshape(*views, height, width, 3)
    hint = "nothing but the squared differences: no clamp, no weight, no second term"
    for error, what in (
        (0.0, "of a perfect model"),
        (0.1, "where every value is off by 0.1"),
        (2.0, "where every value is off by 2"),
    ):
        args = (images, poses, truth + error, target_poses, numbers.expand(*views, -1))
        answer = student.novel_view_loss(model(case), *args)
        expect_close(answer, torch.tensor(error**2), f"the loss {what}", tolerance=1e-6, hint=hint)
