"""Checks: projection, pixel centres, rays, rendering of points."""

from __future__ import annotations

from typing import Any

import torch

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import (
    CheckFailed,
    expect_close,
    expect_tensor,
    expect_true,
    expect_tuple,
)
from autograder.checking.pictures import with_picture
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.camera_geometry.check_frames import matches


def projection(student: Student, case: Case, hint: str = "") -> tuple[Any, Any, Any]:
    """uv, depth and in_front of a case, compared with the reference wherever a camera can see."""
    answer = student.project(*case.inputs.values())
    uv, depth, in_front = expect_tuple(answer, 3, "project (uv, depth, in_front)")
    true_uv, true_depth, true_front = case.expected
    expect_close(in_front, true_front, f"in_front ({case.name})", hint="in_front is depth > 0")
    visible = true_front[..., None]
    expect_close(uv, true_uv, f"uv ({case.name})", where=visible, hint=hint)
    hint = "depth is z in the camera frame, not the distance to the point"
    expect_close(depth, true_depth, f"depth ({case.name})", hint=hint)
    return uv, depth, in_front


@checks_exercise("project", entrance=True)
def test_project_one(student: Student, cases: Cases) -> None:
    """One point in front of a plain camera."""
    case = cases.one("project", "one point, plain camera")
    projection(student, case, "multiply by K, then divide by the third coordinate")


@checks_exercise("project")
def test_project_skewed(student: Student, cases: Cases) -> None:
    """All of K counts: unequal focal lengths, an off-centre axis, skew."""
    hint = "use the whole matrix K, not only fx, fy and the centre"
    projection(student, cases.one("project", "skewed K"), hint)


@checks_exercise("project")
def test_project_broadcasts(student: Student, cases: Cases) -> None:
    """Batches of cameras and of points broadcast against each other."""
    for name in ("a K for each row", "four cameras, three points"):
        projection(student, cases.one("project", name))


@checks_exercise("project")
def test_project_behind(student: Student, cases: Cases) -> None:
    """Points behind the camera are flagged, and nothing becomes NaN or infinite."""
    case = cases.one("project", "some behind")
    uv, _, _ = projection(student, case)
    expect_true(uv.isfinite().all(), "uv of points behind the camera holds NaN or infinity.")


@checks_exercise("project")
def test_project_on_plane(student: Student, cases: Cases) -> None:
    """Points on the camera's own plane (depth 0) do not divide by zero."""
    hint = "replace the depth by 1 where the point is not in front, before dividing"
    case = cases.one("project", "on the camera's plane")
    answer = expect_tuple(
        student.project(*case.inputs.values()), 3, "project (uv, depth, in_front)"
    )
    uv, _, in_front = answer
    expect_tensor(in_front, (4,), "in_front", dtype=torch.bool)
    expect_true(not in_front[:2].any(), "a point at depth 0 is not in front of the camera.")
    expect_true(in_front[3], "the last point lies in front of the camera.")
    uv = expect_tensor(uv, (4, 2), "uv")
    expect_true(uv[:2].isfinite().all(), "uv of points at depth 0 is NaN or infinite.", hint)


@checks_exercise("project")
def test_project_gradient(student: Student, cases: Cases) -> None:
    """Gradients stay finite even when some points cannot be seen."""
    hint = (
        "torch.where(in_front, uv / depth, 0) still divides by zero on its way back: "
        "make the depth safe first, then divide"
    )
    inputs = cases.one("project", "on the camera's plane").inputs
    xyz = inputs["xyz"][[0, 1, 3]]
    gradient = student.gradient("project", (inputs["K"], xyz), 1)
    gradient = expect_tensor(gradient, (3, 3), "the gradient with respect to xyz")
    expect_true(gradient.isfinite().all(), "the gradient holds NaN or infinity.", hint)
    expect_true((gradient[2] != 0).any(), "the gradient of a visible point is zero.")


@checks_exercise("unproject", entrance=True)
def test_unproject_one(student: Student, cases: Cases) -> None:
    """One pixel of a plain camera at a known depth."""
    hint = "K⁻¹ (u, v, 1) has z = 1: multiply it by the depth"
    matches(student, cases.one("unproject", "one pixel, plain camera"), "xyz", hint)


@checks_exercise("unproject")
def test_unproject_skewed(student: Student, cases: Cases) -> None:
    """Skewed K, several pixels; z of each point equals its depth."""
    case = cases.one("unproject", "skewed K")
    hint = "solve with the whole K: torch.linalg.inv, or torch.linalg.solve"
    xyz = matches(student, case, "xyz", hint)
    expect_close(xyz[..., 2], case.inputs["depth"], "z of the points", tolerance=1e-5)


@checks_exercise("unproject")
def test_unproject_broadcasts(student: Student, cases: Cases) -> None:
    """Cameras, pixels and depths broadcast, also a single depth for all."""
    for name in ("three cameras, five pixels", "one depth for all"):
        matches(student, cases.one("unproject", name), "xyz")


@checks_exercise("unproject")
def test_unproject_inverts_projection(student: Student, cases: Cases) -> None:
    """Points that are projected come back where they were."""
    case = cases.one("project", "a K for each row")
    uv, depth, _ = case.expected
    xyz = student.unproject(case.inputs["K"], uv.float(), depth.float())
    expect_close(xyz, case.inputs["xyz"], "the points after the round trip", tolerance=5e-5)


@checks_exercise("pixel_centers", entrance=True)
def test_two_by_three(student: Student, cases: Cases) -> None:
    """An image of 2 rows and 3 columns: six centres, u first, none on the border."""
    hint = "centres lie half a pixel in: u = (col + 0.5) / width, v = (row + 0.5) / height"
    matches(student, cases.one("pixel_centers", "2×3"), "the pixel centres", hint)


@checks_exercise("pixel_centers")
def test_any_resolution(student: Student, cases: Cases) -> None:
    """Wide, tall and single-pixel images; the result is `height width 2`."""
    hint = "the first dimension is the row (v); the last holds (u, v): meshgrid needs indexing='ij'"
    for case in cases("pixel_centers"):
        matches(student, case, "the pixel centres", hint)


@checks_exercise("pixel_centers")
def test_centres_balance(student: Student, cases: Cases) -> None:
    """float32, and symmetric: the mean of all centres is the middle of the image."""
    del cases
    for resolution in ((5, 8), (9, 2)):
        grid = student.pixel_centers(resolution)
        grid = expect_tensor(grid, (*resolution, 2), "the pixel centres", dtype=torch.float32)
        expect_close(
            grid.mean((0, 1)), torch.full((2,), 0.5), "the mean of the centres", tolerance=1e-5
        )
        expect_true((grid[0, 1] - grid[0, 0])[0] > 0, "u should grow along a row.")


def rays(student: Student, case: Case, hint: str = "") -> tuple[torch.Tensor, torch.Tensor]:
    """Origins and directions of a case, compared with the reference."""
    answer = expect_tuple(
        student.world_rays(*case.inputs.values()), 2, "world_rays (origins, directions)"
    )
    hint = hint or "one origin for every ray: .expand the camera's position to the rays' shape"
    origins = expect_close(answer[0], case.expected[0], f"the origins ({case.name})", hint=hint)
    hint = "rotate K⁻¹ (u, v, 1) into the world with the rotation of world_from_camera"
    what = f"the directions ({case.name})"
    return origins, expect_close(answer[1], case.expected[1], what, hint=hint)


@checks_exercise("world_rays", entrance=True)
def test_one_ray(student: Student, cases: Cases) -> None:
    """One ray of a rotated, translated camera."""
    hint = "a ray starts at the camera: the last column of world_from_camera"
    rays(student, cases.one("world_rays", "one ray"), hint)


@checks_exercise("world_rays")
def test_rays_of_an_image(student: Student, cases: Cases) -> None:
    """All rays of an image under a skewed K, each of length 1."""
    _, directions = rays(student, cases.one("world_rays", "an image"))
    lengths = directions.double().norm(dim=-1)
    hint = "normalise after rotating; z = 1 is not unit length"
    expect_close(
        lengths, torch.ones(5, 7), "the length of the directions", tolerance=1e-5, hint=hint
    )


@checks_exercise("world_rays")
def test_rays_of_many_cameras(student: Student, cases: Cases) -> None:
    """Cameras and pixels broadcast: four cameras, six pixels each; four cameras that share a K."""
    for name in ("four cameras, six pixels", "four cameras of one K"):
        rays(student, cases.one("world_rays", name))


@checks_exercise("world_rays")
def test_rays_reproject(student: Student, cases: Cases) -> None:
    """A point anywhere along a ray projects back to the pixel it came from."""
    case = cases.one("world_rays", "an image")
    answer = expect_tuple(
        student.world_rays(*case.inputs.values()), 2, "world_rays (origins, directions)"
    )
    origins, directions = (
        expect_tensor(x, (5, 7, 3), what).double()
        for x, what in zip(answer, ("origins", "directions"), strict=True)
    )
    pose, K = case.inputs["world_from_camera"].double(), case.inputs["K"].double()
    for distance in (0.7, 4.0):
        camera = (origins + distance * directions - pose[:3, 3]) @ pose[:3, :3]
        expect_true(
            (camera[..., 2] > 0).all(), "rays should leave the camera forwards, not backwards."
        )
        uvw = camera @ K.T
        uv = uvw[..., :2] / uvw[..., 2:]
        expect_close(uv, case.inputs["uv"], "the reprojected uv", tolerance=1e-4)


def rendering(student: Student, case: Case, hint: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Image and depth of a case, compared with the reference; failures carry a picture."""
    answer = student.render_points(*case.inputs.values())
    image, depth = expect_tuple(answer, 2, "render_points (image, depth)")
    true_image, true_depth = case.expected
    try:
        expect_close(image, true_image, f"the image ({case.name})", hint=hint)
    except CheckFailed as failure:
        raise with_picture(failure, true_image, image) from None
    try:
        expect_close(depth, true_depth, f"the depth ({case.name})", tolerance=1e-4, hint=hint)
    except CheckFailed as failure:
        raise with_picture(failure, true_depth, depth) from None
    return image, depth


@checks_exercise("render_points", entrance=True)
def test_render_one(student: Student, cases: Cases) -> None:
    """One point colours one pixel: column ⌊u · width⌋, row ⌊v · height⌋."""
    hint = "the image is `height width 3`: index it [row, column], and round down"
    rendering(student, cases.one("render_points", "one point"), hint)


@checks_exercise("render_points")
def test_render_hidden(student: Student, cases: Cases) -> None:
    """Where several points meet, the nearest is seen, whatever their order."""
    hint = "keep the smallest depth per pixel: scatter_reduce with 'amin', or sort from far to near"
    rendering(student, cases.one("render_points", "hidden points"), hint)


@checks_exercise("render_points")
def test_render_crowds(student: Student, cases: Cases) -> None:
    """Hundreds of points, wide and tall images; depth is z, and infinite where nothing is seen."""
    for name in ("crowd", "tall image"):
        hint = "depth is z in the camera frame of the point that is seen, ∞ in empty pixels"
        rendering(student, cases.one("render_points", name), hint)


@checks_exercise("render_points")
def test_render_behind(student: Student, cases: Cases) -> None:
    """Points behind the camera are not drawn."""
    hint = "dividing by a negative depth mirrors a point into the image: drop it by in_front"
    rendering(student, cases.one("render_points", "half behind the camera"), hint)


@checks_exercise("render_points")
def test_render_outside(student: Student, cases: Cases) -> None:
    """Points beside the image drop out: they neither wrap around nor stick to the border."""
    hint = (
        "keep 0 ≤ u < 1 and 0 ≤ v < 1; an index of −1 is the last pixel, and int() rounds to zero"
    )
    rendering(student, cases.one("render_points", "around the borders"), hint)


@checks_exercise("render_points")
def test_render_background(student: Student, cases: Cases) -> None:
    """The background is white unless told otherwise, and the points' order plays no part."""
    case = cases.one("render_points", "crowd")
    order = torch.arange(len(case.inputs["points"])).flip(0)
    swapped = {k: v[order] if k in ("points", "colors") else v for k, v in case.inputs.items()}
    answer = expect_tuple(student.render_points(*swapped.values(), 0.25), 2, "render_points")
    true_image, true_depth = case.expected
    empty = true_depth.isinf()[..., None]
    expected = torch.where(empty, 0.25, true_image)
    try:
        expect_close(answer[0], expected, "the image on grey, points in reverse order")
    except CheckFailed as failure:
        raise with_picture(failure, expected, answer[0]) from None
