"""Meshes of analytic surfaces: closed, oriented, where they belong, and loud about bad grids."""

from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from course_lib.meshing import mesh_from_sdf

LOW, HIGH = (-1.0, -0.9, -1.1), (1.1, 1.2, 1.0)  # off centre, another step along each axis
NODES = (34, 29, 41)


def nodes(shape: tuple[int, int, int] = NODES) -> Tensor:
    axes = [
        torch.linspace(low, high, count, dtype=torch.float64)
        for low, high, count in zip(LOW, HIGH, shape, strict=True)
    ]
    return torch.stack(torch.meshgrid(*axes, indexing="ij"), dim=-1)


def ball(x: Tensor, radius: float = 0.7) -> Tensor:
    return x.norm(dim=-1) - radius


def ring(x: Tensor, large: float = 0.6, small: float = 0.22) -> Tensor:
    return torch.hypot(x[..., :2].norm(dim=-1) - large, x[..., 2]) - small


def mesh(values: Tensor) -> tuple[Tensor, Tensor]:
    return mesh_from_sdf(values, LOW, HIGH)


def volume(vertices: Tensor, faces: Tensor) -> float:
    a, b, c = vertices[faces].unbind(dim=1)
    return float((a * torch.linalg.cross(b, c)).sum() / 6)


def euler_characteristic(vertices: Tensor, faces: Tensor) -> int:
    edges = torch.cat([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]).sort(-1).values
    return len(vertices) - len(torch.unique(edges, dim=0)) + len(faces)


def assert_closed(vertices: Tensor, faces: Tensor) -> None:
    """Every directed edge has exactly one partner that runs the other way: closed and oriented."""
    edges = torch.cat([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    forth = torch.sort(edges[:, 0] * len(vertices) + edges[:, 1]).values
    back = torch.sort(edges[:, 1] * len(vertices) + edges[:, 0]).values
    assert torch.equal(forth, back)
    assert len(torch.unique(forth)) == len(forth), "an edge is used twice in one direction"


@pytest.mark.parametrize(("surface", "characteristic"), [(ball, 2), (ring, 0)])
def test_a_surface_is_closed_and_has_its_genus(surface, characteristic) -> None:  # type: ignore[no-untyped-def]
    vertices, faces = mesh(surface(nodes()))
    assert_closed(vertices, faces)
    assert euler_characteristic(vertices, faces) == characteristic
    assert faces.dtype == torch.int64
    assert torch.equal(torch.unique(faces), torch.arange(len(vertices))), "every vertex is used"
    assert len(torch.unique(vertices, dim=0)) == len(vertices), "no vertex is there twice"


@pytest.mark.parametrize(
    ("surface", "expected"),
    [(ball, 4 / 3 * math.pi * 0.7**3), (ring, 2 * math.pi**2 * 0.6 * 0.22**2)],
)
def test_vertices_lie_on_the_surface_and_enclose_its_volume(surface, expected) -> None:  # type: ignore[no-untyped-def]
    vertices, faces = mesh(surface(nodes()))
    assert float(surface(vertices).abs().max()) < 0.0075  # diagonal² / (8 · radius)
    assert volume(vertices, faces) == pytest.approx(expected, rel=0.03)


def test_the_error_falls_with_the_square_of_the_step() -> None:
    errors = [float(ball(mesh(ball(nodes((n, n, n))))[0]).abs().max()) for n in (12, 24, 48)]
    assert errors[0] > 3 * errors[1] > 9 * errors[2]


def test_face_normals_point_outwards() -> None:
    vertices, faces = mesh(ring(nodes()))
    a, b, c = vertices[faces].unbind(dim=1)
    normals = torch.linalg.cross(b - a, c - a)
    centers = (a + b + c) / 3
    centers.requires_grad_(True)
    (gradient,) = torch.autograd.grad(ring(centers).sum(), centers)
    cosines = (normals * gradient).sum(-1) / normals.norm(dim=-1)
    assert float(cosines.min()) > 0.2  # slivers, where the surface passes close to a node
    assert float(cosines.mean()) > 0.98


def test_a_plane_is_exact() -> None:
    direction = torch.tensor([0.48, -0.6, 0.64], dtype=torch.float64)
    vertices, _ = mesh(nodes() @ direction - 0.13)
    cell = torch.tensor([high - low for low, high in zip(LOW, HIGH, strict=True)]) / (
        torch.tensor(NODES) - 1
    )
    away = (vertices > torch.tensor(LOW) + 1.01 * cell) & (
        vertices < torch.tensor(HIGH) - 1.01 * cell
    )
    inner = vertices[away.all(dim=-1)]  # the cap lies in the outermost cells
    assert len(inner) > 1000
    assert float((inner @ direction - 0.13).abs().max()) < 1e-4


def test_a_surface_that_leaves_the_grid_is_capped_inside_the_box() -> None:
    vertices, faces = mesh(ball(nodes(), radius=1.2))
    assert_closed(vertices, faces)
    assert euler_characteristic(vertices, faces) == 2
    assert bool((vertices > torch.tensor(LOW)).all())
    assert bool((vertices < torch.tensor(HIGH)).all())


@settings(deadline=None, max_examples=40)
@given(
    st.integers(0, 2**31),
    st.tuples(st.integers(2, 7), st.integers(2, 7), st.integers(2, 7)),
    st.booleans(),
)
def test_any_grid_gives_a_closed_mesh(
    seed: int, shape: tuple[int, int, int], with_zeros: bool
) -> None:
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(shape, generator=generator)
    if with_zeros:  # nodes exactly on the surface
        values = values.round()
    vertices, faces = mesh_from_sdf(values, LOW, HIGH)
    assert_closed(vertices, faces)
    assert len(torch.unique(vertices, dim=0)) == len(vertices)
    interior_nodes_inside = values[1:-1, 1:-1, 1:-1] <= 0
    there_is_a_surface = bool(interior_nodes_inside.any() and (values > 0).any())
    assert (len(faces) > 0) == there_is_a_surface


def test_values_of_exactly_zero_move_a_vertex_by_a_thousandth_of_a_cell() -> None:
    axis = torch.linspace(-1, 1, 9)
    x, y, z = torch.meshgrid(axis, axis, axis, indexing="ij")
    box = torch.stack([x, y, z]).abs().amax(dim=0) - 0.5  # faces on nodes
    vertices, faces = mesh_from_sdf(box, (-1, -1, -1), (1, 1, 1))
    assert_closed(vertices, faces)
    assert float((vertices.abs().amax(dim=-1) - 0.5).abs().max()) <= 0.25 * 1.01e-3
    assert volume(vertices, faces) == pytest.approx(1.0, rel=0.004)


@pytest.mark.parametrize("value", [1.0, 0.0, -1.0])
def test_a_grid_without_a_surface_gives_an_empty_mesh(value: float) -> None:
    vertices, faces = mesh(torch.full((4, 5, 6), value))
    assert vertices.shape == (0, 3)
    assert faces.shape == (0, 3)
    assert faces.dtype == torch.int64


def test_vertices_follow_the_values() -> None:
    radius = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    vertices, faces = mesh(nodes().norm(dim=-1) - radius)
    a, b, c = vertices[faces].unbind(dim=1)
    enclosed = (a * torch.linalg.cross(b, c)).sum() / 6
    (gradient,) = torch.autograd.grad(enclosed, radius)
    assert float(gradient) == pytest.approx(4 * math.pi * 0.7**2, rel=0.03)


def test_the_box_may_be_given_as_tensors_and_keeps_the_precision() -> None:
    values = ball(nodes()).float()
    vertices, faces = mesh_from_sdf(values, torch.tensor(LOW), torch.tensor(HIGH))
    expected, same_faces = mesh(values)
    assert vertices.dtype == torch.float32
    assert torch.equal(vertices, expected)
    assert torch.equal(faces, same_faces)


@pytest.mark.parametrize(
    ("values", "low", "message"),
    [
        (torch.ones(3, 4), LOW, r"at least 2 nodes along x, y and z; got \(3, 4\) torch.float32"),
        (torch.ones(2, 3, 4, 5), LOW, "A batch is meshed one grid at a time"),
        (torch.ones(1, 3, 4), LOW, r"got \(1, 3, 4\)"),
        (torch.ones(3, 3, 4, dtype=torch.int64), LOW, "got .* torch.int64"),
        (torch.ones(3, 3, 4), (0.0, 0.0, 1.0), r"low < high; got \(0\.0, 0\.0, 1\.0\)"),
        (torch.ones(3, 3, 4), (0.0, 0.0), "3 numbers each"),
        (torch.ones(3, 3, 4), (math.nan, 0.0, 0.0), "low < high; got .nan"),
    ],
)
def test_a_bad_grid_or_box_is_refused(values: Tensor, low: tuple[float, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        mesh_from_sdf(values, low, (1.0, 1.0, 1.0))


def test_a_function_is_no_grid() -> None:
    with pytest.raises(ValueError, match=r"values must be a torch\.Tensor, .* not function"):
        mesh_from_sdf(ball, LOW, (1.0, 1.0, 1.0))  # type: ignore[arg-type]


def test_the_first_bad_value_is_named() -> None:
    values = ball(nodes()).float()
    values[3, 4, 5] = math.nan
    values[7, 0, 0] = math.inf
    with pytest.raises(ValueError, match=r"2 are not, the first at node \(3, 4, 5\)"):
        mesh(values)
