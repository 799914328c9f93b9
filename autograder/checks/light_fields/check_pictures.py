"""Checks: a picture of a light field, every ray asked for once and a portion at a time."""

from __future__ import annotations

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import CheckFailed, expect_close, expect_tensor
from autograder.checking.given import given
from autograder.checking.pictures import with_picture
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.light_fields.named_lines import lines_of_pixels
from course_lib.given.light_fields import waves

DEFAULT = 65536  # rays a portion, as the signature says


def judge(student: Student, case: Case, hint: str) -> None:
    """The student's picture of a case, after comparison; beside the right one, if they differ."""
    K, pose, resolution = list(case.inputs.values())[:3]
    portion = case.inputs.get("portion", DEFAULT)
    height, width = resolution
    rays = height * width
    field = given("course_lib.given.asked_fields:AskedField", "waves", rays, portion, False)
    answer = student.render_light_field(field, *case.inputs.values())
    lines = lines_of_pixels(K, pose, resolution)
    expected = waves(lines.reshape(-1, 6)).reshape(height, width, 3)
    what = f"the picture of {resolution} ({case.name})"
    seen = expect_tensor(answer, (height, width, 3), what, hint=hint)
    try:
        expect_close(seen, expected, what, tolerance=2e-4, hint=hint)
    except CheckFailed as failure:
        raise with_picture(failure, 0.5 + 0.5 * expected, 0.5 + 0.5 * seen) from None


@checks_exercise("render_light_field", entrance=True)
def test_at_once(student: Student, cases: Cases) -> None:
    """A wide picture in one portion: the line of every pixel's centre, once, without gradients."""
    hint = (
        "pixel_centers(resolution) as a list, world_rays, plucker(origins, directions), field; "
        "afterwards (height, width, 3)"
    )
    judge(student, cases.one("render_light_field", "at once"), hint)


@checks_exercise("render_light_field")
def test_portions(student: Student, cases: Cases) -> None:
    """The same in portions: with a remainder, by single rays, less than a row, two rows, and too large."""
    hint = "lines.split(portion), the last part being shorter; then torch.cat in the same order"
    for name in (
        "with a remainder",
        "single rays",
        "less than a row",
        "two rows at a time",
        "more than there is",
    ):
        judge(student, cases.one("render_light_field", name), hint)


@checks_exercise("render_light_field")
def test_any_resolution(student: Student, cases: Cases) -> None:
    """A tall picture, one row, one column and one pixel."""
    hint = "resolution is (height, width); u counts columns, v counts rows"
    for name in ("a tall picture", "one row", "one column", "one pixel"):
        judge(student, cases.one("render_light_field", name), hint)


@checks_exercise("render_light_field")
def test_without_a_portion(student: Student, cases: Cases) -> None:
    """A picture of 66,013 rays, where nobody says how large a portion is: 65,536. Gradients are back afterwards."""
    hint = "keep the default of the signature: portion = 65536"
    judge(student, cases.one("render_light_field", "without a portion"), hint)
