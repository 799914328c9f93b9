"""Checks: names of rays, the point of a line that is nearest to another point."""

from __future__ import annotations

import torch

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_decoding.exact_gradients import exact_gradients
from autograder.checks.light_fields.cases_lines import SHAPES
from autograder.checks.light_fields.lines import along, line, nearest, row_by_row

ORDER = "d comes first, at length 1, then m = o × d with this d: origins × directions, not the other way around"
BROADCAST = "broadcast first, cross second, along the last dimension: dim=-1, which torch.linalg.cross takes by itself"
FORMULA = "d × m is the point nearest to the origin; go (x · d) further along d: d is lines[..., :3], m the rest"
DTYPE = "compute in the dtype that comes in: no .float(), no new tensors of the default dtype"


def names(student: Student, case: Case, hint: str) -> None:
    """The coordinates of a case, compared with a loop over rays."""
    answer = student.plucker(*case.inputs.values())
    expected = row_by_row(line, *case.inputs.values())
    expect_close(answer, expected, f"the coordinates ({case.name})", hint=hint)


@checks_exercise("plucker", entrance=True)
def test_names_of_rays(student: Student, cases: Cases) -> None:
    """One ray, and five, whose directions are not of length 1."""
    for name in ("one ray", "five rays"):
        names(student, cases.one("plucker", name), ORDER)


@checks_exercise("plucker")
def test_names_broadcast(student: Student, cases: Cases) -> None:
    """Origins and directions broadcast against each other, three rays of three numbers among them."""
    for name in SHAPES:
        names(student, cases.one("plucker", name), BROADCAST)


@checks_exercise("plucker")
def test_one_name_only(student: Student, cases: Cases) -> None:
    """Another point of the ray, ahead or behind, and a direction of another length change nothing."""
    origins, directions = cases.one("plucker", "five rays").inputs.values()
    expected = row_by_row(line, origins, directions)
    hint = "divide the direction by its own length, without a number added to it, before the cross product"
    for length in (1e-6, 1e-3, 1e3, 1e6):
        answer = student.plucker(origins, length * directions)
        what = f"the coordinates of directions {length:g} times as long"
        expect_close(answer, expected, what, hint=hint)
    hint = "(o + t d) × d = o × d: nothing but the cross product may depend on o"
    for t in (-2.5, 0.5, 3.0):
        answer = student.plucker(origins + t * directions, directions)
        what = f"the coordinates from a point {t:g} directions further"
        expect_close(answer, expected, what, tolerance=1e-4, hint=hint)


@checks_exercise("plucker")
def test_rays_that_go_nowhere(student: Student, cases: Cases) -> None:
    """A direction of zero gives six zeros, alone and among other rays, and spoils none of them."""
    hint = "0 / 0 is NaN: F.normalize divides by no less than a tiny number"
    for name in ("nowhere", "one goes nowhere"):
        names(student, cases.one("plucker", name), hint)


@checks_exercise("plucker")
def test_names_in_double_precision(student: Student, cases: Cases) -> None:
    """Rays in float64 have names in float64; their moments are perpendicular to their directions."""
    origins, directions = (v.double() for v in cases.one("plucker", "rows of rows").inputs.values())
    answer = student.plucker(origins, directions)
    expected = row_by_row(line, origins, directions)
    expect_close(answer, expected, "the coordinates in float64", hint=ORDER)
    tensor = expect_close(
        answer, expected, "the coordinates in float64", tolerance=1e-9, hint=DTYPE
    )
    dot = (tensor[..., :3].double() * tensor[..., 3:].double()).sum(-1)
    expect_close(dot, torch.zeros(2, 4), "d · m in float64", tolerance=1e-9, hint=DTYPE)


@checks_exercise("plucker")
def test_names_learn(student: Student, cases: Cases) -> None:
    """Gradients reach the origins and the directions: a camera could be moved until its picture fits."""
    case = cases.one("plucker", "five rays")
    names(student, case, ORDER)
    values = tuple(case.inputs.values())
    leaves = [value.double().requires_grad_() for value in values]
    (cotangent,), expected = exact_gradients(lambda: [row_by_row(line, *leaves)], leaves)
    for k, name in enumerate(case.inputs):
        found = student.gradient("plucker", values, k, cotangent)
        hint = (
            "no .detach(), no torch.no_grad(); the length of a direction is part of the computation"
        )
        what = f"the gradient with respect to the {name}"
        expect_close(found, expected[k], what, tolerance=3e-4, hint=hint)


def finds(student: Student, case: Case, hint: str) -> None:
    """The points of a case, compared with a loop over lines."""
    answer = student.closest_point(*case.inputs.values())
    expected = row_by_row(nearest, *case.inputs.values())
    expect_close(answer, expected, f"the points ({case.name})", tolerance=5e-5, hint=hint)


@checks_exercise("closest_point", entrance=True)
def test_nearest_points(student: Student, cases: Cases) -> None:
    """One line and one point, and five of each."""
    for name in ("one line", "five lines"):
        finds(student, cases.one("closest_point", name), FORMULA)


@checks_exercise("closest_point")
def test_nearest_points_broadcast(student: Student, cases: Cases) -> None:
    """Lines and points broadcast against each other: many points of one line, many lines for one point."""
    for name in SHAPES:
        finds(student, cases.one("closest_point", name), BROADCAST)


@checks_exercise("closest_point")
def test_special_points(student: Student, cases: Cases) -> None:
    """The origin finds d × m, a point of a line finds itself, wherever the ray began; m may be zero."""
    hint = "lines have no beginning: no clamp of x · d, and no division by ‖m‖"
    for name in ("nearest to the origin", "points of the lines", "through the origin"):
        finds(student, cases.one("closest_point", name), hint)


@checks_exercise("closest_point")
def test_nearest_points_in_double_precision(student: Student, cases: Cases) -> None:
    """In float64: the point lies on the line, and the way to it from x is perpendicular to the line."""
    case = cases.one("closest_point", "rows of rows")
    finds(student, case, FORMULA)
    lines = row_by_row(
        line,
        case.inputs["x"].flip(0).double(),
        case.inputs["lines"][..., :3].double(),
    )
    x = case.inputs["x"].double()
    answer = student.closest_point(lines, x)
    expected = row_by_row(nearest, lines, x)
    point = expect_close(answer, expected, "the points in float64", tolerance=1e-9, hint=DTYPE)
    d, m = lines.chunk(2, dim=-1)
    moment = torch.linalg.cross(point.double(), d)
    expect_close(moment, m, "the moments of the points", tolerance=1e-9, hint=FORMULA)
    across = ((point.double() - x) * d).sum(-1)
    what = "the way from x to the points, along d"
    expect_close(across, torch.zeros(2, 4), what, tolerance=1e-9, hint=FORMULA)


@checks_exercise("closest_point")
def test_nearest_points_learn(student: Student, cases: Cases) -> None:
    """Gradients reach the points and the lines."""
    case = cases.one("closest_point", "five lines")
    finds(student, case, FORMULA)
    values = tuple(case.inputs.values())
    leaves = [value.double().requires_grad_() for value in values]
    (cotangent,), expected = exact_gradients(lambda: [row_by_row(nearest, *leaves)], leaves)
    hint = "compute with tensors from beginning to end: no .detach(), no torch.no_grad()"
    found = student.gradient("closest_point", values, 1, cotangent)
    what = "the gradient with respect to x"
    expect_close(found, expected[1], what, tolerance=3e-4, hint=hint)
    found = student.gradient("closest_point", values, 0, cotangent)
    what = "the gradient with respect to the lines"
    expect_close(found, expected[0].to(found.dtype), what, tolerance=float("inf"), hint=hint)
    found, wanted = (along(values[0], g) for g in (found, expected[0]))
    expect_close(found, wanted, what, tolerance=5e-4, hint=hint)
