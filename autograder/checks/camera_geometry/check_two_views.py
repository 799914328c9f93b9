"""Checks: triangulation, epipolar geometry, pose estimation, the puzzle."""

from __future__ import annotations

import math
from typing import Any

import torch

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import (
    CheckFailed,
    describe,
    expect_close,
    expect_error,
    expect_tensor,
    expect_true,
    expect_tuple,
)
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.results import Evidence


def triangulation(student: Student, case: Case, shape: tuple[int, ...]) -> tuple[Any, torch.Tensor]:
    """Points and `reliable` of a case; shapes and finiteness are compared here."""
    answer = expect_tuple(
        student.triangulate(*case.inputs.values()), 2, "triangulate (points, reliable)"
    )
    points = expect_tensor(answer[0], (*shape, 3), f"the points ({case.name})")
    reliable = expect_tensor(answer[1], shape, f"reliable ({case.name})", dtype=torch.bool)
    return points, reliable


@checks_exercise("triangulate", entrance=True)
def test_rays_that_meet(student: Student, cases: Cases) -> None:
    """Two rays that meet: the point where they do."""
    case = cases.one("triangulate", "two rays that meet")
    points, reliable = triangulation(student, case, ())
    hint = "minimise the sum of squared distances to all rays: Σ (I − d dᵀ) x = Σ (I − d dᵀ) o"
    expect_close(points, case.expected[0], "the point", tolerance=1e-3, hint=hint)
    expect_true(reliable, "these two rays meet at a good angle: reliable should be True.")


@checks_exercise("triangulate")
def test_least_squares(student: Student, cases: Cases) -> None:
    """Five rays that almost meet, in a batch: the least-squares point."""
    case = cases.one("triangulate", "five noisy rays, a batch")
    points, reliable = triangulation(student, case, (3, 4))
    hint = "every ray counts equally; measure distance across the ray, not along it"
    expect_close(points, case.expected[0], "the points", tolerance=2e-3, hint=hint)
    expect_true(reliable.all(), "five rays from all sides are reliable.")


@checks_exercise("triangulate")
def test_parallel_rays(student: Student, cases: Cases) -> None:
    """Parallel rays, also in opposite directions, are reported; nothing becomes NaN."""
    hint = "the smallest eigenvalue of Σ (I − d dᵀ) is 0 when all rays are parallel"
    for name, expected in [
        ("parallel", torch.tensor(False)),
        ("opposite", torch.tensor(False)),
        ("one good pair, one parallel pair", torch.tensor([True, False])),
    ]:
        case = cases.one("triangulate", name)
        points, reliable = triangulation(student, case, tuple(expected.shape))
        expect_close(reliable, expected, f"reliable ({name})", hint=hint)
        expect_true(points.isfinite().all(), f"the points hold NaN or infinity ({name}).", hint)
        good = expected[..., None]
        expect_close(points, case.expected[0], f"the points ({name})", where=good, tolerance=5e-3)


@checks_exercise("triangulate")
def test_one_ray_is_not_enough(student: Student, cases: Cases) -> None:
    """A single ray cannot be triangulated: a ValueError says so."""
    inputs = cases.one("triangulate", "two rays that meet").inputs
    words = ("two", "2", "ray", "view", "least")
    origins, directions = inputs["origins"][:1], inputs["directions"][:1]
    why = "a single ray"
    expect_error(student.triangulate, origins, directions, naming=words, why=why)


def up_to_sign(F: Any, expected: torch.Tensor, what: str, tolerance: float, hint: str = "") -> Any:
    """Compare unit-norm matrices that are only defined up to their sign."""
    F = expect_tensor(F, tuple(expected.shape), what, hint=hint)
    sign = torch.sign((F.double() * expected).sum((-2, -1), keepdim=True))
    return expect_close(F.double() * sign, expected, what, tolerance=tolerance, hint=hint)


def random_matches(case: Case) -> tuple[torch.Tensor, torch.Tensor]:
    """Homogeneous uv `40 3` of the same points in both cameras of a case, in float64, made independently."""
    generator = torch.Generator().manual_seed(0)
    points = torch.randn(40, 3, generator=generator, dtype=torch.float64) * 3
    seen = []
    for view in "12":
        pose = case.inputs[f"world_from_camera_{view}"].double()
        camera = (points - pose[:3, 3]) @ pose[:3, :3]
        uvw = camera @ case.inputs[f"K_{view}"].double().T
        seen.append(uvw / uvw.norm(dim=-1, keepdim=True))
    return seen[0], seen[1]


@checks_exercise("fundamental_matrix", entrance=True)
def test_epipolar_constraint(student: Student, cases: Cases) -> None:
    """x₂ᵀ F x₁ = 0 for the two pictures of any point; F is 3×3 and not zero."""
    case = cases.one("fundamental_matrix", "two cameras")
    F = expect_tensor(student.fundamental_matrix(*case.inputs.values()), (3, 3), "F").double()
    expect_true(F.isfinite().all() and 1e-6 < F.norm() < 1e6, "F is zero, huge or not finite.")
    first, second = random_matches(case)
    hint = (
        "F = K₂⁻ᵀ [t]ₓ R K₁⁻¹ with R, t taken from camera_2_from_camera_1; mind which side is which"
    )
    residual = ((second @ (F / F.norm())) * first).sum(-1)
    expect_close(residual, torch.zeros(40), "x₂ᵀ F x₁", tolerance=2e-5, hint=hint)


@checks_exercise("fundamental_matrix")
def test_fundamental_values(student: Student, cases: Cases) -> None:
    """The matrix itself, scaled to Frobenius norm 1."""
    case = cases.one("fundamental_matrix", "two cameras")
    hint = "divide F by its Frobenius norm"
    up_to_sign(student.fundamental_matrix(*case.inputs.values()), case.expected, "F", 1e-4, hint)


@checks_exercise("fundamental_matrix")
def test_fundamental_batch(student: Student, cases: Cases) -> None:
    """One camera against five others; every F has rank 2."""
    case = cases.one("fundamental_matrix", "one camera against five")
    F = up_to_sign(student.fundamental_matrix(*case.inputs.values()), case.expected, "F", 1e-4)
    singular = torch.linalg.svdvals(F)
    expect_true((singular[:, 2] < 1e-4).all(), "F should have rank 2: its determinant is 0.")


def epipolar_error(F: torch.Tensor, uv_1: torch.Tensor, uv_2: torch.Tensor) -> float:
    """Root mean square distance of the points of both pictures from their epipolar lines."""
    one = torch.ones(len(uv_1), 1, dtype=torch.float64)
    x, y = torch.cat([uv_1.double(), one], -1), torch.cat([uv_2.double(), one], -1)
    lines_2, lines_1 = x @ F.T, y @ F
    cross = (y * lines_2).sum(-1).abs()
    distances = [cross / line[:, :2].norm(dim=-1).clamp_min(1e-12) for line in (lines_1, lines_2)]
    return float(torch.stack(distances).square().mean().sqrt())


def estimated(student: Student, case: Case) -> torch.Tensor:
    """The student's F for a case in float64, after checks of shape, norm and finiteness."""
    F = expect_tensor(
        student.eight_point(*case.inputs.values()), (3, 3), f"F ({case.name})"
    ).double()
    expect_true(F.isfinite().all(), f"F holds NaN or infinity ({case.name}).")
    expect_close(F.norm(), torch.ones(()), f"the norm of F ({case.name})", tolerance=1e-4)
    return F


def expect_accurate(F: torch.Tensor, case: Case, factor: float, floor: float, hint: str) -> None:
    """The epipolar error on the noiseless points may be `factor` times the reference's, plus a floor."""
    clean = (case.truth["clean_1"], case.truth["clean_2"])
    scale = float(case.truth["scale"])
    error, reference = (epipolar_error(M, *clean) / scale for M in (F, case.expected))
    if not error <= factor * reference + floor:
        message = (
            f"matches lie {error:.2g} of the image away from their epipolar lines ({case.name})."
        )
        limit = f"at most {factor * reference + floor:.2g}"
        raise CheckFailed(message, Evidence(limit, f"{error:.2g}", hint=hint))


@checks_exercise("eight_point", entrance=True)
def test_exact_matches(student: Student, cases: Cases) -> None:
    """Thirty exact matches: every point lies on its epipolar line, and x₂ stands on the left."""
    case = cases.one("eight_point", "exact matches")
    hint = (
        "each match gives one row of A f = 0 from x₂ᵀ F x₁ = 0; f is the last right singular vector"
    )
    expect_accurate(estimated(student, case), case, 1.0, 1e-3, hint)


@checks_exercise("eight_point")
def test_rank_two(student: Student, cases: Cases) -> None:
    """F has rank 2 even when the matches are noisy: all epipolar lines meet in the epipole."""
    case = cases.one("eight_point", "noisy matches")
    singular = torch.linalg.svdvals(estimated(student, case))
    hint = "set the smallest singular value to 0 before undoing the normalisation"
    expect_true(
        singular[2] < 1e-5, f"the smallest singular value is {float(singular[2]):.1e}.", hint
    )
    expect_true(singular[1] > 1e-8, "F has rank 1: too many singular values were dropped.", hint)


@checks_exercise("eight_point")
def test_noisy_matches(student: Student, cases: Cases) -> None:
    """Under noise, F is as accurate as the normalised eight-point algorithm's."""
    hint = (
        "normalise first: centroid at 0, mean distance √2, in each picture by itself (Hartley 1997)"
    )
    case = cases.one("eight_point", "noisy matches")
    expect_accurate(estimated(student, case), case, 1.3, 2e-4, hint)


@checks_exercise("eight_point")
def test_pixel_units(student: Student, cases: Cases) -> None:
    """The unit of the coordinates does not matter: pixels work as well as uv."""
    hint = "coordinates in the hundreds ruin the conditioning unless they are normalised"
    case = cases.one("eight_point", "noisy matches in pixels")
    expect_accurate(estimated(student, case), case, 1.3, 2e-4, hint)


@checks_exercise("eight_point")
def test_minimal_and_too_few(student: Student, cases: Cases) -> None:
    """Eight matches are enough; seven are a ValueError that says how many are needed."""
    case = cases.one("eight_point", "eight matches")
    hint = "with eight matches A has more columns than rows: take the full set of singular vectors"
    expect_accurate(estimated(student, case), case, 1.0, 5e-3, hint)
    few = [uv[:7] for uv in case.inputs.values()]
    expect_error(student.eight_point, *few, naming=("8", "eight"), why="seven matches")


def expect_pose(student: Student, case: Case, degrees: float, share: float) -> None:
    """The estimated pose must be rigid and within these bounds of the true one."""
    pose = student.estimate_pose(*case.inputs.values())
    pose = expect_tensor(pose, (4, 4), f"world_from_camera ({case.name})").double()
    rotation, truth = pose[:3, :3], case.truth["pose"].double()
    expect_close(rotation @ rotation.T, torch.eye(3), "R Rᵀ", tolerance=1e-3)
    expect_close(pose[3], torch.tensor([0.0, 0.0, 0.0, 1.0]), "the last row", tolerance=1e-5)
    expect_true(torch.linalg.det(rotation) > 0, "R is a reflection (det R = −1), not a rotation.")
    cosine = ((rotation.T @ truth[:3, :3]).diagonal().sum() - 1) / 2
    angle = math.degrees(math.acos(max(-1.0, min(1.0, float(cosine)))))
    shift = float((pose[:3, 3] - truth[:3, 3]).norm() / truth[:3, 3].norm())
    if not (angle <= degrees and shift <= share):
        message = f"the pose is off by {angle:.2f}° and {100 * shift:.2f} % of its distance ({case.name})."
        hint = "follow the loss: does it still fall at the end, or did it diverge at the start?"
        limit = f"at most {degrees}° and {100 * share:.1f} %"
        raise CheckFailed(
            message, Evidence(limit, f"{angle:.2f}° and {100 * shift:.2f} %", hint=hint)
        )


@checks_exercise("estimate_pose", entrance=True)
def test_pose_from_nearby(student: Student, cases: Cases) -> None:
    """From a start 5° away, the true pose is found."""
    expect_pose(student, cases.one("estimate_pose", "from 5° away"), 1.0, 0.02)


@checks_exercise("estimate_pose")
def test_pose_from_noise(student: Student, cases: Cases) -> None:
    """From 30° away with noisy image points."""
    expect_pose(student, cases.one("estimate_pose", "from 30° away, noisy"), 1.0, 0.02)


@checks_exercise("estimate_pose")
def test_pose_from_afar(student: Student, cases: Cases) -> None:
    """From 50° away."""
    expect_pose(student, cases.one("estimate_pose", "from 50° away"), 1.0, 0.02)


@checks_exercise("estimate_pose")
def test_pose_from_afar_again(student: Student, cases: Cases) -> None:
    """From 50° away about another axis."""
    case = cases.one("estimate_pose", "from 50° away about another axis")
    expect_pose(student, case, 1.0, 0.02)


def expect_convention(student: Student, case: Case) -> None:
    """The student's (axes, maps) for a puzzle."""
    answer = expect_tuple(
        student.find_convention(*case.inputs.values()), 2, "find_convention (axes, maps)"
    )
    if not all(isinstance(part, str) for part in answer):
        raise CheckFailed("axes and maps should be two strings.", Evidence(actual=describe(answer)))
    truth = (case.truth["axes"], case.truth["maps"])
    if answer[1] != truth[1]:
        message = f"the matrices map the other way round ({case.name})."
        hint = "try both readings of the 4×4 matrices and compare your pictures with the given ones"
        raise CheckFailed(message, Evidence(truth[1], answer[1][:40], hint=hint))
    if answer[0] != truth[0]:
        message = f"the camera's axes are not {answer[0][:20]!r} ({case.name})."
        hint = "turn the axes to OpenCV's from the right of world_from_camera, render, compare"
        raise CheckFailed(message, Evidence(str(truth[0]), answer[0][:40], hint=hint))


@checks_exercise("find_convention", entrance=True)
def test_first_puzzle(student: Student, cases: Cases) -> None:
    """The convention of a first unknown camera maker."""
    expect_convention(student, cases.one("find_convention", "first camera maker"))


@checks_exercise("find_convention")
def test_more_puzzles(student: Student, cases: Cases) -> None:
    """And of two more: a fixed guess is not enough."""
    for name in ("second camera maker", "third camera maker"):
        expect_convention(student, cases.one("find_convention", name))
