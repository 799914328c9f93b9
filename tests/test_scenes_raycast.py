"""Convex parts and the rays that meet them, against a loop that follows one ray at a time in float64."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike

from course_lib.scenes import Part, Scene, SceneError, cast, scene_distance
from course_lib.scenes.polytopes import GRID, part_extents
from course_lib.scenes.raycast import RAYS_TIMES_PLANES
from course_lib.scenes.shapes import (
    box,
    cylinder,
    fitted,
    frustum,
    grown,
    hull,
    mirrored,
    moved,
    oriented_box,
    prism,
    rotation_about,
)

RED = (0.8, 0.2, 0.1)
NAMES = ("background", "first", "second", "third")


def scene_of(*parts: Part) -> Scene:
    return Scene("tests", "some", tuple(parts), NAMES)


def random_scene(seed: int) -> Scene:
    rng = np.random.default_rng(seed)
    turn = rotation_about(0, rng.uniform(0, 360)) @ rotation_about(2, rng.uniform(0, 360))
    parts = [
        oriented_box(rng.normal(0, 0.4, 3), rng.uniform(0.1, 0.5, 3), turn, RED, 1),
        cylinder(rng.normal(0, 0.4, 3), rng.normal(size=3), 0.3, 0.7, 9, RED, 2, top_radius=0.15),
        prism([(0, 0), (0.7, 0.1), (0.5, 0.6), (0.1, 0.5)], int(rng.integers(3)), -0.4, 0.2, RED, 3),
        frustum(((-0.5, -0.4), (0.3, 0.4)), -0.6, ((-0.2, -0.3), (0.1, 0.2)), -0.1, RED, 1),
        hull(rng.normal(0, 0.4, (7, 3)), RED, 2),
    ]  # fmt: skip
    return scene_of(*(parts[i] for i in rng.permutation(5)[: rng.integers(1, 6)]))


def follow(scene: Scene, o: list[float], u: list[float]) -> tuple[float, int, tuple[float, ...]]:
    """Distance, part and normal of the first hit, plane by plane: the oracle."""
    best = (math.inf, -1, (0.0, 0.0, 0.0))
    for index, part in enumerate(scene.parts):
        enter, leave, face = -math.inf, math.inf, None
        for normal, offset in zip(part.normals.tolist(), part.offsets.tolist(), strict=True):
            num = offset - sum(a * b for a, b in zip(normal, o, strict=True))
            den = sum(a * b for a, b in zip(normal, u, strict=True))
            if den < 0 and num / den > enter:
                enter, face = num / den, tuple(normal)
            elif den > 0:
                leave = min(leave, num / den)
            elif den == 0 and num < 0:
                leave = -math.inf
        if face is not None and 1e-4 < enter < leave and enter < best[0]:
            best = (enter, index, face)
    return best


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_rays_hit_what_a_patient_loop_says(seed: int) -> None:
    scene = random_scene(seed)
    generator = torch.Generator().manual_seed(seed)
    o = 1.5 * torch.randn(40, 3, generator=generator, dtype=torch.float64)
    u = torch.nn.functional.normalize(0.4 * torch.randn(o.shape, generator=generator).double() - o, dim=-1)  # fmt: skip
    hits = cast(scene, o, u)
    for i in range(len(o)):
        distance, part, normal = follow(scene, o[i].tolist(), u[i].tolist())
        assert hits.part[i] == part
        assert hits.distance[i].item() == pytest.approx(distance, rel=1e-9)
        assert hits.normals[i].tolist() == pytest.approx(normal, abs=1e-12)
        assert hits.label[i] == (scene.parts[part].label if part >= 0 else 0)


def test_a_box_is_hit_at_known_places() -> None:
    two = scene_of(box((-1, -2, -3), (1, 2, 3), RED, 2), box((4, -1, -1), (5, 1, 1), (0, 0, 1), 1))
    o = torch.tensor([[-3.0, 0.5, 0.2], [3, 0, 0], [0, 0, 9], [0, 9, 9], [2, 0, 0]])
    u = torch.tensor([[2.0, 0, 0], [-1, 0, 0], [0, 0, -5], [0, 0, 1], [1, 0, 0]])
    hits = cast(two, o, u)  # lengths of directions do not matter
    assert hits.distance.tolist() == pytest.approx([2, 2, 6, math.inf, 2])
    assert hits.part.tolist() == [0, 0, 0, -1, 1]
    assert hits.label.tolist() == [2, 2, 2, 0, 1]
    assert hits.hit.tolist() == [True, True, True, False, True]
    normals = [[-1, 0, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0], [-1, 0, 0]]
    assert hits.normals.tolist() == normals
    assert torch.allclose(hits.albedo[[0, 3, 4]], torch.tensor([RED, (1, 1, 1), (0, 0, 1)]))


def test_rays_that_start_on_a_surface_leave_it_and_rays_inside_see_no_part() -> None:
    one = scene_of(box((-1, -1, -1), (1, 1, 1), RED, 1))
    o = torch.tensor([[1.0, 0.2, 0.3], [1 + 5e-5, 0, 0], [0.5, 0, 0]])
    u = torch.tensor([[-1.0, 0.1, 0], [-1, 0, 0], [0, 1, 0]])
    assert not cast(one, o, u).hit.any()


def test_rays_parallel_to_planes_and_along_them() -> None:
    one = scene_of(box((-1, -1, -1), (1, 1, 1), RED, 1))
    o = torch.tensor([[-3.0, 0, 1.5], [-3, 0, 0.5], [-3, 0, -1.5]])
    hits = cast(one, o, torch.tensor([1.0, 0, 0]))
    assert hits.hit.tolist() == [False, True, False]


def test_several_scenes_have_rays_of_their_own_and_any_batch() -> None:
    scenes = [random_scene(seed) for seed in (3, 4)]
    o, u = 2 * torch.randn(2, 4, 5, 3).double(), torch.randn(2, 4, 5, 3).double() - 0.1
    together = cast(scenes, o, u)
    for i, scene in enumerate(scenes):
        alone = cast(scene, o[i], u[i])
        assert torch.equal(together.distance[i], alone.distance)
        assert torch.equal(together.part[i], alone.part)
    assert together.distance.dtype == torch.float64
    assert cast(scenes, o.float(), u.float()).normals.dtype == torch.float32


def test_more_rays_than_fit_at_once() -> None:
    scene = random_scene(8)
    planes = sum(len(part.offsets) for part in scene.parts)
    o = torch.tensor([0.0, 0.0, 3.0]).expand(RAYS_TIMES_PLANES // planes + 7, 3)
    u = torch.tensor([0.1, -0.05, -1.0]) + 0.2 * torch.rand(o.shape)
    every = cast(scene, o, u)
    some = torch.arange(0, len(o), 997)
    assert torch.equal(every.distance[some], cast(scene, o[some], u[some]).distance)


def test_no_rays_give_no_hits() -> None:
    for shape in ((0, 3), (4, 0, 3)):
        hits = cast(random_scene(1), torch.zeros(shape), torch.zeros(shape))
        assert hits.distance.shape == shape[:-1]
        assert hits.normals.shape == shape


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_the_signed_distance_is_zero_on_surfaces_and_never_too_large(seed: int) -> None:
    scene = random_scene(seed)
    generator = torch.Generator().manual_seed(seed)
    o = 1.5 * torch.randn(200, 3, generator=generator, dtype=torch.float64)
    u = torch.nn.functional.normalize(torch.randn(o.shape, generator=generator).double(), dim=-1)
    hits, distance = cast(scene, o, u), scene_distance(scene, o)
    outside = distance > 1e-3
    assert (hits.distance >= distance - 1e-9)[outside].all()
    on = (o + hits.distance[:, None] * u)[hits.hit & outside]
    assert scene_distance(scene, on).abs().max().item() < 1e-9 if len(on) else True
    within = [(o.numpy() @ p.normals.T <= p.offsets).all(1) for p in scene.parts]
    assert ((distance <= 0).numpy() == np.any(within, axis=0)).all()


def test_the_signed_distance_is_exact_before_a_face_and_differentiable() -> None:
    one = scene_of(box((-1, -2, -3), (1, 2, 3), RED, 1))
    x = torch.tensor([[1.5, 0, 0], [0, 0, -3.25], [0.9, 0, 0]], requires_grad=True)
    distance = scene_distance(one, x)
    assert distance.tolist() == pytest.approx([0.5, 0.25, -0.1])
    distance.sum().backward()
    assert x.grad is not None
    assert x.grad.tolist() == [[1, 0, 0], [0, 0, -1], [1, 0, 0]]
    assert scene_distance(one, torch.zeros(0, 3)).shape == (0,)


def contains(part: Part, *points: ArrayLike) -> list[bool]:
    return [bool((part.normals @ np.array(p) <= part.offsets + 1e-9).all()) for p in points]


def test_shapes_contain_what_their_sizes_say() -> None:
    wedge = [(0.0, 0.0), (2.0, 0.0), (0.0, 1.0)]
    for profile in (wedge, wedge[::-1]):
        part = prism(profile, 1, -1, 1, RED, 1)
        assert contains(part, (0.1, 0, 0.1), (1.9, 0.9, 0.04)) == [True, True]
        assert contains(part, (1.9, 0, 0.06), (0.1, 1.1, 0.1)) == [False, False]
    part = frustum(((-2, -1), (2, 1)), 1.0, ((-1, -0.5), (0, 0.5)), 3.0, RED, 1)
    assert contains(part, (-1.5, 0.75, 2), (1, 0.75, 2)) == [True, True]
    assert contains(part, (1.01, 0, 2), (0, 0, 0.99)) == [False, False]
    assert part.normals[5].tolist() == [0, 0, 1]  # the order of planes is a promise
    part = cylinder((1, 2, 3), (0, 2, 0), 0.5, 4.0, 12, RED, 1, top_radius=0.25)
    assert contains(part, (1, 0, 3), (1, 4.01, 3), (1.27, 3.9, 3)) == [True, False, False]
    for y, radius in ((0.001, 0.5), (2.0, 0.375), (3.999, 0.25)):  # corners lie on these circles
        around = [2 * math.pi / 12 * k for k in range(12)]
        rim = np.array([(math.cos(a), 0, math.sin(a)) for a in around])
        center = np.array([1, y, 3])
        assert contains(part, *(center + 0.999 * radius * rim)) == [True] * 12
        assert contains(part, *(center + 1.001 * radius * rim)) == [False] * 12
    low, high = part_extents([part]).bounds[0]
    assert high[1] - low[1] == pytest.approx(4)
    corners = np.array([[x, y, z] for x in (0, 1) for y in (0, 2) for z in (0, 3)], float)
    cube = hull(np.concatenate([corners, [[0.5, 0.5, 0.5]]]), RED, 1)
    assert len(cube.offsets) == 6
    assert contains(cube, (0.99, 1.99, 2.99), (1.01, 1, 1)) == [True, False]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6))
def test_parts_move_as_their_points_do(seed: int) -> None:
    rng = np.random.default_rng(seed)
    part = random_scene(seed).parts[0]
    x = rng.normal(0, 0.5, (50, 3))
    turn = rotation_about(1, rng.uniform(0, 360)) @ rotation_about(0, rng.uniform(0, 360))
    shift, scale = rng.normal(size=3), rng.uniform(0.2, 3)
    before = x @ part.normals.T - part.offsets
    after = moved(part, turn, shift, scale)
    y = scale * x @ turn.T + shift
    assert np.allclose(y @ after.normals.T - after.offsets, scale * before)
    mirror = mirrored(part, 1)
    assert np.allclose((x * [1, -1, 1]) @ mirror.normals.T - mirror.offsets, before)
    assert np.allclose(x @ part.normals.T - grown(part, 0.1).offsets, before - 0.1)


def test_a_turn_is_right_handed() -> None:
    assert np.allclose(rotation_about(2, 90) @ [1, 0, 0], [0, 1, 0])
    assert np.allclose(rotation_about(0, 90) @ [0, 1, 0], [0, 0, 1])


def test_an_object_is_fitted_into_a_box_of_diagonal_one() -> None:
    bounds = part_extents(fitted(random_scene(11).parts)).bounds
    low, high = bounds[:, 0].min(0), bounds[:, 1].max(0)
    assert np.allclose(low, -high)
    assert np.linalg.norm(high - low) == pytest.approx(1)


def test_scenes_lie_on_a_grid_and_have_a_fingerprint() -> None:
    scene = random_scene(5)
    for part in scene.parts:
        assert (part.normals / GRID == np.round(part.normals / GRID)).all()
    nudged = replace(scene, parts=tuple(moved(p, translation=(1e-12, 0, 0)) for p in scene.parts))
    shifted = replace(scene, parts=tuple(moved(p, translation=(1e-4, 0, 0)) for p in scene.parts))
    assert nudged.fingerprint() == scene.fingerprint() != shifted.fingerprint()


def test_planes_that_bound_nothing_change_nothing() -> None:
    part = box((0, 0, 0), (1, 1, 1), RED, 1)
    normals = np.concatenate([part.normals, [[0.6, 0.8, 0]]])
    more = Part(normals, np.append(part.offsets, 5.0), RED, 1)
    assert part_extents([more]).faces[0].tolist() == [True] * 6 + [False]
    o, u = torch.tensor([[3.0, 2.5, 2.0]]), -torch.tensor([[3.0, 2.5, 2.0]])
    assert cast(scene_of(more), o, u).distance == cast(scene_of(part), o, u).distance


A_BOX = box((0, 0, 0), (1, 1, 1), RED, 1)
BAD_PARTS = {
    "low must lie below high": lambda: box((0, 0, 0), (1, -1, 1), RED, 1),
    "part 0 is unbounded": lambda: scene_of(Part(A_BOX.normals[:5], A_BOX.offsets[:5], RED, 1)).extents,
    "part 1 .* is empty": lambda: scene_of(A_BOX, grown(A_BOX, -0.6)).extents,
    "normal 2 has length 2": lambda: replace(A_BOX, normals=A_BOX.normals * [[1], [1], [2], [1], [1], [1]]),
    "must be finite": lambda: replace(A_BOX, offsets=A_BOX.offsets * math.nan),
    "at most 96 planes, got 102: use fewer sides": lambda: cylinder((0, 0, 0), (0, 0, 1), 1, 1, 100, RED, 1),
    "four planes at least, got 3": lambda: Part(A_BOX.normals[:3], A_BOX.offsets[:3], RED, 1),
    r"normals \(k, 3\) and offsets \(k,\), got \(6, 3\) and \(5,\)": lambda: replace(A_BOX, offsets=A_BOX.offsets[:5]),
    r"three numbers in \[0, 1\], got \(2, 0, 0\)": lambda: replace(A_BOX, color=(2, 0, 0)),
    "at least 1 .* got 0": lambda: replace(A_BOX, label=0),
    "label 9, but there are only 4": lambda: scene_of(replace(A_BOX, label=9)),
    "the scene tests/some is empty": lambda: scene_of(),
    'begin with "background"': lambda: Scene("a", "b", (A_BOX,), ("box",)),
    "not convex at point 2": lambda: prism([(0, 0), (2, 0), (0.5, 0.5), (0, 2)], 2, 0, 1, RED, 1),
    r"hull: point 1, \[ *0. +nan": lambda: hull([(0, 0, 0), (0, math.nan, 0), (0, 1, 0), (1, 1, 0)], RED, 1),
    "lie in one plane": lambda: hull([(0, 0, 0), (1, 0, 0), (0, 1, 0), (1, 1, 0)], RED, 1),
    "axis must not be the zero vector": lambda: cylinder((0, 0, 0), (0, 0, 0), 1, 1, 6, RED, 1),
    "base_z must be below top_z": lambda: frustum(((0, 0), (1, 1)), 1, ((0, 0), (1, 1)), 1, RED, 1),
    "3×3 rotation": lambda: moved(A_BOX, np.diag([1, 1, 2])),
    "scale must be positive, got -1": lambda: moved(A_BOX, scale=-1),
    r"directions\[1\] has length 0": lambda: cast(scene_of(A_BOX), torch.ones(2, 3), torch.eye(4)[[0, 3], :3]),
    r"origins\[0\] is not finite": lambda: cast(scene_of(A_BOX), torch.full((2, 3), math.nan), torch.ones(2, 3)),
    "there are no scenes": lambda: cast([], torch.zeros(0, 1, 3), torch.ones(0, 1, 3)),
    "2 scenes need rays": lambda: cast([random_scene(1)] * 2, torch.zeros(3, 3), torch.ones(3, 3)),
    r"origins must be a torch.Tensor, not ndarray": lambda: cast(scene_of(A_BOX), np.ones((2, 3)), torch.ones(2, 3)),
    "origins are torch.float64 and directions torch.float32": lambda: cast(
        scene_of(A_BOX), torch.ones(2, 3).double(), torch.ones(2, 3)),
    r"shape \(2, 3\) and directions of shape \(4, 3\) do not broadcast": lambda: cast(
        scene_of(A_BOX), torch.ones(2, 3), torch.ones(4, 3)),
    r"shape \(…, 3\), got torch.int64": lambda: cast(scene_of(A_BOX), torch.ones(2, 3).long(), torch.ones(2, 3).long()),
}  # fmt: skip


@pytest.mark.parametrize("message", BAD_PARTS)
def test_what_makes_no_sense_is_named(message: str) -> None:
    with pytest.raises(SceneError, match=message):
        BAD_PARTS[message]()
