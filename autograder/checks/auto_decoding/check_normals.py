"""Checks: normals of a surface from its depth map."""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import CheckFailed, expect_close, expect_tensor
from autograder.checking.pictures import with_picture
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_decoding.cases_views import rays

ROUNDING = 2e-4  # neighbours' points agree in their first digits, which their difference loses


def normals_of(depth: Tensor, K: Tensor) -> Tensor:
    """The normals `h w 3` that the docstring describes, by the numbers of each pixel's neighbours, float64."""
    h, w = depth.shape
    points = depth.double()[..., None] * rays(K, h, w)
    i, j = torch.arange(h), torch.arange(w)
    along_row = points[:, (j + 1).clamp_max(w - 1)] - points[:, (j - 1).clamp_min(0)]
    along_column = points[(i + 1).clamp_max(h - 1)] - points[(i - 1).clamp_min(0)]
    normals: Tensor = torch.linalg.cross(along_row, along_column)
    away = (normals * points).sum(-1, keepdim=True).sign()
    return -away * normals / normals.square().sum(-1, keepdim=True).sqrt()


def judge(student: Student, case: Case, hint: str) -> Tensor:
    """The student's normals of a case, after comparison; as colours beside the right ones, if they differ."""
    expected = normals_of(*case.inputs.values())
    what = f"normals_from_depth ({case.name})"
    answer = student.normals_from_depth(*case.inputs.values())
    seen = expect_tensor(answer, tuple(expected.shape), what, hint=hint)
    try:
        return expect_close(seen, expected, what, tolerance=ROUNDING, hint=hint)
    except CheckFailed as failure:
        raise with_picture(failure, 0.5 + 0.5 * expected, 0.5 + 0.5 * seen) from None


@checks_exercise("normals_from_depth", entrance=True)
def test_plane(student: Student, cases: Cases) -> None:
    """A tilted plane has one normal, at every pixel, those of the border included."""
    hint = (
        "points: depth · K⁻¹(u, v, 1)ᵀ; differences of the neighbours' points along both axes; their cross "
        "product, of length 1, turned so that normal · point < 0"
    )
    for name in ("a tilted plane", "another plane"):
        case = cases.one("normals_from_depth", name)
        answer = judge(student, case, hint)
        expected = case.truth["normal"].expand(answer.shape)
        what = f"the normal of {name}"
        expect_close(answer, expected, what, tolerance=ROUNDING, hint=hint)


@checks_exercise("normals_from_depth")
def test_floor(student: Student, cases: Cases) -> None:
    """A floor's normal points up, towards a camera that looks up too: towards means against the ray, not −z."""
    hint = "the sign of normal · point decides, not the sign of the normal's z"
    judge(student, cases.one("normals_from_depth", "the floor"), hint)


@checks_exercise("normals_from_depth")
def test_sphere(student: Student, cases: Cases) -> None:
    """A sphere in a fine image: normals near those of the formula, and points that no other formula gives."""
    hint = "neighbours on both sides: (i, j + 1) against (i, j − 1), (i + 1, j) against (i − 1, j)"
    case = cases.one("normals_from_depth", "a sphere")
    answer = judge(student, case, hint)
    inside = answer[1:-1, 1:-1]
    expected = case.truth["normals"][1:-1, 1:-1]
    expect_close(inside, expected, "the sphere's normals", tolerance=0.01, hint=hint)


@checks_exercise("normals_from_depth")
def test_rubble(student: Student, cases: Cases) -> None:
    """Depths that jump from pixel to pixel: each normal is that of its four neighbours' points."""
    hint = "no smoothing, and no gradient of the depth in place of the points' differences"
    for name in ("rubble", "tall rubble"):
        case = cases.one("normals_from_depth", name)
        judge(student, case, hint)
    depth, K = (x.double() for x in case.inputs.values())
    answer = student.normals_from_depth(depth, K)
    what = "normals_from_depth of tall rubble in float64"
    expect_close(answer, normals_of(depth, K), what, tolerance=ROUNDING, hint=hint)


@checks_exercise("normals_from_depth")
def test_borders(student: Student, cases: Cases) -> None:
    """Two pixels are enough: at the border, a pixel and its only neighbour make the tangent."""
    hint = "an image of 2 × 2 pixels has nothing but borders; it does not wrap around"
    for name in ("two by two", "two rows", "two columns"):
        judge(student, cases.one("normals_from_depth", name), hint)


@checks_exercise("normals_from_depth")
def test_units(student: Student, cases: Cases) -> None:
    """The same surface, measured in other units: the same normals."""
    hint = "divide by the length of the normal; no constant of the scene's size"
    case = cases.one("normals_from_depth", "rubble")
    depth, K = case.inputs.values()
    expected = normals_of(depth, K)
    for scale in (0.1, 1e3):
        answer = student.normals_from_depth(scale * depth, K)
        what = f"normals_from_depth with all depths times {scale:g}"
        expect_close(answer, expected, what, tolerance=ROUNDING, hint=hint)
