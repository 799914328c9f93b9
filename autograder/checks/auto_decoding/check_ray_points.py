"""Checks: points at depths along the rays of pixels, and the way back."""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close, expect_tensor
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_decoding.exact_gradients import exact_gradients
from autograder.checks.auto_decoding.rays import depths_of, points_at

FREE = (
    (0, 0),
    (0, 1),
    (0, 2),
    (1, 1),
    (1, 2),
)  # what can vary in K: two focal lengths, skew, centre

FORMULA = (
    "R K⁻¹ (u, v, 1)ᵀ · depth + t: the direction is one unit of depth long, so do not normalise it; "
    "K is normalised, so uv needs no resolution"
)
Z_OF_CAMERA = (
    "the third coordinate in the camera's frame: camera_from_world is the inverse of the pose"
)


def finds_points(student: Student, case: Case, hint: str) -> None:
    """The world points of a case, compared with a loop over pixels."""
    answer = student.ray_point(*case.inputs.values())
    expected = points_at(*case.inputs.values())
    expect_close(answer, expected, f"the points ({case.name})", tolerance=5e-5, hint=hint)


def finds_depths(student: Student, case: Case, hint: str) -> None:
    """The depths of a case's own points."""
    x = points_at(*case.inputs.values()).float()
    pose = case.inputs["world_from_camera"]
    what = f"depth_of, the depths ({case.name})"
    expect_close(student.depth_of(x, pose), depths_of(x, pose), what, tolerance=5e-5, hint=hint)


@checks_exercise("ray_point", entrance=True)
def test_points_of_a_camera(student: Student, cases: Cases) -> None:
    """One pixel, and six pixels of one camera, each at a depth of its own."""
    for name in ("one pixel", "pixels of a camera"):
        finds_points(student, cases.one("ray_point", name), FORMULA)


@checks_exercise("ray_point")
def test_cameras_and_pixels(student: Student, cases: Cases) -> None:
    """Batch dimensions of uv, depths, K and poses broadcast against each other."""
    hint = (
        "let dimensions broadcast: no reshape, no assumption which of the four has how many of them"
    )
    for name in (
        "a camera for each pixel",
        "cameras and their pixels",
        "depths of one pixel",
        "one depth",
        "pixels seen by all cameras",
        "four of everything",
        "three of everything",
    ):
        finds_points(student, cases.one("ray_point", name), hint)


@checks_exercise("ray_point")
def test_double_precision(student: Student, cases: Cases) -> None:
    """Cameras and pixels in float64 give points and depths in float64."""
    case = cases.one("ray_point", "in float64")
    points, pose = points_at(*case.inputs.values()), case.inputs["world_from_camera"]
    hint = "compute in the dtype that comes in: torch.ones_like instead of torch.ones, no .float()"
    for answer, expected, what, formula in (
        (student.ray_point(*case.inputs.values()), points, "the points in float64", FORMULA),
        (
            student.depth_of(points, pose),
            depths_of(points, pose),
            "depth_of in float64",
            Z_OF_CAMERA,
        ),
    ):
        expect_close(answer, expected, what, tolerance=1e-4, hint=formula)
        expect_close(answer, expected, what, tolerance=1e-9, hint=hint)


@checks_exercise("ray_point")
def test_points_behind(student: Student, cases: Cases) -> None:
    """Negative depths lie behind the camera on the same line, and depth 0 is the camera itself."""
    hint = "a straight line in depth: no abs, no clamp, no division by the depth"
    finds_points(student, cases.one("ray_point", "before, in and behind the camera"), hint)


@checks_exercise("ray_point")
def test_depths(student: Student, cases: Cases) -> None:
    """depth_of tells the z of world points in the camera's frame: not the distance, and negative behind it."""
    for name in ("one pixel", "pixels of a camera", "before, in and behind the camera"):
        finds_depths(student, cases.one("ray_point", name), Z_OF_CAMERA)


@checks_exercise("ray_point")
def test_depths_of_batches(student: Student, cases: Cases) -> None:
    """depth_of broadcasts, too: points of one camera, of a camera each, one point seen by many."""
    hint = "points `*#b 3` and poses `*#b 4 4` broadcast against each other"
    for name in ("cameras and their pixels", "four of everything", "three of everything"):
        finds_depths(student, cases.one("ray_point", name), hint)
    case = cases.one("ray_point", "a camera for each pixel")
    poses = case.inputs["world_from_camera"]
    x = points_at(*case.inputs.values()).float()
    for name, points, cameras in [
        ("one point, five cameras", x[0], poses),
        ("five points, one camera", x, poses[2]),
        ("five points, each seen by three cameras", x, poses[:3, None]),
    ]:
        answer = student.depth_of(points, cameras)
        what = f"depth_of ({name})"
        expect_close(answer, depths_of(points, cameras), what, tolerance=5e-5, hint=hint)


def moved(gradient: Tensor, pose: Tensor) -> Tensor:
    """How a result changes as a camera turns about its own axes and moves, from its gradient by the 4×4 matrix.

    Two answers that agree for all cameras may differ beside them: what a matrix does that is no rotation is not asked.
    """
    turned = pose[:, :3, :3].mT @ gradient[:, :3, :3]
    return torch.cat([turned - turned.mT, gradient[:, :3, 3:]], -1)


@checks_exercise("ray_point")
def test_gradients(student: Student, cases: Cases) -> None:
    """Gradients reach the depths, the pixels and the cameras, and from depth_of the points."""
    case = cases.one("ray_point", "a camera for each pixel")
    finds_points(student, case, FORMULA)
    finds_depths(student, case, Z_OF_CAMERA)
    values = list(case.inputs.values())
    leaves = [value.double().requires_grad_() for value in values]
    (cotangent,), expected = exact_gradients(lambda: [points_at(*leaves)], leaves)
    hint = "compute with tensors from beginning to end: no .detach(), no .item(), no numpy"
    for k, (name, value) in enumerate(case.inputs.items()):
        found = student.gradient("ray_point", tuple(values), k, cotangent)
        wanted = expected[k]
        expect_tensor(found, tuple(wanted.shape), f"the gradient with respect to {name}")
        if name == "K":
            found, wanted = (
                torch.stack([g[:, i, j] for i, j in FREE], -1) for g in (found, wanted)
            )
        if name == "world_from_camera":
            found, wanted = (moved(g.double(), value.double()) for g in (found, wanted))
        what = f"the gradient with respect to {name}"
        expect_close(found, wanted, what, tolerance=5e-4, hint=hint)
    x, pose = points_at(*values).float(), values[3]
    found = student.gradient("depth_of", (x, pose), 0, cotangent[:, 0])
    wanted = pose[:, :3, 2].double() * cotangent[:, :1]
    what = "the gradient of depth_of with respect to the points"
    expect_close(found, wanted, what, tolerance=5e-4, hint=hint)
