"""Checks: rays named by where they pass two planes."""

from __future__ import annotations

import numpy as np

from autograder.checking.cases import Case, Cases
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.light_fields.cases_lines import SHAPES
from autograder.checks.light_fields.charted import BROADCAST, Chart, compared, learns
from autograder.checks.light_fields.charts import through_planes

ON_PLANES = "go (plane − o_z) / d_z times the direction from o: x and y there, first plane before second plane"
PARALLEL = (
    "compare |d_z| with 1e-6 ‖d‖: the length counts; put another number in place of d_z before dividing, "
    "and zeros in place of what comes out"
)


def planes(student: Student, case: Case, hint: str) -> None:
    """`two_plane` on a case."""
    directions = case.inputs["directions"].double()
    valid = directions[..., 2].abs() > 1e-6 * directions.norm(dim=-1)
    valid = valid.expand(np.broadcast_shapes(valid.shape, case.inputs["origins"].shape[:-1]))
    compared(student, case, planes_of(case), valid, hint)


def planes_of(case: Case) -> Chart:
    """The coordinates between the case's planes."""
    first, second = (case.inputs.get(n, d) for n, d in (("first", 0.0), ("second", 1.0)))
    return lambda o, d: through_planes(o, d, first, second)


@checks_exercise("two_plane", entrance=True)
def test_two_planes(student: Student, cases: Cases) -> None:
    """One ray, and six, through z = 0 and z = 1; directions are not of length 1."""
    for name in ("one ray", "six rays"):
        planes(student, cases.one("two_plane", name), ON_PLANES)


@checks_exercise("two_plane")
def test_other_planes(student: Student, cases: Cases) -> None:
    """Planes elsewhere, the second before the first, and planes that lie behind where the ray begins."""
    hint = (
        "t = (plane − o_z) / d_z may have any sign; `first` and `second` come in the caller's order"
    )
    for name in ("other planes", "second before first", "planes behind"):
        planes(student, cases.one("two_plane", name), hint)


@checks_exercise("two_plane")
def test_two_planes_broadcast(student: Student, cases: Cases) -> None:
    """Origins and directions broadcast against each other, and so does the mask."""
    for name in SHAPES:
        planes(student, cases.one("two_plane", name), BROADCAST)


@checks_exercise("two_plane")
def test_rays_beside_planes(student: Student, cases: Cases) -> None:
    """Rays parallel to the planes, also within one, or almost, or of direction zero: masked, with zeros."""
    for name in ("beside the planes", "almost beside the planes"):
        planes(student, cases.one("two_plane", name), PARALLEL)


@checks_exercise("two_plane")
def test_two_planes_learn(student: Student, cases: Cases) -> None:
    """Gradients reach origins and directions; those of rays beside the planes are 0, not NaN."""
    for name in ("six rays", "beside the planes"):
        case = cases.one("two_plane", name)
        planes(student, case, PARALLEL)
        learns(student, case, planes_of(case), case.inputs["directions"][..., 2] != 0)
