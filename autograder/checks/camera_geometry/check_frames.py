"""Checks: homogeneous coordinates, rigid motions, rotations, look-at, camera conventions."""

from __future__ import annotations

import torch

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close, expect_error, expect_tensor, expect_true
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student


def matches(student: Student, case: Case, what: str, hint: str = "") -> torch.Tensor:
    """The student's answer to a case, after comparison with the reference."""
    answer = getattr(student, case.function)(*case.inputs.values())
    return expect_close(answer, case.expected, f"{what} ({case.name})", hint=hint)


@checks_exercise("homogenize", entrance=True)
def test_points_end_in_one(student: Student, cases: Cases) -> None:
    """Points get a fourth coordinate, 1."""
    case = cases.one("homogenize_points", "five points")
    matches(
        student, case, "the homogeneous points", "append a column of ones as the last coordinate"
    )


@checks_exercise("homogenize")
def test_directions_end_in_zero(student: Student, cases: Cases) -> None:
    """Directions get a fourth coordinate, 0: a translation must not move them."""
    case = cases.one("homogenize_directions", "five directions")
    matches(student, case, "the homogeneous directions", "a direction has no place: w = 0")


@checks_exercise("homogenize")
def test_homogenize_any_batch(student: Student, cases: Cases) -> None:
    """Any batch shape and any dimension d: a single vector, a grid, points in the plane."""
    hint = "work on the last dimension (dim=-1) and leave the others alone"
    for case in (*cases("homogenize_points"), *cases("homogenize_directions")):
        matches(student, case, f"{case.function}", hint)
    empty = student.homogenize_points(torch.zeros(0, 3))
    expect_tensor(empty, (0, 4), "homogenize_points of no points", hint=hint)


@checks_exercise("homogenize")
def test_homogenize_keeps_dtype(student: Student, cases: Cases) -> None:
    """The dtype of the input is kept: float64 in, float64 out."""
    hint = "create the new coordinate with ones_like / zeros_like, which copy dtype and device"
    for dtype in (torch.float64, torch.float16):
        for case in (
            cases.one("homogenize_points", "batch"),
            cases.one("homogenize_directions", "batch"),
        ):
            (x,) = case.inputs.values()
            answer = getattr(student, case.function)(x.to(dtype))
            expect_tensor(answer, tuple(case.expected.shape), case.function, dtype=dtype, hint=hint)


@checks_exercise("transform", entrance=True)
def test_one_vector(student: Student, cases: Cases) -> None:
    """One point, rotated and translated."""
    hint = "a matrix acts from the left on column vectors: y = T x, not x T"
    matches(student, cases.one("transform", "one point"), "the transformed point", hint)


@checks_exercise("transform")
def test_directions_stay(student: Student, cases: Cases) -> None:
    """Directions (w = 0) turn but do not move."""
    matches(student, cases.one("transform", "directions"), "the transformed directions")


@checks_exercise("transform")
def test_transform_batches(student: Student, cases: Cases) -> None:
    """Batches pair up: four matrices with four vectors is not a 4×4 matrix product."""
    hint = "add a dimension to x, multiply, and take it away: (T @ x[..., None])[..., 0]"
    for name in ("one matrix, four vectors", "four matrices, four vectors", "general matrices"):
        matches(student, cases.one("transform", name), "the transformed vectors", hint)


@checks_exercise("transform")
def test_transform_broadcasts(student: Student, cases: Cases) -> None:
    """Batch dimensions broadcast: (7, 1) matrices with 3 vectors give (7, 3) results."""
    matches(student, cases.one("transform", "broadcast (7, 1) with (3)"), "the result")


@checks_exercise("invert_rigid", entrance=True)
def test_invert_one(student: Student, cases: Cases) -> None:
    """The inverse of one pose."""
    hint = "the inverse rotation is Rᵀ; the inverse translation is −Rᵀt, not −t"
    matches(student, cases.one("invert_rigid", "one pose"), "the inverse", hint)


@checks_exercise("invert_rigid")
def test_invert_batches(student: Student, cases: Cases) -> None:
    """Poses of any batch shape."""
    for case in cases("invert_rigid"):
        matches(student, case, "the inverse", "transpose the last two dimensions only: .mT")


@checks_exercise("invert_rigid")
def test_invert_composes(student: Student, cases: Cases) -> None:
    """T · T⁻¹ and T⁻¹ · T are the identity."""
    T = cases.one("invert_rigid", "batch").inputs["target_from_source"]
    inverse = student.invert_rigid(T)
    eye = torch.eye(4).expand(5, 4, 4)
    inverse = expect_tensor(inverse, (5, 4, 4), "the inverse").double()
    expect_close(T.double() @ inverse, eye, "T · T⁻¹", tolerance=1e-5)
    expect_close(inverse @ T.double(), eye, "T⁻¹ · T", tolerance=1e-5)


@checks_exercise("invert_rigid")
def test_invert_differentiable(student: Student, cases: Cases) -> None:
    """Gradients flow to the translation: ∂(Σ C ⊙ T⁻¹)/∂t = −R c."""
    T = cases.one("invert_rigid", "batch").inputs["target_from_source"].double()
    cotangent = torch.linspace(-1, 1, 5 * 16, dtype=torch.float64).reshape(5, 4, 4)
    gradient = student.gradient("invert_rigid", (T,), 0, cotangent)
    gradient = expect_tensor(gradient, (5, 4, 4), "the gradient")
    expected = -(T[:, :3, :3] @ cotangent[:, :3, 3:])[..., 0]
    expect_close(gradient[:, :3, 3], expected, "the gradient with respect to t", tolerance=1e-5)


@checks_exercise("rotation_from_axis_angle", entrance=True)
def test_one_rotation(student: Student, cases: Cases) -> None:
    """One ordinary rotation, in the right-handed sense."""
    hint = "check the signs of the cross-product matrix: [w]ₓ v = w × v"
    case = cases.one("rotation_from_axis_angle", "one rotation")
    matches(student, case, "the rotation matrix", hint)


@checks_exercise("rotation_from_axis_angle")
def test_rotation_batches(student: Student, cases: Cases) -> None:
    """Batches of rotations; every result is orthonormal with determinant +1."""
    case = cases.one("rotation_from_axis_angle", "batch")
    rotation = matches(student, case, "the rotations").double()
    eye = torch.eye(3).expand(2, 4, 3, 3)
    expect_close(rotation @ rotation.mT, eye, "R Rᵀ", tolerance=1e-5)
    expect_close(torch.linalg.det(rotation), torch.ones(2, 4), "det R", tolerance=1e-5)


@checks_exercise("rotation_from_axis_angle")
def test_zero_rotation(student: Student, cases: Cases) -> None:
    """The zero vector gives the identity, without NaN, also among others in a batch."""
    hint = "θ = 0 divides by zero: use the series sin θ / θ ≈ 1 − θ²/6 there"
    for name in ("zero", "zeros among others"):
        matches(student, cases.one("rotation_from_axis_angle", name), "the rotation", hint)


@checks_exercise("rotation_from_axis_angle")
def test_tiny_rotations(student: Student, cases: Cases) -> None:
    """Tiny rotations keep their size: R − I is the cross-product matrix, not lost and not NaN."""
    case = cases.one("rotation_from_axis_angle", "tiny")
    rotation = matches(student, case, "the rotations")
    size = case.inputs["axis_angle"].norm(dim=-1)
    turned = (rotation.double() - rotation.double().mT).flatten(-2).norm(dim=-1) / 8**0.5
    expect_close(
        turned[:5] / size[:5], torch.ones(5), "the angle of tiny rotations", tolerance=1e-2
    )


@checks_exercise("rotation_from_axis_angle")
def test_half_turns(student: Student, cases: Cases) -> None:
    """Angles near π and beyond."""
    matches(student, cases.one("rotation_from_axis_angle", "near π"), "the rotations near π")


@checks_exercise("rotation_from_axis_angle")
def test_rotation_gradient_at_zero(student: Student, cases: Cases) -> None:
    """The gradient at zero is exact and finite: an optimiser starts there."""
    hint = (
        "torch.where passes NaN gradients from the branch not taken: "
        "make the angle safe before the square root and the division, not after"
    )
    cotangent = torch.tensor([[0.3, -1.0, 0.7], [2.0, -0.4, 0.9], [-1.3, 0.2, 1.1]])
    C = cotangent
    expected = torch.stack([C[2, 1] - C[1, 2], C[0, 2] - C[2, 0], C[1, 0] - C[0, 1]])
    gradient = student.gradient("rotation_from_axis_angle", (torch.zeros(3),), 0, C)
    expect_close(gradient, expected, "the gradient at w = 0", tolerance=1e-4, hint=hint)


@checks_exercise("rotation_from_axis_angle")
def test_rotation_gradient(student: Student, cases: Cases) -> None:
    """Gradients elsewhere agree with finite differences, in float64."""
    w = cases.one("rotation_from_axis_angle", "one rotation").inputs["axis_angle"].double()
    cotangent = torch.linspace(-1, 1, 9, dtype=torch.float64).reshape(3, 3)
    step = 1e-4 * torch.eye(3, dtype=torch.float64)
    ahead, behind = (student.rotation_from_axis_angle(w + s * step) for s in (1, -1))
    for side in (ahead, behind):
        expect_tensor(side, (3, 3, 3), "the rotations", dtype=torch.float64)
    expected = ((ahead - behind) * cotangent).sum((-2, -1)) / 2e-4
    gradient = student.gradient("rotation_from_axis_angle", (w,), 0, cotangent)
    expect_close(gradient, expected, "the gradient", tolerance=1e-5)


@checks_exercise("look_at", entrance=True)
def test_look_at_one(student: Student, cases: Cases) -> None:
    """One camera: x right, y down, z towards the target, its position in the last column."""
    hint = (
        "columns are the camera's axes in the world: right = forward × up, down = forward × right"
    )
    matches(student, cases.one("look_at", "one camera"), "world_from_camera", hint)


@checks_exercise("look_at")
def test_look_at_general_up(student: Student, cases: Cases) -> None:
    """`up` need be neither of unit length nor perpendicular to the view."""
    hint = "normalise every axis after its cross product"
    for name in ("tilted long up", "camera below the ground"):
        matches(student, cases.one("look_at", name), "world_from_camera", hint)


@checks_exercise("look_at")
def test_look_at_broadcasts(student: Student, cases: Cases) -> None:
    """Five eyes share one target and one up; each sees the target on its optical axis."""
    case = cases.one("look_at", "five eyes, one target")
    pose = matches(student, case, "world_from_camera").double()
    offset = case.inputs["target"].double() - pose[:, :3, 3]
    seen = (pose[:, :3, :3].mT @ offset[..., None])[..., 0]
    expect_close(seen[:, :2], torch.zeros(5, 2), "x and y of the target", tolerance=1e-5)
    expect_true((seen[:, 2] > 0).all(), "the target should lie in front of the camera (z > 0).")


@checks_exercise("look_at")
def test_look_at_degenerate(student: Student, cases: Cases) -> None:
    """An `up` along the view, or an eye on its target, is an error that says so."""
    eye, target = torch.tensor([1.0, 2.0, 3.0]), torch.tensor([0.5, -1.0, 1.0])
    words = ("up", "parallel", "collinear", "degenerate")
    why = "an `up` along the viewing direction"
    for factor in (1.0, -2.0):
        up = factor * (target - eye)
        expect_error(student.look_at, eye, target, up, naming=words, why=why)
    coincidence = ("eye", "target", "same", "coincide", "distance", "identical")
    expect_error(
        student.look_at, eye, eye.clone(), torch.tensor([0.0, 0.0, 1.0]), naming=coincidence,
        why="an eye at its own target",
    )  # fmt: skip


@checks_exercise("convert_camera", entrance=True)
def test_opengl_to_opencv(student: Student, cases: Cases) -> None:
    """OpenGL to OpenCV: y and z of the camera change sign, its position does not."""
    name = "opengl world_from_camera → opencv world_from_camera"
    hint = "flip the camera's axes from the right: world_from_camera @ diag(1, −1, −1, 1)"
    matches(student, cases.one("convert_camera", name), "the converted pose", hint)


@checks_exercise("convert_camera")
def test_all_conventions(student: Student, cases: Cases) -> None:
    """Every pair among OpenCV, OpenGL, PyTorch3D and Blender."""
    for case in cases("convert_camera"):
        if case.name.count("world_from_camera") == 2:
            matches(student, case, "the converted pose")


@checks_exercise("convert_camera")
def test_both_directions(student: Student, cases: Cases) -> None:
    """world_from_camera and camera_from_world, going in and coming out."""
    hint = "bring the pose to world_from_camera first, change axes, then invert if asked"
    for case in cases("convert_camera"):
        if "camera_from_world" in case.name:
            matches(student, case, "the converted pose", hint)


@checks_exercise("convert_camera")
def test_conversion_round_trip(student: Student, cases: Cases) -> None:
    """A batch goes to another convention and comes back unchanged."""
    case = cases.one("convert_camera", "batch")
    there = matches(student, case, "the converted poses")
    pose, source, target = case.inputs.values()
    back = student.convert_camera(there, target, source)
    expect_close(back, pose, "the poses after the round trip", tolerance=1e-5)


@checks_exercise("convert_camera")
def test_unknown_convention(student: Student, cases: Cases) -> None:
    """An unknown convention is a ValueError that names it."""
    pose = cases.one("convert_camera", "batch").inputs["pose"]
    why = "the unknown convention 'maya'"
    for pair in (("maya", "opencv"), ("opencv", "maya")):
        expect_error(student.convert_camera, pose, *pair, naming=("maya",), why=why)
