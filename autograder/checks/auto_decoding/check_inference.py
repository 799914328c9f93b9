"""Checks: the search for a code with a decoder that stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.errors import StudentError
from autograder.checking.expect import CheckFailed, expect_close
from autograder.checking.given import Given, given
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.results import Evidence

FROZEN = "course_lib.given.frozen"


def question(case: Case, **decoder: Any) -> tuple[Given, Given, Given]:
    """Model, loss and start of a case; they find each other by the name of the case, in whatever process they are."""
    truth = case.truth
    model = given(f"{FROZEN}:LinearDecoder", case.name, truth["A"], truth["a"], **decoder)
    loss = given(f"{FROZEN}:decoding_loss", truth["y"], name=case.name, pull=truth["pull"])
    return model, loss, given(f"{FROZEN}:WatchedCodes", case.name, case.inputs["start"])


def options(case: Case) -> list[Any]:
    """Steps and learning rate, where the case has them."""
    return list(case.inputs.values())[1:]


def best(case: Case) -> Tensor:
    """Where the search ends if it goes on for long: ridge regression, one code after the other."""
    A, a, y = (case.truth[name].double() for name in ("A", "a", "y"))
    m, d = A.shape
    ridge = A.T @ A / m + case.truth["pull"] / d * torch.eye(d, dtype=torch.float64)
    return torch.stack([torch.linalg.solve(ridge, A.T @ (image - a) / m) for image in y])


def slope_of(case: Case, z: Tensor) -> Tensor:
    """The gradient of the loss of a case, in closed form and float64."""
    A, a, y = (case.truth[name].double() for name in ("A", "a", "y"))
    slope: Tensor = (z @ A.T + a - y) @ A / y.numel() + case.truth["pull"] * z / z.numel()
    return 2 * slope


def walked(
    slope: Callable[[Tensor], Tensor], start: Tensor, steps: int = 200, learning_rate: float = 1e-2
) -> Tensor:
    """Where Adam is after so many steps from start, in float64 (Kingma and Ba 2015, Algorithm 1)."""
    z = start.double()
    mean, square = torch.zeros_like(z), torch.zeros_like(z)
    for step in range(1, steps + 1):
        gradient = slope(z)
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        unbiased = mean / (1 - 0.9**step), (square / (1 - 0.999**step)).sqrt()
        z = z - learning_rate * unbiased[0] / (unbiased[1] + 1e-8)
    return z


@checks_exercise("infer_latent", entrance=True)
def test_three_codes(student: Student, cases: Cases) -> None:
    """Three codes and a linear decoder: 150 steps lead to the solution of ridge regression, for each of them."""
    case = cases.one("infer_latent", "three codes")
    answer = student.infer_latent(*question(case), *options(case))
    hint = "torch.optim.Adam([z], learning_rate), z being a copy of start; steps times: loss(z), gradient, step"
    expect_close(answer, best(case), "infer_latent (three codes)", tolerance=2e-3, hint=hint)


@checks_exercise("infer_latent")
def test_steps(student: Student, cases: Cases) -> None:
    """No step, one, two, six long ones, seven, and twenty for one code: just so many of Adam's, of just this length."""
    hint = (
        "Adam with its own β = (0.9, 0.999) and ε = 1e-8, no weight decay; the code after the last step, "
        "whether the loss fell or rose"
    )
    for name in ("no step", "one step", "two steps", "seven steps", "one code", "long steps"):
        case = cases.one("infer_latent", name)
        answer = student.infer_latent(*question(case), *options(case))
        expected = walked(partial(slope_of, case), *case.inputs.values())
        expect_close(answer, expected, f"infer_latent ({name})", tolerance=1e-4, hint=hint)


@checks_exercise("infer_latent")
def test_defaults(student: Student, cases: Cases) -> None:
    """200 steps of 0.01, where nobody says how many and how long."""
    hint = "keep the defaults of the signature"
    case = cases.one("infer_latent", "without options")
    answer = student.infer_latent(*question(case))
    expected = walked(partial(slope_of, case), *case.inputs.values())
    expect_close(answer, expected, "infer_latent without options", tolerance=1e-4, hint=hint)


@checks_exercise("infer_latent")
def test_hands_off(student: Student, cases: Cases) -> None:
    """The model's parameters and start keep their values, and .grad, requires_grad and mode are as before."""
    case = cases.one("infer_latent", "two steps")
    target = case.truth["target"]
    start = torch.zeros_like(target)
    expected = walked(lambda z: z - target, start, 3, 0.05)
    A, a = (torch.full_like(case.truth[name], 3.0) for name in ("A", "a"))
    for decoder in (
        {},
        {"learning": (False, True), "training": False},
        {"learning": (True, False), "held": (A, None)},
        {"learning": (False, False), "held": (None, a)},
        {"held": (A, a), "training": False},
    ):
        student.infer_latent(*question(case, **decoder), *options(case))
        # The decoder lives in the student's process, where a check cannot look. So the loss of a second search, with a
        # decoder of no interest, looks at it: whoever keeps what it finds from being told has no gradient of this loss.
        other = given(f"{FROZEN}:LinearDecoder", "unused", case.truth["A"], case.truth["a"])
        loss = given(f"{FROZEN}:inspection", target, name=case.name)
        found = student.infer_latent(other, loss, start, 3, 0.05)
        what = "infer_latent of a second code, 3 steps of 0.05"
        hint = "every search by itself: nothing is kept from one call to the next, Adam begins anew"
        expect_close(found, expected, what, tolerance=1e-4, hint=hint)


@checks_exercise("infer_latent")
def test_detached(student: Student, cases: Cases) -> None:
    """The codes found are numbers: no gradient leads from them to what they were found by."""
    case = cases.one("infer_latent", "two steps")
    args = (*question(case), *options(case))
    try:
        student.gradient("infer_latent", args, 1)
    except StudentError as error:
        if "cut off" in error.text:  # as it should be
            return
        raise
    evidence = Evidence("numbers", "codes that ask for gradients", hint="return z.detach()")
    raise CheckFailed("The codes found are not detached.", evidence)
