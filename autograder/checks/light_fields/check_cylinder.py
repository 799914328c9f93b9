"""Checks: rays named by where they enter and leave a cylinder."""

from __future__ import annotations

from autograder.checking.cases import Case, Cases
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.light_fields.charted import BROADCAST, Chart, compared, learns
from autograder.checks.light_fields.charts import through_cylinder

ON_CYLINDER = (
    "the two roots of ‖o_xy + t d_xy‖² = radius², the smaller t first: it is the entry, even where it is negative; "
    "then (atan2(y, x), z) of each point"
)
NO_HIT = (
    "two different points or none: the discriminant must be greater than 0, and so must d_x² + d_y² "
    "(torch.where with safe numbers, then zeros for those)"
)


def rounds(student: Student, case: Case, hint: str) -> None:
    """`cylinder` on a case."""
    compared(student, case, cylinder_of(case), case.truth["hits"], hint, tolerance=2e-4)


def cylinder_of(case: Case) -> Chart:
    """The coordinates on the case's cylinder."""
    return lambda o, d: through_cylinder(o, d, case.inputs.get("radius", 1.0))


@checks_exercise("cylinder", entrance=True)
def test_rays_from_outside(student: Student, cases: Cases) -> None:
    """One ray, and five, that come from outside and hit the cylinder of radius 1."""
    for name in ("one ray", "five rays"):
        rounds(student, cases.one("cylinder", name), ON_CYLINDER)


@checks_exercise("cylinder")
def test_where_rays_begin(student: Student, cases: Cases) -> None:
    """Rays that begin inside or beyond the cylinder, with short directions and long ones: lines have no beginning."""
    for name in ("from inside", "from beyond", "short and long directions"):
        rounds(student, cases.one("cylinder", name), ON_CYLINDER)


@checks_exercise("cylinder")
def test_radii_and_batches(student: Student, cases: Cases) -> None:
    """Wider and narrower cylinders; origins and directions broadcast."""
    for name in ("a wide cylinder", "a narrow cylinder"):
        hint = "‖o_xy‖² − radius² in the quadratic equation: `radius` is squared"
        rounds(student, cases.one("cylinder", name), hint)
    for name in (
        "rows of rays",
        "three by three",
        "one origin, six directions",
        "six origins, one direction",
        "rows and columns",
    ):
        rounds(student, cases.one("cylinder", name), BROADCAST)


@checks_exercise("cylinder")
def test_rays_that_miss(student: Student, cases: Cases) -> None:
    """Rays that miss or touch the cylinder, or go straight up, are masked, with zeros; almost straight up is fine."""
    for name in ("misses and hits", "touching", "straight up", "almost straight up"):
        rounds(student, cases.one("cylinder", name), NO_HIT)


@checks_exercise("cylinder")
def test_cylinders_learn(student: Student, cases: Cases) -> None:
    """Gradients reach origins and directions; those of masked rays are 0, not NaN."""
    for name in ("five rays", "misses and hits", "straight up", "touching"):
        case = cases.one("cylinder", name)
        rounds(student, case, NO_HIT)
        learns(student, case, cylinder_of(case), case.truth["hits"])
