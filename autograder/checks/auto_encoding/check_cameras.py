"""Checks: how far cameras are turned from those of the training, and means in bins."""

from __future__ import annotations

import math
from itertools import pairwise

import torch

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import CheckFailed, expect_close, expect_tensor
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.results import Evidence


def smallest_angles(cameras: torch.Tensor, training: torch.Tensor) -> torch.Tensor:
    """Degrees from each camera to the training camera turned most like it, pair by pair, in float64.

    The relative rotation's axial vector has length 2 sin(angle), its trace is 1 + 2 cos(angle).
    """
    found = []
    for camera in cameras.double():
        angles = []
        for other in training.double():
            R = camera[:3, :3].T @ other[:3, :3]
            axial = [R[2, 1] - R[1, 2], R[0, 2] - R[2, 0], R[1, 0] - R[0, 1]]
            sine, cosine = math.hypot(*map(float, axial)), float(R.trace()) - 1
            angles.append(math.degrees(math.atan2(sine, cosine)))
        found.append(min(angles))
    return torch.tensor(found, dtype=torch.float64)


def turned(student: Student, case: Case, hint: str) -> None:
    """The angles of a case, to a thousandth."""
    answer = student.angle_to_nearest(*case.inputs.values())
    expected = smallest_angles(*case.inputs.values())
    what = f"the angles in degrees ({case.name})"
    expect_close(answer, expected, what, tolerance=1.5e-3, hint=hint)


@checks_exercise("camera_test", entrance=True)
def test_one_training_camera(student: Student, cases: Cases) -> None:
    """angle_to_nearest: five cameras against a single one of the training, in degrees."""
    hint = (
        "the angle of Rᵀ R′, in degrees: its trace is 1 + 2 cos(angle), and the length of R − R′ is "
        "√8 sin(angle / 2)"
    )
    turned(student, cases.one("angle_to_nearest", "one training camera"), hint)


@checks_exercise("camera_test")
def test_nearest_training_camera(student: Student, cases: Cases) -> None:
    """angle_to_nearest: of all training cameras the one that is turned most alike counts."""
    hint = "compare each camera with all of the training, `n m`, and take the smallest angle over m"
    for name in ("nine training cameras", "one camera", "known angles"):
        turned(student, cases.one("angle_to_nearest", name), hint)


@checks_exercise("camera_test")
def test_orientation_alone(student: Student, cases: Cases) -> None:
    """angle_to_nearest: positions do not count, a roll about the optical axis does; half turns are 180°."""
    hint = (
        "take the upper left 3×3 of the poses: all three axes of a camera, and not its position; rounding takes "
        "the sine of half a turn's half beyond 1, where asin is NaN: clamp it"
    )
    for name in ("far away", "rolled", "half turns"):
        turned(student, cases.one("angle_to_nearest", name), hint)


@checks_exercise("camera_test")
def test_training_camera_itself(student: Student, cases: Cases) -> None:
    """angle_to_nearest: the training cameras themselves are at 0, to a hundredth of a degree."""
    case = cases.one("angle_to_nearest", "training cameras")
    answer = expect_tensor(student.angle_to_nearest(*case.inputs.values()), (40,), "the angles")
    if not answer.is_floating_point() or not (answer.double().abs() <= 0.01).all():
        hint = (
            "near 1 the cosine says nothing about small angles, and rounding takes it beyond 1, where acos is "
            "NaN: use the sine of half the angle, or atan2"
        )
        worst = answer.abs().max().item() if answer.isfinite().all() else "NaN or ∞"
        evidence = Evidence("at most 0.01° for each of 40 cameras", f"up to {worst}", hint=hint)
        raise CheckFailed("a training camera is turned against itself.", evidence)


def binned(student: Student, case: Case, hint: str) -> None:
    """The means of a case, NaN where a bin is empty."""
    values, positions, edges = case.inputs.values()
    expected = means(values, positions, edges)
    answer = student.mean_in_bins(values, positions, edges)
    what = f"the means ({case.name})"
    tensor = expect_tensor(answer, tuple(expected.shape), what, hint=hint)
    empty = expected.isnan()
    if (empty & ~tensor.isnan()).any():
        bins = (empty & ~tensor.isnan()).nonzero()[:, 0].tolist()
        seen = ", ".join(f"{tensor[i].item():.4g}" for i in bins)
        evidence = Evidence("NaN", f"{seen} in bin {', '.join(map(str, bins))}", hint=hint)
        raise CheckFailed(f"{what}: bins without a value should give NaN.", evidence)
    expect_close(tensor, expected, what, where=~empty, tolerance=1e-4, hint=hint)


def means(values: torch.Tensor, positions: torch.Tensor, edges: torch.Tensor) -> torch.Tensor:
    """The mean of each bin, by asking every value in turn whether it is inside."""
    ends, found = edges.tolist(), []
    for low, high in pairwise(ends):
        inside = [
            value
            for value, place in zip(values.tolist(), positions.tolist(), strict=True)
            if low <= place < high or place == high == ends[-1]
        ]
        found.append(sum(inside) / len(inside) if inside else math.nan)
    return torch.tensor(found, dtype=torch.float64)


@checks_exercise("camera_test")
def test_means(student: Student, cases: Cases) -> None:
    """mean_in_bins: the mean of each bin, even and uneven; positions beyond all bins do not count."""
    hint = "divide each bin's sum by the number of its own values; the ends do not catch what lies beyond"
    for name in ("three bins", "uneven bins", "beyond all bins", "one bin"):
        binned(student, cases.one("mean_in_bins", name), hint)


@checks_exercise("camera_test")
def test_on_edges(student: Student, cases: Cases) -> None:
    """mean_in_bins: a position on an edge is in the bin above it; on the very last edge, in the last bin."""
    hint = "edges[i] ≤ position < edges[i + 1], and for the last bin also position == edges[-1], with no tolerance"
    binned(student, cases.one("mean_in_bins", "on the edges"), hint)


@checks_exercise("camera_test")
def test_empty_bins(student: Student, cases: Cases) -> None:
    """mean_in_bins: bins without a value give NaN, and an infinite value stays in its own bin."""
    hint = "0 / 0 is the NaN that is wanted; 0 · ∞ is one that is not: torch.where(inside, values, 0.0)"
    for name in ("empty bins", "infinite values", "no values"):
        binned(student, cases.one("mean_in_bins", name), hint)
