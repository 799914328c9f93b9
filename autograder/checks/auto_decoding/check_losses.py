"""Checks: the three losses of scene representation networks, term by term."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student

WEIGHTS = (200.0, 10.0, 1.0)  # what the signature says
FORMULA = "200 · mean (rgb − truth)² + 10 · mean min(depth, 0)² + mean z², by default"


def loss_of(rgb: Tensor, truth: Tensor, depth: Tensor, z: Tensor, *weights: float) -> Tensor:
    """The loss, number by number, in Python's own floats."""
    colors = zip(rgb.flatten().tolist(), truth.flatten().tolist(), strict=True)
    terms = (
        [(seen - wanted) ** 2 for seen, wanted in colors],
        [d**2 if d < 0 else 0.0 for d in depth.flatten().tolist()],
        [number**2 for number in z.flatten().tolist()],
    )
    weighed = zip(weights or WEIGHTS, terms, strict=True)
    total = sum(weight * sum(term) / len(term) for weight, term in weighed)
    return torch.tensor(total, dtype=torch.float64)


def slopes_of(
    rgb: Tensor, truth: Tensor, depth: Tensor, z: Tensor, *weights: float
) -> tuple[Tensor, Tensor, Tensor]:
    """Its derivatives with respect to colours, depths and codes."""
    image, behind, code = weights or WEIGHTS
    rgb, truth, depth, z = (x.double() for x in (rgb, truth, depth, z))
    return (
        2 * image * (rgb - truth) / rgb.numel(),
        torch.where(depth < 0, 2 * behind * depth / depth.numel(), 0.0),
        2 * code * z / z.numel(),
    )


def judge(student: Student, case: Case, hint: str) -> None:
    """The student's loss of a case, after comparison."""
    answer = student.srn_loss(*case.inputs.values())
    what = f"srn_loss ({case.name})"
    expect_close(answer, loss_of(*case.inputs.values()), what, hint=hint)


@checks_exercise("srn_loss", entrance=True)
def test_two_objects(student: Student, cases: Cases) -> None:
    """Six pixels of each of two objects, some at negative depths, with the weights of the docstring."""
    judge(student, cases.one("srn_loss", "two objects"), FORMULA)


@checks_exercise("srn_loss")
def test_term_by_term(student: Student, cases: Cases) -> None:
    """Each term by itself, the other weights being 0; and all three with weights of their own."""
    for name, hint in (
        ("colours only", "image_weight times the mean of (rgb − truth)², channels included"),
        (
            "depths only",
            "depth_weight times the mean of min(depth, 0)²: over all depths, not the negative",
        ),
        ("codes only", "code_weight times the mean of z², over all numbers of all codes"),
        ("other weights", "all three weights are arguments"),
    ):
        judge(student, cases.one("srn_loss", name), hint)


@checks_exercise("srn_loss")
def test_any_sizes(student: Student, cases: Cases) -> None:
    """One object, one pixel, codes of one number and of forty: means, which do not grow with the batch."""
    hint = "means over all numbers, batch included; the loss is one number"
    for name in ("one object", "one pixel", "one number each", "long codes"):
        judge(student, cases.one("srn_loss", name), hint)
    args = list(cases.one("srn_loss", "two objects").inputs.values())
    twice = student.srn_loss(*(x.repeat(2, *[1] * (x.ndim - 1)) for x in args))
    what = "srn_loss of the same objects twice"
    expect_close(twice, loss_of(*args), what, hint=hint)
    exact = student.srn_loss(*(x.double() for x in args))
    expect_close(exact, loss_of(*args), "srn_loss in float64", hint=hint)


@checks_exercise("srn_loss")
def test_in_front_and_behind(student: Student, cases: Cases) -> None:
    """Depths in front of the camera cost nothing, however large; behind it the cost grows as their square."""
    _, truth, depth, z = cases.one("srn_loss", "two objects").inputs.values()
    silent = (truth, truth, torch.zeros_like(z))
    hint = (
        "min(depth, 0)²: depth.clamp_max(0) first, pixel by pixel, then the square, then the mean"
    )
    for what, depths in (
        ("depths from 0 to 1000", 1000 * depth.abs() / depth.abs().max()),
        ("depths of 0", torch.zeros_like(depth)),
        ("depths behind the camera", -depth.abs() - 0.1),
        ("depths of both signs, with a positive mean", depth.abs() * 5 * (depth > 0) + depth),
    ):
        answer = student.srn_loss(silent[0], silent[1], depths, silent[2])
        expected = loss_of(silent[0], silent[1], depths, silent[2])
        expect_close(answer, expected, f"srn_loss of {what}", hint=hint)


@checks_exercise("srn_loss")
def test_slopes(student: Student, cases: Cases) -> None:
    """Gradients: of colours and codes everywhere, of depths behind the camera only."""
    hint = "torch operations on the arguments themselves: no .item(), no .detach()"
    for name in ("two objects", "other weights"):
        judge(student, cases.one("srn_loss", name), FORMULA)
        args: tuple[Any, ...] = tuple(cases.one("srn_loss", name).inputs.values())
        parts = zip((0, 2, 3), ("rgb", "depth", "z"), slopes_of(*args), strict=True)
        for wrt, what, expected in parts:
            size = expected.abs().max()
            gradient = student.gradient("srn_loss", args, wrt) / size
            what = f"the gradient with respect to {what}, in units of its largest value ({name})"
            expect_close(gradient, expected / size, what, tolerance=1e-4, hint=hint)
