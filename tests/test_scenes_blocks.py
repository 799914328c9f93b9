"""Shepard–Metzler objects and three boxes: what must hold for every one of them."""

from __future__ import annotations

import colorsys
import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.scenes import CATEGORIES, Scene, SceneError, make_scene, posed_views
from course_lib.scenes.rays import pixel_rays
from course_lib.scenes.shepard_metzler import SIDE, make_shepard_metzler, mirrored_twin
from course_lib.scenes.three_boxes import GAP

# Of objects 0, 1 and 2 with seed 0. They change only when a generator is meant to change: students' data does too.
FINGERPRINTS = {
    "shepard_metzler": "bc9a692e75d2bb8ec2d66d5e8d1fd514b169",
    "three_boxes": "288a29d98c8ad7a1769a326ab1df9ce8ab68",
}


def fingerprints(category: str) -> str:
    return "".join(make_scene(category, 0, index).fingerprint()[:12] for index in range(3))


@pytest.mark.parametrize("category", FINGERPRINTS)
def test_objects_are_the_same_on_every_machine(category: str) -> None:
    assert fingerprints(category) == FINGERPRINTS[category]


def cells(scene: Scene, side: float = SIDE) -> np.ndarray:
    """Grid coordinates of the cubes, which must be cubes of this side."""
    bounds = scene.extents.bounds
    assert np.allclose(bounds[:, 1] - bounds[:, 0], side, atol=1e-5)
    grid = (bounds[:, 0] - bounds[0, 0]) / side
    assert np.allclose(grid, grid.round(), atol=1e-3)
    return grid.round().astype(int)


def bends(grid: np.ndarray) -> int:
    steps = np.diff(grid, axis=0)
    assert (np.abs(steps).sum(1) == 1).all(), "each cube shares a face with the next"
    turned = (steps[1:] != steps[:-1]).any(1)
    assert ((steps[1:] * steps[:-1]).sum(1)[turned] == 0).all(), "bends are right angles"
    return int(turned.sum())


def touches_itself(grid: np.ndarray) -> bool:
    pairs = itertools.combinations(range(len(grid)), 2)
    return any(b - a > 1 and np.abs(grid[a] - grid[b]).sum() <= 1 for a, b in pairs)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_a_chain_of_seven_cubes(index: int) -> None:
    scene = make_scene("shepard_metzler", "chain", index)
    grid = cells(scene)
    assert len(grid) == 7
    assert bends(grid) >= 2
    assert scene.kind == f"{bends(grid)} bends"
    assert not touches_itself(grid)
    assert (np.ptp(grid, axis=0) > 0).all(), "it lies in no plane"
    low, high = scene.extents.bounds[:, 0].min(0), scene.extents.bounds[:, 1].max(0)
    assert np.allclose(low, -high, atol=1e-5)
    for part in scene.parts:
        _, saturation, value = colorsys.rgb_to_hsv(*part.color)
        assert abs(saturation - 0.75) <= 0.2 + 1e-6
        assert 0.7 <= value <= 1


def test_chains_differ_in_shape_and_in_the_colors_of_their_cubes() -> None:
    scenes = [make_scene("shepard_metzler", 0, index) for index in range(40)]
    assert len({cells(scene).tobytes() for scene in scenes}) > 35
    assert len({part.color for scene in scenes for part in scene.parts}) == 7 * 40
    assert {bends(cells(scene)) for scene in scenes} >= {2, 3, 4}


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 5), st.integers(7, 11))
def test_arms_are_counted(seed: int, arms: int, cubes: int) -> None:
    scene = make_shepard_metzler(np.random.default_rng(seed), cubes=cubes, arms=arms)
    grid = cells(scene, SIDE * min(1, 7 / cubes))
    assert len(grid) == cubes
    assert bends(grid) == arms - 1
    assert not touches_itself(grid)


def rotations() -> list[np.ndarray]:
    """All 24 turns of a cube."""
    signed = itertools.product(
        itertools.permutations(range(3)), itertools.product((1, -1), repeat=3)
    )
    matrices = [np.eye(3, dtype=int)[list(order)] * signs for order, signs in signed]
    return [matrix for matrix in matrices if np.linalg.det(matrix) > 0]


def shapes(grid: np.ndarray) -> set[frozenset[tuple[int, ...]]]:
    """The object in every orientation, each moved to the origin."""
    turned = [grid @ rotation.T for rotation in rotations()]
    return {frozenset(map(tuple, (cubes - cubes.min(0)).tolist())) for cubes in turned}


def test_no_rotation_turns_a_chiral_object_into_its_mirrored_twin() -> None:
    assert len(rotations()) == 24
    chiral = 0
    for seed in range(20):
        scene = make_shepard_metzler(np.random.default_rng(seed), cubes=10, arms=4)
        twin = mirrored_twin(scene)
        assert [part.color for part in twin.parts] == [part.color for part in scene.parts]
        assert twin.kind == "3 bends, mirrored"
        side = SIDE * 0.7
        assert shapes(cells(mirrored_twin(twin), side)) == shapes(cells(scene, side))
        chiral += shapes(cells(twin, side)).isdisjoint(shapes(cells(scene, side)))
    assert chiral >= 15  # a few have a mirror plane or a centre of symmetry


@pytest.mark.parametrize(("cubes", "arms"), [(3, None), (7, 2), (7, 7), (4, 4)])
def test_impossible_chains_are_refused(cubes: int, arms: int | None) -> None:
    with pytest.raises(SceneError, match=f"got {cubes} cubes and {arms} arms"):
        make_shepard_metzler(np.random.default_rng(0), cubes=cubes, arms=arms)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_three_boxes_lie_apart_in_the_unit_ball(index: int) -> None:
    scene = make_scene("three_boxes", 0, index)
    bounds = scene.extents.bounds
    assert bounds.shape == (3, 2, 3)
    farthest = np.abs(bounds).max(1)
    assert (np.linalg.norm(farthest, axis=1) <= 1 + 1e-5).all()
    for a, b in itertools.combinations(bounds, 2):
        assert np.maximum(a[0] - b[1], b[0] - a[1]).max() >= GAP - 1e-5
    hues = sorted(colorsys.rgb_to_hsv(*part.color)[0] for part in scene.parts)
    assert min(np.diff([*hues, hues[0] + 1])) > 0.15, "each can be told from the others"


@pytest.mark.parametrize("category", ["shepard_metzler", "three_boxes"])
def test_nothing_touches_the_border_or_leaves_near_and_far(category: str) -> None:
    views = posed_views(category, 25, 8, (32, 32), seed=7).all()
    assert views.depth is not None
    seen = views.depth.isfinite()
    assert not (seen[..., 0, :] | seen[..., -1, :] | seen[..., :, 0] | seen[..., :, -1]).any()
    edge = torch.cat([views.images[..., [0, -1], :, :].flatten(), views.images[..., [0, -1], :].flatten()])  # fmt: skip
    assert (edge == 1).all()
    assert 0.03 < seen.double().mean() < 0.5, "neither a speck nor a wall"
    _, u = pixel_rays(views.K, views.world_from_camera, views.resolution)
    along_axis = (u * views.world_from_camera[..., None, None, :3, 2]).sum(-1)
    distance = (views.depth / along_axis)[seen]
    found = CATEGORIES[category]
    assert found.near == views.near < distance.min() < distance.max() < views.far == found.far
