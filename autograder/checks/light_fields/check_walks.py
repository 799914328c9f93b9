"""Checks: a camera that walks along a line of sight, and codes beside lines."""

from __future__ import annotations

from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close, expect_tensor, expect_true
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_decoding.exact_gradients import exact_gradients
from autograder.checks.auto_decoding.rays import ray
from autograder.checks.auto_encoding.per_object import beside_codes
from autograder.checks.light_fields.lines import line

FORMULA = "the eye, world_from_camera[:3, 3], moves by distance · direction; world_rays gives the direction"
LENGTH = "a distance along the ray, not a depth: the direction has length 1"


def walked(uv: Tensor, distance: float, K: Tensor, world_from_camera: Tensor) -> Tensor:
    """The pose after the walk, in float64."""
    eye, direction = ray(uv, K, world_from_camera)
    pose = world_from_camera.double().clone()
    pose[:3, 3] = eye + distance * direction / (direction @ direction) ** 0.5
    return pose


def walks(student: Student, case: Case, hint: str, tolerance: float = 2e-5) -> Tensor:
    """The pose of a case, compared with the oracle's."""
    answer = student.walk_along(*case.inputs.values())
    expected = walked(*case.inputs.values())
    what = f"world_from_camera ({case.name})"
    return expect_close(answer, expected, what, tolerance=tolerance, hint=hint)


@checks_exercise("walk_along", entrance=True)
def test_walk_of_a_camera(student: Student, cases: Cases) -> None:
    """A walk along the ray of one pixel, forwards."""
    walks(student, cases.one("walk_along", "one pixel"), FORMULA)


@checks_exercise("walk_along")
def test_how_far(student: Student, cases: Cases) -> None:
    """Far away, from a corner of the picture, from beyond it: the distance is that between the eyes."""
    for name in ("far", "near the upper left corner", "beyond the picture"):
        walks(student, cases.one("walk_along", name), LENGTH)


@checks_exercise("walk_along")
def test_back(student: Student, cases: Cases) -> None:
    """A negative distance walks backwards, a distance of 0 stays; there and back again is where it began."""
    hint = "distance · direction for any sign: no abs, no clamp"
    for name in ("backwards", "not at all"):
        walks(student, cases.one("walk_along", name), hint)
    uv, distance, K, pose = cases.one("walk_along", "one pixel").inputs.values()
    there = student.walk_along(uv, distance, K, pose)
    there = expect_tensor(there, (4, 4), "world_from_camera", hint=hint).to(pose.dtype)
    back = student.walk_along(uv, -distance, K, there)
    expect_close(back, pose, "world_from_camera, there and back again", hint=hint)


@checks_exercise("walk_along")
def test_same_line_of_sight(student: Student, cases: Cases) -> None:
    """From its new place the camera sees along the same line at uv, and along another at every other point."""
    for name in ("one pixel", "backwards", "beyond the picture"):
        case = cases.one("walk_along", name)
        uv, _, K, pose = case.inputs.values()
        after = walks(student, case, FORMULA)
        expected, found = (line(*ray(uv, K, p)) for p in (pose, after))
        what = f"the line of uv after the walk ({name})"
        expect_close(found, expected, what, tolerance=1e-4, hint="the camera does not turn")
        other = uv + 0.3
        before, now = (line(*ray(other, K, p)) for p in (pose, after))
        message = (
            "another pixel sees along the same line as before, as if the camera had not moved."
        )
        expect_true((before - now).abs().max() > 1e-2, message, FORMULA)


@checks_exercise("walk_along")
def test_walk_in_double_precision(student: Student, cases: Cases) -> None:
    """A camera in float64 stays in float64."""
    case = cases.one("walk_along", "in float64")
    walks(student, case, FORMULA)
    hint = "a copy of world_from_camera keeps its dtype: .clone(), and no .float()"
    walks(student, case, hint, tolerance=1e-9)


LINE_FIRST = (
    "z[:, None].expand(-1, p, -1), then torch.cat([lines, codes], dim=-1): the line comes first"
)


def beside(z: Tensor, lines: Tensor) -> Tensor:
    """Each line with its object's code behind it, line by line."""
    return beside_codes(lambda row: row, z.double(), lines.double())


def reads(student: Student, case: Case, hint: str) -> None:
    """The rows of a case, compared with a loop."""
    answer = student.concat_lines(*case.inputs.values())
    expected = beside(*case.inputs.values())
    expect_close(answer, expected, f"the rows ({case.name})", tolerance=0.0, hint=hint)


@checks_exercise("concat_lines", entrance=True)
def test_codes_beside_lines(student: Student, cases: Cases) -> None:
    """Three objects: each line, and after it its object's code."""
    reads(student, cases.one("concat_lines", "three objects"), LINE_FIRST)


@checks_exercise("concat_lines")
def test_whose_code(student: Student, cases: Cases) -> None:
    """As many objects as lines, and codes as long as lines: nothing gets mixed up."""
    hint = "row i of z belongs to all lines of lines[i]: z[:, None], not z[None]; lines first, codes after them"
    for name in ("as many objects as lines", "codes as long as lines", "six of everything"):
        reads(student, cases.one("concat_lines", name), hint)


@checks_exercise("concat_lines")
def test_one_of_each(student: Student, cases: Cases) -> None:
    """A single object, a single line of each, a code of a single number."""
    hint = "never squeeze(): dimensions of size 1 stay"
    for name in ("one object", "one line", "one number"):
        reads(student, cases.one("concat_lines", name), hint)


@checks_exercise("concat_lines")
def test_codes_learn(student: Student, cases: Cases) -> None:
    """Gradients reach the lines, and each code from all the lines of its object."""
    case = cases.one("concat_lines", "three objects")
    reads(student, case, LINE_FIRST)
    values = tuple(case.inputs.values())
    leaves = [value.double().requires_grad_() for value in values]
    (cotangent,), expected = exact_gradients(lambda: [beside(*leaves)], leaves)
    for k, name in enumerate(("codes", "lines")):
        found = student.gradient("concat_lines", values, k, cotangent)
        what = f"the gradient with respect to the {name}"
        hint = "no .detach(), and no new tensor made of numbers: torch.cat and .expand keep the way back"
        expect_close(found, expected[k], what, tolerance=1e-5, hint=hint)
