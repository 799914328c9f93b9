"""Checks: feature maps lifted into space."""

from __future__ import annotations

import torch

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import (
    CheckFailed,
    describe,
    expect_close,
    expect_tensor,
    expect_true,
    expect_tuple,
)
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.auto_encoding.check_networks import waves
from autograder.checks.auto_encoding.lifted import Lifted, lifted
from autograder.results import Evidence


def lifts(student: Student, case: Case, hint: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Volume and count of a case, compared with an oracle wherever rounding does not decide."""
    features, _, _, points = case.inputs.values()
    answer = student.unproject_features(*case.inputs.values())
    volume, count = expect_tuple(answer, 2, "unproject_features (features, count)")
    known = lifted(*case.inputs.values())
    batch, channels, size = len(features), features.shape[2], points.shape[:3]
    expect_tensor(volume, (batch, channels, *size), f"the features ({case.name})")
    counts(count, known, f"the count ({case.name})", hint)
    where = known.judged[:, None].expand(known.volume.shape)
    what = f"the features ({case.name})"
    expect_close(volume, known.volume, what, tolerance=1e-4, where=where, hint=hint)
    return volume, count


def counts(count: torch.Tensor, known: Lifted, what: str, hint: str) -> None:
    """Whole numbers, and the right ones."""
    tensor = expect_tensor(count, tuple(known.count.shape), what, hint=hint)
    if tensor.is_floating_point() or tensor.is_complex() or tensor.dtype == torch.bool:
        evidence = Evidence("whole numbers (int64)", describe(tensor), hint="sum the booleans")
        raise CheckFailed(f"{what} should hold whole numbers.", evidence)
    expect_close(
        torch.where(known.judged, tensor.long(), known.count), known.count, what, hint=hint
    )


@checks_exercise("unproject_features", entrance=True)
def test_map_of_coordinates(student: Student, cases: Cases) -> None:
    """A map that holds its own uv gives every point in front of it the uv it is seen at."""
    hint = (
        "camera_from_world is the inverse of the pose; grid_sample wants 2 uv − 1, u first, and "
        "align_corners=False, because values lie at pixel centres"
    )
    case = cases.one("unproject_features", "coordinates")
    volume, count = lifts(student, case, hint)
    expect_true((count == 1).all(), "the one view sees all of these points.", hint)
    features, K, poses, points = case.inputs.values()
    height, width = features.shape[-2:]
    pose = poses[0, 0].double()
    camera = (points.double() - pose[:3, 3]) @ pose[:3, :3] @ K[0, 0].double().T
    uv = camera[..., :2] / camera[..., 2:]
    half = torch.tensor([0.5 / width, 0.5 / height], dtype=torch.float64)
    expected = torch.minimum(torch.maximum(uv, half), 1 - half).movedim(-1, 0)[None]
    expect_close(volume, expected, "the uv that the map holds", tolerance=1e-4, hint=hint)


@checks_exercise("unproject_features")
def test_mean_over_views(student: Student, cases: Cases) -> None:
    """Two objects, three views each: the mean over the views that see a point, and their number."""
    hint = "add up what the seeing views read, and divide by their number, not by v"
    lifts(student, cases.one("unproject_features", "three views"), hint)
    lifts(student, cases.one("unproject_features", "maps of one pixel"), hint)


@checks_exercise("unproject_features")
def test_behind_cameras(student: Student, cases: Cases) -> None:
    """Cameras among the points: what is behind a camera is not seen, though it has a uv."""
    hint = (
        "`project` says what is in front: a view sees a point if that holds and uv lies in [0, 1]²"
    )
    lifts(student, cases.one("unproject_features", "cameras among the points"), hint)
    lifts(student, cases.one("unproject_features", "a camera's centre"), hint)


@checks_exercise("unproject_features")
def test_at_the_border(student: Student, cases: Cases) -> None:
    """Up to the edge of the image the border's value counts in full; just outside a point is not seen."""
    hint = "padding_mode='border', and uv < 0 or uv > 1 is not seen"
    lifts(student, cases.one("unproject_features", "at the border"), hint)
    inputs = cases.one("unproject_features", "exactly at the edges").inputs
    answer = student.unproject_features(*inputs.values())
    volume, count = expect_tuple(answer, 2, "unproject_features (features, count)")
    ones = torch.ones(1, 3, 3, 1, dtype=torch.int64)
    what = "the count of points at uv of exactly 0, 1/2 and 1"
    counts(count, Lifted(ones, ones, ones > 0), what, "0 and 1 belong to the image")
    # x runs along the columns of the map, y along its rows, each from the first to the last.
    expected = inputs["features"][0, :, :, :, ::2].permute(0, 1, 3, 2)[..., None]
    what = "the features of points at uv of exactly 0, 1/2 and 1"
    expect_close(volume, expected, what, tolerance=1e-4, hint=hint)


@checks_exercise("unproject_features")
def test_seen_by_nobody(student: Student, cases: Cases) -> None:
    """Where no view sees a point its features are 0, never NaN."""
    hint = "0 / 0 is NaN: divide by count.clamp_min(1)"
    case = cases.one("unproject_features", "seen by nobody")
    volume, count = lifts(student, case, hint)
    expect_true((volume == 0).all() and (count == 0).all(), "nobody sees these points.", hint)


@checks_exercise("unproject_features")
def test_order_of_views(student: Student, cases: Cases) -> None:
    """Views in another order give the same volume."""
    case = cases.one("unproject_features", "three views")
    features, K, poses, points = case.inputs.values()
    order = torch.tensor([2, 0, 1])
    hint = "no view is the first: a sum over views, divided by their number"
    volume, count = lifts(student, case, hint)
    answer = student.unproject_features(features[:, order], K[:, order], poses[:, order], points)
    other, number = expect_tuple(answer, 2, "unproject_features (features, count)")
    expect_close(other, volume, "the features, with views in another order", tolerance=1e-4)
    expect_close(number, count, "the count, with views in another order")


@checks_exercise("unproject_features")
def test_gradient_to_maps(student: Student, cases: Cases) -> None:
    """Gradients reach the four pixels around each projection, in the views that see the point, and no other view."""
    for name in ("three views", "a camera's centre"):
        inputs = tuple(cases.one("unproject_features", name).inputs.values())
        maps = inputs[0].double().requires_grad_()
        with torch.enable_grad():
            known = lifted(maps, *inputs[1:])
            cotangent = waves(*known.volume.shape) * known.judged[:, None]
            (expected,) = torch.autograd.grad((known.volume * cotangent).sum(), maps)
        gradient = student.gradient("unproject_features", inputs, 0, cotangent.float())
        what = f"the gradient with respect to the feature maps ({name})"
        hint = "read bilinearly, and detach nothing; a view that does not see a point learns nothing from it"
        expect_close(gradient, expected, what, tolerance=1e-4, hint=hint)
