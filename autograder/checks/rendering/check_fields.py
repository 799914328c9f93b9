"""Checks: the positional encoding, voxel grids, three planes and hybrid fields."""

from __future__ import annotations

import math

import torch

from autograder.checking.cases import Case, Cases
from autograder.checking.expect import expect_close, expect_tensor
from autograder.checking.given import Given, given
from autograder.checking.runner import checks_exercise
from autograder.checking.student import Student
from autograder.checks.camera_geometry.check_frames import matches
from autograder.checks.rendering.grids import interpolated, three_planes


@checks_exercise("positional_encoding", entrance=True)
def test_encoding(student: Student, cases: Cases) -> None:
    """Points in the plane, three octaves: 12 numbers each."""
    hint = (
        "for each coordinate in turn sin(πx), cos(πx), sin(2πx), cos(2πx), sin(4πx), …; "
        "the coordinates themselves are not part of the result"
    )
    case = cases.one("positional_encoding", "five points in the plane")
    matches(student, case, "the encoding", hint)


@checks_exercise("positional_encoding")
def test_order_of_features(student: Student, cases: Cases) -> None:
    """Coordinate by coordinate, octave by octave, the sine before the cosine."""
    x, octaves = cases.one("positional_encoding", "one point").inputs.values()
    listed: list[float] = []
    for coordinate in x.tolist():
        for octave in range(octaves):
            angle = 2**octave * math.pi * coordinate
            listed += [math.sin(angle), math.cos(angle)]
    hint = "stack sine and cosine along a new last dimension, then flatten the last three: (d, octaves, 2)"
    expected = torch.tensor(listed, dtype=torch.float64)
    answer = student.positional_encoding(x, octaves)
    expect_close(answer, expected, "the encoding of one point", hint=hint)


@checks_exercise("positional_encoding")
def test_encoding_of_any_shape(student: Student, cases: Cases) -> None:
    """Any batch shape, one coordinate, one octave."""
    hint = "work on the last dimension and leave the others alone: flatten(-3), not reshape(n, -1)"
    for name in ("a batch of batches", "one octave", "one coordinate"):
        matches(student, cases.one("positional_encoding", name), "the encoding", hint)


@checks_exercise("positional_encoding")
def test_many_octaves(student: Student, cases: Cases) -> None:
    """Ten octaves: each frequency is twice the one before."""
    case = cases.one("positional_encoding", "ten octaves")
    x, octaves = case.inputs.values()
    hint = "frequencies double: 2.0 ** torch.arange(octaves), not torch.arange(octaves)"
    answer = student.positional_encoding(x, octaves)
    what = "the encoding (ten octaves)"  # angles of 1600 carry the rounding of float32
    expect_close(answer, case.expected, what, tolerance=2e-3, hint=hint)


@checks_exercise("positional_encoding")
def test_encoding_slope(student: Student, cases: Cases) -> None:
    """Gradients flow back to the points: the slope of sin(2ᵏπx) is 2ᵏπ cos(2ᵏπx)."""
    x, octaves = cases.one("positional_encoding", "five points in the plane").inputs.values()
    frequencies = torch.tensor([math.pi, 2 * math.pi, 4 * math.pi], dtype=torch.float64)
    cotangent = torch.cos(torch.arange(5 * 12, dtype=torch.float64)).reshape(5, 2, 3, 2)
    angle = x.double()[..., None] * frequencies
    slope = torch.stack([angle.cos(), -angle.sin()], -1) * frequencies[:, None]
    expected = (slope * cotangent).sum((-1, -2))
    weights = cotangent.reshape(5, 12).float()
    gradient = student.gradient("positional_encoding", (x, octaves), 0, weights)
    expect_close(gradient, expected, "the gradient", tolerance=1e-4)


@checks_exercise("voxel_field", entrance=True)
def test_grid_of_coordinates(student: Student, cases: Cases) -> None:
    """A grid that holds x, y and z at its nodes gives every point its own coordinates."""
    hint = (
        "the grid is `c x y z`; grid_sample wants coordinates from the last dimension to the first "
        "(z, y, x): flip them; with align_corners=True the outermost nodes lie on ±1"
    )
    case = cases.one("voxel_field", "coordinates")
    matches(student, case, "the field", hint)
    answer = student.voxel_field(*case.inputs.values())
    expect_close(answer, case.inputs["points"], "the coordinates", tolerance=1e-5, hint=hint)


@checks_exercise("voxel_field")
def test_nodes(student: Student, cases: Cases) -> None:
    """At a node the field is exactly the value there, on the faces too."""
    case = cases.one("voxel_field", "nodes")
    values = case.inputs["grid"].movedim(0, -1)
    hint = "node i of n lies at −1 + 2i/(n − 1): align_corners=True; mind which dimension is which"
    answer = student.voxel_field(*case.inputs.values())
    expect_close(answer, values, "the field at the nodes", tolerance=1e-5, hint=hint)


@checks_exercise("voxel_field")
def test_between_nodes(student: Student, cases: Cases) -> None:
    """Between nodes all eight corners count, whatever the batch shape and the number of channels."""
    hint = "eight corners, weighted by how near they are along each axis (mode='bilinear')"
    for name in ("anywhere", "one point", "one channel", "two nodes"):
        case = cases.one("voxel_field", name)
        answer = matches(student, case, "the field", hint)
        expect_close(answer, interpolated(**case.inputs), f"the field ({name})", hint=hint)


@checks_exercise("voxel_field")
def test_beyond_the_faces(student: Student, cases: Cases) -> None:
    """Outside the cube the nearest point of the cube decides, not zero."""
    case = cases.one("voxel_field", "beyond the faces")
    hint = "clamp the points to [−1, 1], or padding_mode='border'"
    matches(student, case, "the field outside", hint)
    expect_close(
        student.voxel_field(*case.inputs.values()), interpolated(**case.inputs), "the field outside"
    )


@checks_exercise("voxel_field")
def test_gradient_to_corners(student: Student, cases: Cases) -> None:
    """The gradient reaches the eight nodes around each point, each with its share, and the points themselves."""
    grid, points = cases.one("voxel_field", "one point").inputs.values()
    cotangent = torch.cos(torch.arange(4.0))
    hint = "interpolate from all eight corners, without .detach() and without rounding the points"
    for index, name in enumerate(("the grid", "the points")):
        gradient = student.gradient("voxel_field", (grid, points), index, cotangent)
        expected = _gradient_of_loops(grid, points, index, cotangent)
        what = f"the gradient with respect to {name}"
        expect_close(gradient, expected, what, tolerance=1e-4, hint=hint)


def _gradient_of_loops(
    grid: torch.Tensor, points: torch.Tensor, index: int, cotangent: torch.Tensor
) -> torch.Tensor:
    leaves = (grid.double().requires_grad_(), points.double().requires_grad_())
    with torch.enable_grad():
        total = (interpolated(*leaves) * cotangent).sum()
        return torch.autograd.grad(total, leaves[index])[0]


@checks_exercise("hybrid_field", entrance=True)
def test_planes_of_coordinates(student: Student, cases: Cases) -> None:
    """triplane_field: planes that hold their own coordinates give (x, y), (x, z) and (y, z)."""
    case = cases.one("triplane_field", "coordinates")
    hint = (
        "planes[p, :, i, j]: i runs along the first named axis; grid_sample wants the last "
        "dimension's coordinate first"
    )
    answer = matches(student, case, "triplane_field", hint)
    x, y, z = case.inputs["points"].unbind(-1)
    expected = torch.stack([x, y, x, z, y, z], -1)
    expect_close(
        answer, expected, "the coordinates that the planes hold", tolerance=1e-5, hint=hint
    )


@checks_exercise("hybrid_field")
def test_sum_of_planes(student: Student, cases: Cases) -> None:
    """triplane_field: the sum of three bilinear look-ups, for any batch of points."""
    hint = "add the three look-ups: no product, no mean, no concatenation"
    for name in ("anywhere", "one point", "nodes"):
        case = cases.one("triplane_field", name)
        answer = matches(student, case, "triplane_field", hint)
        expect_close(answer, three_planes(**case.inputs), f"triplane_field ({name})", hint=hint)


@checks_exercise("hybrid_field")
def test_beyond_the_cube(student: Student, cases: Cases) -> None:
    """triplane_field: outside the cube the nearest point of the cube decides."""
    hint = "padding_mode='border'; the outermost nodes lie on ±1: align_corners=True"
    matches(student, cases.one("triplane_field", "beyond the faces"), "triplane_field", hint)


@checks_exercise("hybrid_field")
def test_hybrid_composes(student: Student, cases: Cases) -> None:
    """hybrid_field: the decoder reads the features, and its output alone is the result."""
    hint = "decoder(triplane_field(planes, points)): nothing is added, and the decoder sees no coordinates"
    for case in cases("hybrid_field"):
        planes, points = case.inputs.values()
        decoder = _decoder(case, outputs=3)
        expected = decoder(three_planes(planes, points))
        answer = student.hybrid_field(planes, decoder, points)
        expect_close(answer, expected, f"hybrid_field ({case.name})", tolerance=1e-4, hint=hint)
    wide = _decoder(case, outputs=7)
    answer = student.hybrid_field(planes, wide, points)
    expect_tensor(answer, (7,), "hybrid_field with a decoder of 7 outputs", hint=hint)


@checks_exercise("hybrid_field")
def test_hybrid_learns(student: Student, cases: Cases) -> None:
    """hybrid_field: gradients reach all three planes through the decoder, and the points."""
    case = cases.one("hybrid_field", "three features")
    planes, points = case.inputs.values()
    decoder = _decoder(case, outputs=2)
    cotangent = torch.cos(torch.arange(12.0)).reshape(6, 2)
    leaves = (planes.double().requires_grad_(), points.double().requires_grad_())
    with torch.enable_grad():
        total = (decoder(three_planes(*leaves)) * cotangent).sum()
        expected = torch.autograd.grad(total, leaves)
    for index, (wrt, what) in enumerate([(0, "the planes"), (2, "the points")]):
        gradient = student.gradient("hybrid_field", (planes, decoder, points), wrt, cotangent)
        name = f"the gradient with respect to {what}"
        hint = "add the three look-ups, decode the sum once, and detach nothing on the way"
        expect_close(gradient, expected[index], name, tolerance=2e-4, hint=hint)


def _decoder(case: Case, outputs: int) -> Given:
    channels = case.inputs["planes"].shape[1]
    return given("course_lib.given.fields:waves_of_features", inputs=channels, outputs=outputs)
