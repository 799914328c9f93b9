"""Checks: distance fields of primitives, and operations on distances."""

from __future__ import annotations

import torch

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close, expect_tensor, expect_true
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.camera_geometry.check_frames import matches

PRIMITIVES = ("sphere_sdf", "box_sdf", "torus_sdf")


def exact(student: Student, case: Case, what: str, hint: str) -> None:
    """The student's distances against the reference's, and against those measured the long way round."""
    distance = matches(student, case, what, hint)
    measured = case.truth["exact"]
    expect_close(distance, measured, f"{what} as measured ({case.name})", tolerance=1e-4, hint=hint)


def slopes(student: Student, case: Case) -> torch.Tensor:
    """The gradient of a distance field at each point of a case."""
    gradient = student.gradient(case.function, tuple(case.inputs.values()), 0)
    shape = tuple(case.inputs["x"].shape)
    return expect_tensor(gradient, shape, f"the gradient of {case.function}")


@checks_exercise("sdf_primitives", entrance=True)
def test_sphere(student: Student, cases: Cases) -> None:
    """A sphere: negative inside, positive outside."""
    hint = "the distance from the centre less the radius; `radius` is no diameter"
    matches(student, cases.one("sphere_sdf", "a few points"), "sphere_sdf", hint)
    matches(student, cases.one("sphere_sdf", "far away"), "sphere_sdf", hint)


@checks_exercise("sdf_primitives")
def test_box_outside(student: Student, cases: Cases) -> None:
    """A box from outside: before faces, edges and corners, on either side."""
    hint = (
        "q = |x| − half_sizes says how far out a point is along each axis: the length of max(q, 0)"
    )
    exact(student, cases.one("box_sdf", "outside"), "box_sdf", hint)


@checks_exercise("sdf_primitives")
def test_box_inside(student: Student, cases: Cases) -> None:
    """A box from inside: minus the distance to the nearest face."""
    hint = (
        "inside all of |x| − half_sizes is negative, and its largest component is the nearest face"
    )
    exact(student, cases.one("box_sdf", "inside"), "box_sdf", hint)


@checks_exercise("sdf_primitives")
def test_torus(student: Student, cases: Cases) -> None:
    """A torus about the z axis, from outside, from inside its tube and from its hole."""
    hint = (
        "how far is the point from the circle: (√(x² + y²) − major, z) is the way there, in a plane"
    )
    for name in ("around", "inside", "in the hole"):
        exact(student, cases.one("torus_sdf", name), "torus_sdf", hint)


@checks_exercise("sdf_primitives")
def test_primitives_any_batch(student: Student, cases: Cases) -> None:
    """A single point and grids of points."""
    hint = "once the checks above pass: work on the last dimension (dim=-1), leave the others alone"
    for function in PRIMITIVES:
        for case in cases(function):
            matches(student, case, function, hint)


@checks_exercise("sdf_primitives")
def test_primitives_slope(student: Student, cases: Cases) -> None:
    """A distance grows by 1 per unit of length: gradients have length 1, inside and outside, and no NaN."""
    hint = (
        "torch.sqrt(0) has an infinite slope, and 0 times that is NaN: .norm(dim=-1) knows better"
    )
    for function, names in [
        ("sphere_sdf", ("a few points",)),
        ("box_sdf", ("outside", "inside")),
        ("torus_sdf", ("around", "inside")),
    ]:
        for name in names:
            gradient = slopes(student, cases.one(function, name))
            length = gradient.double().norm(dim=-1)
            what = f"the length of the gradient of {function} ({name})"
            expect_close(length, torch.ones_like(length), what, tolerance=1e-4, hint=hint)


@checks_exercise("sdf_operations", entrance=True)
def test_union(student: Student, cases: Cases) -> None:
    """The union: the nearer of two surfaces."""
    for case in cases("union_sdf"):
        matches(
            student, case, "the union", "a point is in the union if it is in either: the minimum"
        )


@checks_exercise("sdf_operations")
def test_seam(student: Student, cases: Cases) -> None:
    """In the seam a smooth union follows the formula, and lies below either distance."""
    case = cases.one("smooth_union_sdf", "in the seam")
    hint = "a·h + b·(1 − h) − width·h·(1 − h): the last term is taken away, which fills the seam"
    blended = matches(student, case, "the smooth union", hint)
    nearer = torch.minimum(case.inputs["a"], case.inputs["b"])
    expect_true(
        (blended < nearer).all(), "a smooth union should fill its seam, not hollow it.", hint
    )
    a, _, width = case.inputs.values()
    middle = student.smooth_union_sdf(a, a.clone(), width)
    expect_close(middle, a - width / 4, "the smooth union of two equal distances", hint=hint)


@checks_exercise("sdf_operations")
def test_beyond_the_seam(student: Student, cases: Cases) -> None:
    """Away from the seam a smooth union is a plain union, whichever surface is nearer."""
    case = cases.one("smooth_union_sdf", "beyond the seam")
    hint = "clamp h to [0, 1]; where the distances differ by `width` or more it is 0 or 1"
    blended = matches(student, case, "the smooth union", hint)
    a, b, width = case.inputs.values()
    expect_close(blended, torch.minimum(a, b), "the smooth union beyond its seam", hint=hint)
    swapped = student.smooth_union_sdf(b, a, width)
    expect_close(swapped, torch.minimum(a, b), "the smooth union of b and a", hint=hint)


@checks_exercise("sdf_operations")
def test_seam_of_any_width(student: Student, cases: Cases) -> None:
    """Wide and narrow seams, grids of distances."""
    hint = "h = 1/2 + (b − a) / (2 · width)"
    for name in ("a wide seam, a grid", "a narrow seam"):
        matches(student, cases.one("smooth_union_sdf", name), "the smooth union", hint)


@checks_exercise("sdf_operations")
def test_seam_slope(student: Student, cases: Cases) -> None:
    """A smooth union passes gradients on to both distances: their shares are h and 1 − h."""
    hint = "compute h without .detach() and without torch.no_grad()"
    a, b, width = cases.one("smooth_union_sdf", "in the seam").inputs.values()
    share = 0.5 + (b.double() - a.double()) / (2 * width)
    for index, (expected, name) in enumerate([(share, "a"), (1 - share, "b")]):
        gradient = student.gradient("smooth_union_sdf", (a, b, width), index)
        what = f"the gradient with respect to {name}"
        expect_close(gradient, expected, what, tolerance=1e-4, hint=hint)


@checks_exercise("sdf_operations")
def test_rounding(student: Student, cases: Cases) -> None:
    """Rounding grows a shape: every distance from it becomes smaller."""
    for case in cases("round_sdf"):
        hint = "the surface moves outwards, towards the point: distance − radius"
        matches(student, case, "the rounded distance", hint)
