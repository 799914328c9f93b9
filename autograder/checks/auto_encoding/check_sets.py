"""Checks: one code from any number of views, with an encoder that the check brings along."""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close, expect_error
from autograder.checking.given import Given, given
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from course_lib.given.networks import code_of_view


def encoder(case: Case) -> Given:
    """The encoder to hand over."""
    path = "course_lib.given.networks:code_of_view"
    return given(path, case.truth["strength"], outputs=case.truth["outputs"])


def mean_codes(case: Case, strength: Tensor, images: Tensor, poses: Tensor) -> Tensor:
    """The mean code of each object's seen views, one view at a time."""
    seen = case.inputs.get("seen", torch.ones(images.shape[:2], dtype=torch.bool))
    rows = []
    for i, mask in enumerate(seen.tolist()):
        views = [j for j, counts in enumerate(mask) if counts]
        codes = [
            code_of_view(strength, images[i, [j]], poses[i, [j]], case.truth["outputs"])
            for j in views
        ]
        rows.append(torch.cat(codes).sum(0) / len(views))
    return torch.stack(rows)


def doubles(case: Case) -> tuple[Tensor, Tensor, Tensor]:
    """The encoder's number, images and poses in float64."""
    images, poses = case.inputs["images"], case.inputs["world_from_camera"]
    return case.truth["strength"].double(), images.double(), poses.double()


def judge(student: Student, case: Case, hint: str) -> Tensor:
    """The student's codes of a case, after comparison."""
    answer = student.encode_set(encoder(case), *case.inputs.values())
    expected = mean_codes(case, *doubles(case))
    return expect_close(answer, expected, f"the codes ({case.name})", tolerance=1e-4, hint=hint)


@checks_exercise("encode_set", entrance=True)
def test_all_views(student: Student, cases: Cases) -> None:
    """Two objects with three views each: the mean of their codes."""
    hint = "encode all b·v views as one list, give the codes the shape (b, v, d), and take the mean over v"
    judge(student, cases.one("encode_set", "three views each"), hint)


@checks_exercise("encode_set")
def test_any_number(student: Student, cases: Cases) -> None:
    """One view, four views, a single object; a mask that is True everywhere changes nothing."""
    hint = "the mean over the views of an object, for any b and v"
    for name in ("one view each", "a single object", "all seen"):
        judge(student, cases.one("encode_set", name), hint)


@checks_exercise("encode_set")
def test_seen(student: Student, cases: Cases) -> None:
    """Objects with different numbers of views: what is not seen does not count."""
    hint = "divide by the number of views that are seen, object by object"
    for name in ("some seen", "one of many"):
        judge(student, cases.one("encode_set", name), hint)


@checks_exercise("encode_set")
def test_order(student: Student, cases: Cases) -> None:
    """The order of the views does not matter."""
    case = cases.one("encode_set", "some seen")
    answer = judge(student, case, "a mean over the seen views")
    order = torch.tensor([2, 0, 3, 1])
    shuffled = [value[:, order] for value in case.inputs.values()]
    codes = student.encode_set(encoder(case), *shuffled)
    what = "the codes of the views in another order"
    expect_close(codes, answer.detach(), what, tolerance=1e-4)


@checks_exercise("encode_set")
def test_whatever_they_hold(student: Student, cases: Cases) -> None:
    """Views that are not seen may hold NaN: neither the codes nor the encoder's gradient notice."""
    hint = "encode the seen views only, images[seen]: NaN · 0 is NaN, on the way back too"
    case = cases.one("encode_set", "holes")
    judge(student, case, hint)
    strength, images, poses = doubles(case)
    cotangent = _wave(case)
    strength.requires_grad_()
    with torch.enable_grad():
        total = (mean_codes(case, strength, images, poses) * cotangent).sum()
        (expected,) = torch.autograd.grad(total, strength)
    args = (encoder(case), *case.inputs.values())
    gradient = student.gradient("encode_set", args, 0, cotangent)
    what = "the gradient with respect to the encoder's parameter"
    expect_close(gradient, expected, what, tolerance=1e-3, hint=hint)


@checks_exercise("encode_set")
def test_gradients(student: Student, cases: Cases) -> None:
    """Gradients reach the views that are seen, each with its share, and no other view."""
    hint = (
        "no .detach(); views that are not seen stay out of the sum, and out of the encoder's batch"
    )
    for name in ("three views each", "some seen", "holes"):
        case = cases.one("encode_set", name)
        cotangent = _wave(case)
        strength, images, poses = doubles(case)
        images.requires_grad_()
        with torch.enable_grad():
            total = (mean_codes(case, strength, images, poses) * cotangent).sum()
            (expected,) = torch.autograd.grad(total, images)
        args = (encoder(case), *case.inputs.values())
        gradient = student.gradient("encode_set", args, 1, cotangent)
        what = f"the gradient with respect to the images ({name})"
        expect_close(gradient, expected, what, tolerance=1e-3, hint=hint)
        if "seen" in case.inputs:
            nothing = torch.zeros_like(gradient)
            unseen = ~case.inputs["seen"][..., None, None, None]
            what = f"the gradient with respect to views that are not seen ({name})"
            expect_close(gradient, nothing, what, tolerance=0.0, where=unseen, hint=hint)


@checks_exercise("encode_set")
def test_nothing_seen(student: Student, cases: Cases) -> None:
    """An object without a view that counts raises a ValueError."""
    case = cases.one("encode_set", "some seen")
    images, poses, seen = case.inputs.values()
    blind = seen.clone()
    blind[1] = False
    args = (encoder(case), images, poses)
    expect_error(student.encode_set, *args, blind, why="an object without views")
    nobody = torch.zeros_like(seen)
    expect_error(student.encode_set, *args, nobody, why="no view anywhere")


def _wave(case: Case) -> Tensor:
    shape = (len(case.inputs["images"]), case.truth["outputs"])
    return torch.cos(1.3 * torch.arange(shape[0] * shape[1])).reshape(shape)
