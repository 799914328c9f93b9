"""Checks: rasterisation and shading."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

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


def check_picture(student: Student, case: Case, hint: str) -> tuple[Tensor, Tensor, Tensor]:
    """Depth, barycentrics and face of a case on the pixels that are no close call; a picture of the depth."""
    answer = student.rasterize(*case.inputs.values())
    depth, barycentrics, face = expect_tuple(answer, 3, "rasterize (depth, barycentrics, face)")
    judged = case.truth["judged"]
    shown = _depth(depth, case, hint)
    _faces(face, case, hint)
    hint = (
        "weights of the corners in 3D: those of the picture, divided by depth and normalised again"
    )
    expect_close(
        barycentrics, case.truth["barycentrics"], f"barycentrics ({case.name})",
        tolerance=2e-3, where=judged[..., None], hint=hint,
    )  # fmt: skip
    return shown, barycentrics, face


def _depth(depth: Any, case: Case, hint: str) -> Tensor:
    expected, judged = case.truth["depth"], case.truth["judged"]
    shown = expect_tensor(depth, tuple(expected.shape), f"depth ({case.name})", hint=hint)
    try:
        return expect_close(
            shown, expected, f"depth ({case.name})", tolerance=5e-4, where=judged, hint=hint
        )
    except CheckFailed as failure:
        # ∞ as 0: the difference of two infinities is not 0.
        right, yours = (torch.where(x.isfinite(), x, 0.0) for x in (expected, shown))
        raise with_picture(failure, right, yours) from None


def _faces(face: Any, case: Case, hint: str) -> None:
    expected, judged = case.truth["face"], case.truth["judged"]
    what = f"face ({case.name})"
    found = expect_tensor(face, tuple(expected.shape), what, hint=hint)
    whole = not found.is_floating_point() and found.dtype != torch.bool
    expect_true(whole, f"{what} has dtype {found.dtype}; indices are whole numbers.")
    expect_close(torch.where(judged, found.long(), expected), expected, what, hint=hint)


@checks_exercise("rasterize", entrance=True)
def test_one_triangle(student: Student, cases: Cases) -> None:
    """One slanted triangle in a picture of 6 rows and 9 columns."""
    hint = "cast a ray through each pixel's centre; depth is z, not the length of the ray"
    check_picture(student, cases.one("rasterize", "one triangle"), hint)


@checks_exercise("rasterize")
def test_both_windings(student: Student, cases: Cases) -> None:
    """Triangles are seen from both sides: clockwise corners and anticlockwise ones."""
    hint = "inside, all three edge functions have the same sign: either of them"
    check_picture(student, cases.one("rasterize", "both windings"), hint)


@checks_exercise("rasterize")
def test_crowds(student: Student, cases: Cases) -> None:
    """Dozens of triangles and hundreds, wide and tall pictures; where they overlap or cross, the nearest is seen."""
    hint = "keep the nearest triangle pixel by pixel; `face` counts from 0, −1 is the background"
    for name in ("a crowd", "a tall image", "triangles that cross", "hundreds of triangles"):
        check_picture(student, cases.one("rasterize", name), hint)


@checks_exercise("rasterize")
def test_perspective(student: Student, cases: Cases) -> None:
    """The barycentrics lead back to the pixel: Σ barycentrics · corners lies on its ray, at its depth."""
    case = cases.one("rasterize", "a crowd")
    answer = student.rasterize(*case.inputs.values())
    _, barycentrics, _ = expect_tuple(answer, 3, "rasterize (depth, barycentrics, face)")
    height, width = case.inputs["resolution"]
    weights = expect_tensor(barycentrics, (height, width, 3), "barycentrics").double()
    kept = case.truth["judged"] & (case.truth["face"] >= 0)
    corners = case.inputs["vertices"].double()[case.inputs["faces"]][case.truth["face"][kept]]
    pose = case.inputs["world_from_camera"].double()
    camera = ((weights[kept][..., None] * corners).sum(-2) - pose[:3, 3]) @ pose[:3, :3]
    hint = "straight lines stay straight in a picture, but equal steps do not stay equal"
    what = "z of Σ barycentrics · corners"
    expect_close(camera[:, 2], case.truth["depth"][kept], what, tolerance=2e-3, hint=hint)
    uvw = camera @ case.inputs["K"].double().T
    row, column = kept.nonzero().double().unbind(-1)
    uv = torch.stack([(column + 0.5) / width, (row + 0.5) / height], -1)
    what = "uv of Σ barycentrics · corners"
    expect_close(uvw[:, :2] / uvw[:, 2:], uv, what, tolerance=2e-3, hint=hint)


@checks_exercise("rasterize")
def test_near_plane(student: Student, cases: Cases) -> None:
    """Triangles that reach behind the camera are cut, not dropped and not mirrored; so are those closer than `near`."""
    hint = "a corner behind the camera has no place in the picture: work with rays, or cut the triangle"
    check_picture(student, cases.one("rasterize", "behind the camera"), hint)
    hint = "cut away what is closer than `near`, pixel by pixel: what lies behind it shows"
    check_picture(student, cases.one("rasterize", "the near plane"), hint)


@checks_exercise("rasterize")
def test_nothing_to_see(student: Student, cases: Cases) -> None:
    """A triangle without area is not seen, and an empty scene is all background."""
    case = cases.one("rasterize", "no triangle at all")
    check_picture(student, case, "two corners in one place: leave out where the area is 0")
    vertices, _, K, pose, resolution, near = case.inputs.values()
    none = torch.zeros(0, 3, dtype=torch.long)
    answer = student.rasterize(vertices, none, K, pose, resolution, near)
    depth, barycentrics, face = expect_tuple(answer, 3, "rasterize (depth, barycentrics, face)")
    background = torch.full(resolution, torch.inf)
    expect_close(depth, background, "depth (no faces)", hint="start from ∞ everywhere")
    expect_close(barycentrics, torch.zeros(*resolution, 3), "barycentrics (no faces)")
    expect_close(face, torch.full(resolution, -1), "face (no faces)")


def check_colors(student: Student, case: Case, hint: str) -> Tensor:
    """The colours of a case against the reference, with a picture where they form an image."""
    try:
        return matches(student, case, "the colours", hint)
    except CheckFailed as failure:
        expected = case.expected
        if expected.ndim != 3:
            raise
        answer = student.shade(*case.inputs.values())
        raise with_picture(failure, expected, answer) from None


@checks_exercise("shade", entrance=True)
def test_one_lit_point(student: Student, cases: Cases) -> None:
    """One point in the light: ambient, diffuse, and a highlight."""
    hint = "albedo · (ambient + (1 − ambient) · n·l) + specular · (n·h)^shininess"
    check_colors(student, cases.one("shade", "one point"), hint)


@checks_exercise("shade")
def test_lambert(student: Student, cases: Cases) -> None:
    """Without highlights: Lambert's law, and ambient light alone where the light is behind the surface."""
    hint = "max(0, n·l): a surface is lit from its outside only"
    for name in ("a matt ball", "without highlights"):
        check_colors(student, cases.one("shade", name), hint)


@checks_exercise("shade")
def test_highlights(student: Student, cases: Cases) -> None:
    """Highlights are Blinn's: the unit vector halfway between light and eye, in the light's own colour."""
    hint = (
        "h = F.normalize(to_light + to_eye, dim=-1); the highlight is not multiplied by the albedo"
    )
    for name in ("a shiny ball", "broad highlights", "any light"):
        check_colors(student, cases.one("shade", name), hint)


@checks_exercise("shade")
def test_dark_side(student: Student, cases: Cases) -> None:
    """No highlight where the light is behind the surface, although n·h may be positive there; nor where n·h < 0."""
    case = cases.one("shade", "the dark side")
    hint = "add the highlight only where n·l > 0"
    colors = check_colors(student, case, hint)
    dark = case.inputs["ambient"] * case.inputs["albedo"]
    expect_close(colors, dark, "the colours on the dark side", hint=hint)
    hint = "max(0, n·h): an even power makes negative numbers positive"
    check_colors(student, cases.one("shade", "an eye behind the surface"), hint)


@checks_exercise("shade")
def test_clamped(student: Student, cases: Cases) -> None:
    """Bright colours end at 1, and a light right behind the point it shines on gives no NaN."""
    hint = "clamp the sum of all terms to [0, 1]"
    check_colors(student, cases.one("shade", "bright"), hint)
    normals, light, *rest = cases.one("shade", "broad highlights").inputs.values()
    colors = student.shade(normals, light, -light, *rest[1:])
    colors = expect_tensor(colors, (24, 3), "the colours")
    hint = "to_light + to_eye may be 0, and 0 / 0 is NaN: F.normalize knows that"
    expect_true(colors.isfinite().all(), "the eye opposite to the light gives NaN.", hint)


@checks_exercise("shade")
def test_shade_broadcasts(student: Student, cases: Cases) -> None:
    """An image of normals, a light for each row, an eye for each column, one albedo."""
    hint = "sum over the last dimension with keepdim=True, and let the rest broadcast"
    check_colors(student, cases.one("shade", "an image"), hint)


@checks_exercise("shade")
def test_shade_gradient(student: Student, cases: Cases) -> None:
    """Gradients flow to albedo and normals: colours follow both as the formula says."""
    inputs = tuple(cases.one("shade", "broad highlights").inputs.values())
    normals, light, eye, albedo = (x.double() for x in inputs[:4])
    ambient, specular, shininess = inputs[4:]
    lambert = (normals * light).sum(-1, keepdim=True)
    expected = (ambient + (1 - ambient) * lambert.clamp_min(0)).expand(albedo.shape)
    gradient = student.gradient("shade", inputs, 3)
    expect_close(gradient, expected, "the gradient with respect to albedo", tolerance=1e-4)

    half = (light + eye) / (light + eye).norm(dim=-1, keepdim=True)
    cosine = (normals * half).sum(-1, keepdim=True)
    highlight = 3 * specular * shininess * cosine.clamp_min(0) ** (shininess - 1) * half
    expected = (1 - ambient) * albedo.sum(-1, keepdim=True) * light + highlight
    lit = (lambert > 0.01) & (cosine > 0.01)  # elsewhere the slope jumps
    hint = "normals change both the diffuse term and the highlight: detach neither"
    gradient = student.gradient("shade", inputs, 0)
    what = "the gradient with respect to normals"
    expect_close(gradient, expected, what, tolerance=1e-3, where=lit, hint=hint)
