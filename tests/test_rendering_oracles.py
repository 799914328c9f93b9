"""What the checks of notebook 2 compare with, held against brute force: distances, hits, normals, triangles."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from autograder.checking.cases import Case, Draw
from autograder.checks.camera_geometry.sampling import random_intrinsics, random_poses
from autograder.checks.rendering import cases_pixels, cases_tracing
from autograder.checks.rendering.exact_distances import box_distance, torus_distance
from autograder.checks.rendering.exact_surfaces import first_hit, normals, surface
from autograder.checks.rendering.exact_triangles import seen
from course_lib.given import surfaces

SEEDS = st.integers(0, 2**31)
KINDS = ("plane", "slab", "tube", "capsule", "waves")
FEW = settings(max_examples=15, deadline=None)


def parameters(kind: str, draw: Draw) -> dict[str, Any]:
    """Parameters of a surface without symmetries."""
    if kind == "slab":
        plane = cases_tracing._plane(draw)
        return {**plane, "half_thickness": float(draw.uniform(0.01, 0.3))}
    made: dict[str, Any] = getattr(cases_tracing, f"_{kind}")(draw)
    return made


def cases(function: str, seed: int) -> dict[str, Case]:
    module = cases_pixels if function == "rasterize" else cases_tracing
    return {case.name: case for case in getattr(module, function)(Draw(seed, function))}


@pytest.mark.parametrize("kind", KINDS)
@FEW
@given(seed=SEEDS)
def test_given_surfaces_never_change_faster_than_space(kind: str, seed: int) -> None:
    draw = Draw(seed, kind)
    sdf = surface(kind, parameters(kind, draw))
    x, y = 2 * draw.normal(200, 3).double(), 2 * draw.normal(200, 3).double()
    apart = (x - y).norm(dim=-1)
    assert ((sdf(x) - sdf(y)).abs() <= apart * (1 + 1e-6)).all()
    assert (sdf(x) > 0).any()


@pytest.mark.parametrize("kind", ["plane", "tube", "waves"])
@FEW
@given(seed=SEEDS)
def test_normals_are_the_gradients_of_the_given_surfaces(kind: str, seed: int) -> None:
    draw = Draw(seed, kind)
    fields = parameters(kind, draw)
    x = (2 * draw.normal(2, 5, 3).double()).requires_grad_()
    (gradient,) = torch.autograd.grad(surface(kind, fields)(x).sum(), x)
    unit = gradient / gradient.norm(dim=-1, keepdim=True)
    torch.testing.assert_close(normals(kind, fields, x.detach()), unit, atol=1e-5, rtol=0)


@pytest.mark.parametrize("kind", KINDS)
@FEW
@given(seed=SEEDS)
def test_the_first_hit_is_where_the_field_first_changes_sign(kind: str, seed: int) -> None:
    draw = Draw(seed, kind)
    fields = parameters(kind, draw)
    sdf = surface(kind, fields)
    eyes = 3 * torch.nn.functional.normalize(draw.normal(40, 3), dim=-1)
    if kind == "waves":
        eyes[:, 2] = eyes[:, 2].abs() + 0.5
    directions = torch.nn.functional.normalize(0.5 * draw.normal(40, 3) - eyes, dim=-1)
    outside = sdf(eyes) > 0
    o, d = eyes[outside].double(), directions[outside].double()
    t = first_hit(kind, fields, o, d)
    ahead = torch.where(t < 6, t, 6.0)
    before = ahead * torch.linspace(0, 0.999, 3000, dtype=torch.float64)[:, None]
    assert (sdf(o + before[..., None] * d) > 0).all()
    met = t < 6
    assert met.any()
    assert (sdf(o + ahead[:, None] * d)[met].abs() < 1e-5).all()


@FEW
@given(seed=SEEDS)
def test_surfaces_take_float64_points_and_vmap(seed: int) -> None:
    draw = Draw(seed, "dtypes")
    x = draw.normal(4, 3)
    for kind in KINDS:
        sdf = surface(kind, parameters(kind, draw))
        assert sdf(x).dtype == torch.float32
        assert sdf(x.double()).dtype == torch.float64
        each = torch.func.vmap(sdf.resolve())(x)
        torch.testing.assert_close(each, sdf(x))
        assert sdf(x[0]).shape == ()
        assert sdf(x[:0]).shape == (0,)


@FEW
@given(seed=SEEDS)
def test_packed_parameters_mean_the_same(seed: int) -> None:
    draw = Draw(seed, "packed")
    x = draw.normal(3, 2, 3)
    plane, tube, capsule = (parameters(k, draw) for k in ("plane", "tube", "capsule"))
    params = torch.cat([plane["normal"], torch.tensor([plane["offset"]])])
    torch.testing.assert_close(surfaces.plane_of(params, x), surfaces.plane(x, **plane))
    params = torch.cat([tube["center"], tube["half_axes"]])
    packed = surfaces.tube_of(params, x, tube["world_from_tube"])
    torch.testing.assert_close(packed, surfaces.tube(x, **tube))
    params = torch.cat([capsule["start"], capsule["end"], torch.tensor([capsule["radius"]])])
    torch.testing.assert_close(surfaces.capsule_of(params, x), surfaces.capsule(x, **capsule))


def _nearest(points: Tensor, samples: Tensor) -> Tensor:
    return torch.cdist(points.double(), samples.double()).amin(1)


def test_box_and_torus_against_samples_of_their_surfaces() -> None:
    draw = Draw(3, "samples")
    points = draw.normal(30, 3)
    h = torch.tensor([0.5, 1.1, 0.8])
    line = torch.linspace(-1, 1, 161)
    u, v = (x.reshape(-1) for x in torch.meshgrid(line, line, indexing="ij"))
    ones = torch.ones_like(u)
    faces = [
        torch.stack(p, -1)
        for s in (-1, 1)
        for p in ((s * ones, u, v), (u, s * ones, v), (u, v, s * ones))
    ]
    near = _nearest(points, torch.cat(faces) * h)
    assert (box_distance(points, h).abs() - near).abs().max() < 6e-3
    inside = (points.abs() < h).all(-1)
    assert inside.any()
    assert torch.equal(box_distance(points, h) < 0, inside)

    turn = torch.linspace(0, 2 * math.pi, 300)
    a, b = (x.reshape(-1) for x in torch.meshgrid(turn, turn[::3], indexing="ij"))
    rim = 1.1 + 0.35 * b.cos()
    near = _nearest(points, torch.stack([rim * a.cos(), rim * a.sin(), 0.35 * b.sin()], -1))
    distance = torus_distance(points, 1.1, 0.35)
    assert (distance.abs() - near).abs().max() < 6e-3
    assert (distance < 0).any()
    assert (distance > 0).any()


@FEW
@given(seed=SEEDS)
def test_every_case_of_tracing_starts_outside_and_judges_most_rays(seed: int) -> None:
    found = cases("sphere_trace", seed)
    for name, case in found.items():
        sdf = surface(case.inputs["surface"], case.inputs["parameters"])
        start = sdf(case.inputs["origins"].double())
        assert (start > 0).all() != (name == "from inside"), name
    for name in ("a plane", "a capsule from one eye", "four eyes, five rays", "waves"):
        assert found[name].truth["judged"].double().mean() >= 0.7, name
        assert found[name].truth["hit"].any(), name
    assert not found["a plane"].truth["hit"].all()


@FEW
@given(seed=SEEDS)
def test_derivatives_of_hits_agree_with_finite_differences(seed: int) -> None:
    for case in cases("differentiable_hit", seed).values():
        if case.name == "grazing rays":
            continue
        inputs, truth = case.inputs, case.truth
        kind = inputs["surface"].removesuffix("_of")
        step = 1e-6 * Draw(seed, case.name).normal(*inputs["params"].shape).double()

        def distance(params: Tensor, kind: str = kind, inputs: Any = inputs) -> Tensor:
            fields = {**inputs["parameters"], **cases_tracing._named(kind, params)}
            return first_hit(kind, fields, inputs["origins"], inputs["directions"])

        params = inputs["params"].double()
        change = (distance(params + step) - distance(params - step)) / 2
        predicted = (truth["params"] * step).sum()
        torch.testing.assert_close(
            (change * truth["cotangent"]).sum(), predicted, atol=1e-9, rtol=1e-3
        )


def _by_planes(inputs: dict[str, Any]) -> tuple[Tensor, Tensor]:
    """Depth and face, triangle by triangle: the point of its plane on each ray, kept if inside its three edges."""
    v, faces, K, pose, (h, w), near = (x for x in inputs.values())
    v, K, pose = v.double(), K.double(), pose.double()
    row, column = torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")
    uv1 = torch.stack([(column + 0.5) / w, (row + 0.5) / h, torch.ones(h, w)], -1).double()
    rays = uv1 @ torch.linalg.inv(K).T @ pose[:3, :3].T
    depth, face = torch.full((h, w), math.inf).double(), torch.full((h, w), -1)
    for f, (a, b, c) in enumerate(v[faces]):
        normal = torch.linalg.cross(b - a, c - a)
        if normal.norm() == 0:
            continue
        z = ((a - pose[:3, 3]) @ normal) / (rays @ normal)
        x = pose[:3, 3] + z[..., None] * rays
        sides = [
            torch.linalg.cross((q - p).expand_as(x), x - p) @ normal
            for p, q in ((a, b), (b, c), (c, a))
        ]
        met = (torch.stack(sides) >= 0).all(0) & (z >= near) & (z < depth)
        depth, face = torch.where(met, z, depth), torch.where(met, f, face)
    return depth, face


@pytest.mark.parametrize("seed", [0, 5])
def test_triangles_are_seen_where_their_planes_meet_the_rays(seed: int) -> None:
    for name, case in cases("rasterize", seed).items():
        depth, face = _by_planes(case.inputs)
        judged = case.truth["judged"]
        assert judged.double().mean() > 0.8, name
        assert torch.equal(case.truth["face"][judged], face[judged]), name
        torch.testing.assert_close(case.truth["depth"][judged], depth[judged], rtol=1e-6, atol=1e-6)
        covered = case.truth["face"] >= 0
        assert covered.any(), name
        weights = case.truth["barycentrics"]
        torch.testing.assert_close(weights.sum(-1), covered.double())
        vertices, faces, _, pose, *_ = (x for x in case.inputs.values())
        corners = vertices.double()[faces][case.truth["face"][covered]]
        points = (weights[covered][..., None] * corners).sum(-2) - pose[:3, 3]
        z = (points @ pose[:3, :3].double())[:, 2]
        torch.testing.assert_close(z, case.truth["depth"][covered], rtol=1e-6, atol=1e-6)


def test_a_pixel_on_an_edge_is_not_judged() -> None:
    draw = Draw(1, "edge")
    K, pose = random_intrinsics(draw), random_poses(draw)
    uv = torch.tensor(
        [[0.5, -2.0], [0.5, 3.0], [3.0, 0.5]]
    )  # an edge through the centres of column 2 of 5
    rays = torch.cat([uv, torch.ones(3, 1)], -1).double() @ torch.linalg.inv(K.double()).T
    world = ((2 * rays) @ pose[:3, :3].double().T + pose[:3, 3].double()).float()
    found = seen(world, torch.tensor([[0, 1, 2]]), K, pose, (4, 5), 0.01)
    assert not found.judged[:, 2].any()
    assert found.judged[:, [0, 1, 3, 4]].all()
    assert (found.face[:, :2] == -1).all()
    assert (found.face[:, 3:] == 0).all()
