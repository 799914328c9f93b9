"""Checks: images of any resolution, rendered a portion at a time."""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import CheckFailed, expect_close, expect_tensor, expect_tuple
from autograder.checking.given import given
from autograder.checking.pictures import with_picture
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from course_lib.given.tracing import color_and_depth

DEFAULT = 4096  # pixels a portion, as the signature says


def image_of(height: int, width: int) -> tuple[Tensor, Tensor]:
    """Colours `h w 3` and depths `h w` at the centres of all pixels, float64, pixel by pixel."""
    rows = range(height)
    uv = [[((j + 0.5) / width, (i + 0.5) / height) for j in range(width)] for i in rows]
    return color_and_depth(torch.tensor(uv, dtype=torch.float64))


def judge(student: Student, case: Case, hint: str) -> None:
    """The student's image and depths of a case, after comparison; beside the right ones, if they differ."""
    resolution = case.inputs["resolution"]
    trace = given("course_lib.given.tracing:Renderer", portion=case.inputs.get("portion", DEFAULT))
    pair = student.render_view(trace, *case.inputs.values())
    pair = expect_tuple(pair, 2, f"render_view ({case.name})")
    for answer, expected, part in zip(pair, image_of(*resolution), ("rgb", "depth"), strict=True):
        what = f"{part} of {resolution} ({case.name})"
        found = expect_tensor(answer, tuple(expected.shape), what, hint=hint)
        try:
            expect_close(found, expected, what, hint=hint)
        except CheckFailed as failure:
            raise with_picture(failure, expected, found) from None


@checks_exercise("render_view", entrance=True)
def test_at_once(student: Student, cases: Cases) -> None:
    """A wide image in one portion: every pixel at its centre, without gradients."""
    hint = "pixel_centers(resolution) as a list; afterwards (height, width, 3) and (height, width)"
    judge(student, cases.one("render_view", "at once"), hint)


@checks_exercise("render_view")
def test_portions(student: Student, cases: Cases) -> None:
    """The same image in portions: with a remainder, by single pixels, less than a row, two rows, and too large."""
    hint = "uv.split(portion), the last part being shorter; then torch.cat in the same order"
    for name in (
        "with a remainder",
        "single pixels",
        "less than a row",
        "two rows at a time",
        "more than there is",
    ):
        judge(student, cases.one("render_view", name), hint)


@checks_exercise("render_view")
def test_any_resolution(student: Student, cases: Cases) -> None:
    """A tall image, one row, one column and one pixel."""
    hint = "resolution is (height, width); u counts columns, v counts rows"
    for name in ("a tall image", "one row", "one column", "one pixel"):
        judge(student, cases.one("render_view", name), hint)


@checks_exercise("render_view")
def test_without_a_portion(student: Student, cases: Cases) -> None:
    """An image of 5,893 pixels, where nobody says how large a portion is: 4,096. Gradients are back afterwards."""
    hint = "keep the default of the signature: portion = 4096"
    judge(student, cases.one("render_view", "without a portion"), hint)
