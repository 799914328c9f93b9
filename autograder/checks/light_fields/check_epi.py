"""Checks: epipolar plane images of a wall with a texture, against the points that each ray meets."""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import CheckFailed, expect_close, expect_tensor, expect_true
from autograder.checking.given import given
from autograder.checking.pictures import with_picture
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from course_lib.given.light_fields import texture

Ends = tuple[Tensor, Tensor]


def image_of(plane: dict[str, Tensor], eyes: Ends, targets: Ends, shape: tuple[int, int]) -> Tensor:
    """`s w 3`, ray by ray in float64: where it meets the plane, and the texture there."""
    normal, offset = plane["normal"].double(), plane["offset"]
    (a, b), (p, q) = ([end.double() for end in ends] for ends in (eyes, targets))
    rows, columns = shape
    met = []
    for i in range(rows):
        eye = a + (i + 0.5) / rows * (b - a)
        for j in range(columns):
            ray = p + (j + 0.5) / columns * (q - p) - eye
            met.append(eye + (offset - normal @ eye) / (normal @ ray) * ray)
    return texture(torch.stack(met)).reshape(rows, columns, 3)


def judge(student: Student, case: Case, hint: str) -> Tensor:
    """The student's image of a case, after comparison; beside the right one, if they differ."""
    rows, columns = case.inputs["shape"]
    options = ("textured_plane", rows * columns, None, False)
    field = given("course_lib.given.asked_fields:AskedField", *options, **case.truth)
    answer = student.epi(field, *case.inputs.values())
    expected = image_of(case.truth, *case.inputs.values())
    what = f"epi ({case.name})"
    seen = expect_tensor(answer, (rows, columns, 3), what, hint=hint)
    try:
        return expect_close(seen, expected, what, tolerance=1e-3, hint=hint)
    except CheckFailed as failure:
        raise with_picture(failure, 0.5 + 0.5 * expected, 0.5 + 0.5 * seen) from None


@checks_exercise("epi", entrance=True)
def test_walk(student: Student, cases: Cases) -> None:
    """Four places, seven targets, and a wall between: rows are places, columns are targets."""
    hint = (
        "s = (i + 0.5) / rows along the eyes, t = (j + 0.5) / columns along the targets; the ray goes from the eye "
        "to the target, its direction is target − eye; one call of the field for all rows · columns lines"
    )
    judge(student, cases.one("epi", "a walk"), hint)


@checks_exercise("epi")
def test_shapes(student: Student, cases: Cases) -> None:
    """Tall images and square ones, a single row, a single column, a single ray."""
    hint = "with one row s is 0.5, half-way; torch.linspace from 0 to 1 is something else"
    for name in (
        "more rows than columns",
        "as many rows as columns",
        "one row",
        "one column",
        "one ray",
    ):
        judge(student, cases.one("epi", name), hint)


@checks_exercise("epi")
def test_standing_still(student: Student, cases: Cases) -> None:
    """An eye that does not move sees the same in all rows. In float64, too."""
    hint = "each row has its own eye, all rows have the same targets; keep the dtype of the eyes"
    for name in ("standing still", "in float64"):
        judge(student, cases.one("epi", name), hint)


@checks_exercise("epi")
def test_slope(student: Student, cases: Cases) -> None:
    """Along a wall, the pattern is sheared, the same all over, and its slope tells how far away the wall is."""
    case = cases.one("epi", "beside a wall")
    hint = "rows are places of the eye, from eyes[0] on; columns are targets, from targets[0] on"
    image = judge(student, case, hint).double()
    # c(s, t) = f((1 − k) · walked + k · target): k is how far along the way to the targets the wall is.
    normal = case.truth["normal"].double()
    (a, b), (p, q) = ([end.double() for end in case.inputs[name]] for name in ("eyes", "targets"))
    k = float((normal @ a) / (normal @ (a - p)))
    by_row = (image[2:, 1:-1] - image[:-2, 1:-1]) / 2 * image.shape[0]
    by_column = (image[1:-1, 2:] - image[1:-1, :-2]) / 2 * image.shape[1]
    ratio = float((by_row * by_column).sum() / by_column.square().sum())
    wanted = (1 - k) * float((b - a).norm()) / (k * float((q - p).norm()))
    expect_true(
        abs(ratio / wanted - 1) < 0.05,
        f"the pattern moves {ratio:.3f} widths in a whole walk; this wall moves it {wanted:.3f}.",
        hint,
    )
