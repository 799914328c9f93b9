"""Checks: rays named by where they pass two planes, and by where they enter and leave a cylinder."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close, expect_tensor, expect_true, expect_tuple
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_decoding.exact_gradients import waves
from autograder.checks.light_fields.cases_lines import SHAPES
from autograder.checks.light_fields.charts import through_cylinder, through_planes
from autograder.checks.light_fields.lines import row_by_row

Chart = Callable[[Tensor, Tensor], Tensor]  # of one ray that has coordinates

ON_PLANES = "go (plane − o_z) / d_z times the direction from o: x and y there, first plane before second plane"
PARALLEL = (
    "compare |d_z| with 1e-6 ‖d‖: the length counts; put another number in place of d_z before dividing, "
    "and zeros in place of what comes out"
)
ON_CYLINDER = (
    "the two roots of ‖o_xy + t d_xy‖² = radius², the smaller t first: it is the entry, even where it is negative; "
    "then (atan2(y, x), z) of each point"
)
BROADCAST = (
    "broadcast origins and directions before taking them apart; coordinates are the last dimension"
)
NO_HIT = (
    "two different points or none: the discriminant must be greater than 0, and so must d_x² + d_y² "
    "(torch.where with safe numbers, then zeros for those)"
)
UNUSED = (
    "0 · NaN and 0 · ∞ are NaN in a gradient: exchange the numbers of masked rays before dividing and "
    "before taking the root, not after"
)


def expected_of(chart: Chart, case: Case, valid: Tensor) -> Tensor:
    """The coordinates `*b 4` of a case's rays, zero where the mask is."""
    origins, directions = (case.inputs[name] for name in ("origins", "directions"))
    shape = (*valid.shape, 3)
    found = torch.zeros(*valid.shape, 4, dtype=torch.float64)
    if valid.any():
        found[valid] = row_by_row(
            chart, origins.expand(shape)[valid], directions.expand(shape)[valid]
        )
    return found


def compared(
    student: Student, case: Case, chart: Chart, valid: Tensor, hint: str, tolerance: float = 1e-4
) -> None:
    """A student's coordinates and mask of a case against a loop over rays."""
    name = case.function
    answer, mask = expect_tuple(getattr(student, name)(*case.inputs.values()), 2, name)
    expect_close(mask, valid, f"the mask ({case.name})", hint=hint)
    expected = expected_of(chart, case, valid)
    what = f"the coordinates ({case.name})"
    expect_close(answer, expected, what, tolerance=tolerance, hint=hint)
    masked = expect_tensor(answer, tuple(expected.shape), what)[~valid]
    expect_true((masked == 0).all(), f"{what} should be 0 where the mask is False.", hint)


def learns(student: Student, case: Case, chart: Chart, valid: Tensor) -> None:
    """Gradients of the coordinates by origins and directions, zero for masked rays."""
    values = tuple(case.inputs.values())
    leaves = [value.double() for value in values[:2]]
    hits = [leaf[valid].requires_grad_() for leaf in leaves]
    weights = waves(*valid.shape, 4)
    with torch.enable_grad():
        found = row_by_row(chart, *hits)
        exact = torch.autograd.grad((found * weights[valid]).sum(), hits)
    for k, name in enumerate(("origins", "directions")):
        expected = torch.zeros_like(leaves[k])
        expected[valid] = exact[k]
        gradient = student.gradient(case.function, values, k, weights)
        what = f"the gradient with respect to the {name} ({case.name})"
        expect_close(gradient, expected, what, tolerance=2e-3, hint=UNUSED)


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
    for name in ("five rays", "misses and hits", "straight up"):
        case = cases.one("cylinder", name)
        rounds(student, case, NO_HIT)
        learns(student, case, cylinder_of(case), case.truth["hits"])
    case = cases.one("cylinder", "touching")
    rounds(student, case, NO_HIT)
    for k, name in enumerate(("origins", "directions")):
        gradient = student.gradient("cylinder", tuple(case.inputs.values()), k, waves(4, 4))
        what = f"the gradient with respect to the {name} of rays that touch"
        expect_close(gradient, torch.zeros(4, 3), what, hint=UNUSED)
