"""Photographs of scenes: every pixel against single rays, whatever the shape of the batch."""

from __future__ import annotations

import itertools
import math
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.data import PosedViews, ViewsError
from course_lib.scenes import (
    CameraRange,
    Scene,
    SceneError,
    cast,
    intrinsics,
    orbit_poses,
    photograph,
    shaded,
)
from course_lib.scenes.cameras import FOCAL
from course_lib.scenes.shapes import box, cylinder, oriented_box, rotation_about
from course_lib.shapes import Tensor

NAMES = ("background", "box", "post", "wall")
K = intrinsics(FOCAL, (24, 32))
SIZE = (24, 32)


def object_scene(seed: int) -> Scene:
    """Boxes and posts of many colours, some through others, around the origin."""
    rng = np.random.default_rng(seed)
    parts = []
    for index in range(6):
        color = tuple(rng.uniform(0.1, 1, 3))
        if index % 2:
            turn = rotation_about(int(rng.integers(3)), rng.uniform(0, 360))
            parts.append(
                oriented_box(rng.normal(0, 0.12, 3), rng.uniform(0.03, 0.2, 3), turn, color, 1)
            )
        else:
            axis = rng.normal(size=3)
            parts.append(cylinder(rng.normal(0, 0.12, 3), axis, 0.06, 0.4, 7 + index, color, 2))
    return Scene("objects", "pile", tuple(parts), NAMES)


def room_scene() -> Scene:
    """Six walls around the cameras, and a post beside them: much of it lies behind."""
    walls = [((-3, -3, -0.2), (3, 3, 0)), ((-3, -3, 2), (3, 3, 2.2)), ((-3.2, -3, 0), (-3, 3, 2)),
             ((3, -3, 0), (3.2, 3, 2)), ((-3, -3.2, 0), (3, -3, 2)), ((-3, 3, 0), (3, 3.2, 2))]  # fmt: skip
    parts = [box(*corners, (0.1 * i, 0.5, 1 - 0.1 * i), 3) for i, corners in enumerate(walls)]
    post = cylinder((0.6, 0.4, 1), (0, 0.1, 1), 0.2, 2.5, 11, (1, 0, 0), 2)
    return Scene("rooms", "cell", (*parts, post), NAMES)


def room_poses() -> Tensor:
    inwards = orbit_poses(np.array([10, 100, 215, 300.0]), np.array([5, 20, -5, 30.0]), radius=0.9)
    inwards[:, 2, 3] += 1.0
    return inwards


def rays(K: Tensor, pose: Tensor, resolution: tuple[int, int]) -> tuple[Tensor, Tensor, Tensor]:
    """Origins, unit directions and their depth per length, from first principles, in float64."""
    height, width = resolution
    rows, columns = np.mgrid[:height, :width] + 0.5
    uv1 = np.stack([columns / width, rows / height, np.ones_like(rows)], axis=-1)
    camera = uv1 @ np.linalg.inv(K.double().numpy()).T
    length = np.linalg.norm(camera, axis=-1)
    R, t = pose.double().numpy()[:3, :3], pose.double().numpy()[:3, 3]
    world = camera / length[..., None] @ R.T
    o = torch.from_numpy(np.broadcast_to(t, world.shape).copy())
    return o, torch.from_numpy(world), torch.from_numpy(1 / length)


def by_single_rays(
    scene: Scene, K: Tensor, pose: Tensor, size: tuple[int, int]
) -> dict[str, Tensor]:
    o, u, depth_per_length = rays(K, pose, size)
    hits = cast(scene, o, u)
    white = torch.ones(3, dtype=torch.float64)
    return {
        "images": torch.where(hits.hit[..., None], shaded(hits.albedo, hits.normals), white),
        "depth": hits.distance * depth_per_length,
        "normals": hits.normals,
        "labels": hits.label,
    }


def agree(views: PosedViews, scenes: list[Scene], K: Tensor) -> None:
    """Every pixel of every view, up to single pixels on an edge that rounding decides."""
    for i, scene in enumerate(scenes):
        for view in views[i]:
            expected = by_single_rays(scene, K, view.world_from_camera, view.resolution)
            assert view.depth is not None
            same = torch.isclose(view.depth.double(), expected["depth"], rtol=1e-4, atol=1e-5)
            assert same.double().mean() > 0.995
            for name, value in expected.items():
                error = (getattr(view, name).double() - value)[same].nan_to_num(0.0)
                assert error.abs().max() < 2e-4, name


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 10**6))
def test_every_pixel_is_what_its_ray_meets(seed: int) -> None:
    rng = np.random.default_rng(seed)
    scenes = [object_scene(seed), object_scene(seed + 1)]
    poses = torch.stack([CameraRange(-90, 90).poses(s, rng, 3) for s in scenes])
    agree(photograph(scenes, K, poses, SIZE, supersample=1), scenes, K)


def test_parts_behind_and_beside_the_camera() -> None:
    wide = intrinsics(0.45, SIZE)
    views = photograph(room_scene(), wide, room_poses(), SIZE, supersample=1)
    assert views.depth is not None
    assert views.depth.isfinite().all()
    agree(PosedViews.stack([views]), [room_scene()], wide)


def test_beams_that_pass_the_camera_are_not_seen_twice() -> None:
    """What lies behind must not appear upside down before it, where the background is open."""
    beams = [
        box((-4, y, z), (4, y + 0.3, z + 0.2), (1, 0, 0), 1) for y, z in ((0.2, 0.4), (-0.6, -0.5))
    ]
    behind = oriented_box((-1, 0.1, 0.2), (0.3, 0.2, 0.2), rotation_about(2, 30), (0, 0, 1), 2)
    scene = Scene("a", "b", (*beams, behind), NAMES)
    poses = orbit_poses(np.array([178.3, 171, 20]), np.array([1.7, 10, -10]), radius=0.1)
    for size in (SIZE, (8, 8)):  # the smaller is a single tile
        wide = intrinsics(0.3, size)
        agree(
            PosedViews.stack([photograph(scene, wide, poses, size, supersample=1)]), [scene], wide
        )


@pytest.mark.parametrize("resolution", [(1, 1), (5, 64), (33, 7), (8, 8)])
def test_any_resolution_with_skewed_unequal_cameras(resolution: tuple[int, int]) -> None:
    skewed = torch.tensor([[1.1, 0.07, 0.43], [0, 0.9, 0.56], [0, 0, 1]])
    poses = orbit_poses(np.array([20.0, 200]), np.array([35.0, -60]))
    views = photograph([object_scene(1)], skewed, poses[None], resolution, supersample=3)
    expected = by_single_rays(object_scene(1), skewed, poses[1], resolution)
    assert views.depth is not None
    assert torch.allclose(views.depth[0, 1].double(), expected["depth"], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("supersample", [2, 3, 4])
def test_colors_are_averages_over_finer_pixels(supersample: int) -> None:
    scene, poses = object_scene(2), orbit_poses(np.array([40.0, 130]), np.array([30.0, 10]))
    coarse = photograph(scene, K, poses, SIZE, supersample=supersample).images
    fine_size = (SIZE[0] * supersample, SIZE[1] * supersample)
    fine = photograph(scene, K, poses, fine_size, supersample=1).images.movedim(-1, 1)
    expected = torch.nn.functional.avg_pool2d(fine, supersample).movedim(1, -1)
    assert (coarse - expected).abs().amax(-1).gt(1e-5).double().mean() < 1e-3


def test_batches_chunks_and_geometry_change_no_pixel(monkeypatch: pytest.MonkeyPatch) -> None:
    scenes = [object_scene(seed) for seed in range(3)]
    poses = torch.stack([CameraRange(0, 80).poses(s, np.random.default_rng(5), 4) for s in scenes])
    many = {"K": K.expand(3, 4, 3, 3), "world_from_camera": poses, "resolution": SIZE}
    whole = photograph(scenes, **many)
    one = photograph(scenes[1], K, poses[1], SIZE)
    colors = photograph(scenes, **many, geometry=False)
    assert colors.depth is colors.labels is colors.normals is None
    monkeypatch.setattr(sys.modules["course_lib.scenes.photograph"], "PARTS_AT_ONCE", 13)
    monkeypatch.setattr(sys.modules["course_lib.scenes.tiles"], "SAMPLES_AT_ONCE", 500)
    monkeypatch.setattr(sys.modules["course_lib.scenes.tiles"], "PRODUCT_AT_ONCE", 900)
    pieces = photograph(scenes, **many)
    for name in ("images", "depth", "normals", "labels"):
        assert torch.equal(getattr(pieces, name), getattr(whole, name)), name
        assert torch.equal(getattr(one, name), getattr(whole[1], name)), name
    assert torch.equal(colors.images, whole.images)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")
def test_a_gpu_takes_the_same_pictures() -> None:
    scenes = [object_scene(seed) for seed in range(2)]
    poses = torch.stack([CameraRange(0, 80).poses(s, np.random.default_rng(5), 8) for s in scenes])
    here = photograph(scenes, K, poses, SIZE)
    there = photograph(scenes, K, poses, SIZE, device="cuda").to("cpu")
    assert (here.images - there.images).abs().amax(-1).gt(1e-4).double().mean() < 1e-3
    assert (here.labels != there.labels).double().mean() < 1e-3


def test_a_point_has_the_same_color_in_every_view_that_sees_it() -> None:
    scene = object_scene(6)
    poses = CameraRange(4, 65).poses(scene, np.random.default_rng(1), 5)
    views = photograph(scene, K, poses, SIZE, supersample=1)
    seen = 0
    for a, b in itertools.permutations(views, 2):
        o, u, depth_per_length = rays(K, a.world_from_camera, SIZE)
        assert a.depth is not None
        hit = a.depth.isfinite()
        points = (o + (a.depth / depth_per_length)[..., None] * u)[hit]
        eye = b.world_from_camera[:3, 3].double()
        hits = cast(scene, eye.expand_as(points), points - eye)
        visible = (hits.distance - (points - eye).norm(dim=-1)).abs() < 1e-4
        same = (shaded(hits.albedo, hits.normals) - a.images[hit]).abs().amax(-1) < 0.01
        assert same[visible].double().mean() >= 0.975
        seen += int(visible.sum())
    assert seen > 500


def test_near_and_far_enclose_what_is_seen() -> None:
    scene, poses = object_scene(7), orbit_poses(np.array([0.0, 90]), np.array([0.0, 45]))
    views = photograph(scene, K, poses, SIZE)
    given_ones = photograph(scene, K, poses, SIZE, near=0.25, far=4)
    assert (given_ones.near, given_ones.far) == (0.25, 4)
    for view in views:
        o, u, _ = rays(K, view.world_from_camera, SIZE)
        hits = cast(scene, o, u)
        distance = hits.distance[hits.hit]
        assert views.near < distance.min() < distance.max() < views.far
    inside = photograph(room_scene(), K, room_poses(), SIZE)
    assert 0 < inside.near < 0.1 < 4 < inside.far


def test_an_object_out_of_sight_leaves_the_picture_white() -> None:
    away = orbit_poses(np.array([30.0]), np.array([10.0])) @ torch.diag(
        torch.tensor([-1.0, 1, -1, 1])
    )
    views = photograph(object_scene(0), K, away, SIZE)
    assert (views.images == 1).all()
    assert views.labels is not None
    assert (views.labels == 0).all()


def test_no_views_give_empty_views() -> None:
    for scenes, batch in ((object_scene(0), (0,)), ([object_scene(0)] * 2, (2, 0))):
        views = photograph(scenes, K, torch.zeros(*batch, 4, 4), SIZE)
        assert views.images.shape == (*batch, *SIZE, 3)
        assert views.depth is not None
        assert views.depth.shape == (*batch, *SIZE)


def test_shading_is_as_designed() -> None:
    up = shaded(torch.tensor([0.5, 1, 0]), torch.tensor([0.0, 0, 1]))
    first, second = math.hypot(0.45, 0.6, 1), math.hypot(0.7, 0.5, 0.15)
    light = 0.46 + 0.10 + 0.50 * 1 / first + 0.16 * 0.15 / second
    assert up.tolist() == pytest.approx([0.5 * light, min(1, light), 0], abs=1e-6)
    down = shaded(torch.tensor([1.0, 1, 1]), torch.tensor([0.0, 0, -1]))
    assert down.tolist() == pytest.approx([0.36] * 3, abs=1e-6)


POSES = orbit_poses(np.array([0.0, 90]), np.array([10.0, 20]))
AT_THE_POST = torch.eye(4)
AT_THE_POST[:3, 3] = torch.tensor([0.6, 0.4, 1])
BAD: dict[str, dict[str, object]] = {
    r"view 1 is inside part 6 \(post\) of rooms/cell": {
        "scenes": room_scene(), "world_from_camera": torch.stack([room_poses()[0], AT_THE_POST])},
    "0 < near < far, got 2.0 and 1.0": {"near": 2.0, "far": 1.0},
    "0 < near < far, got 0 and": {"near": 0},
    r"resolution is \(height, width\).*got \(0, 4\)": {"resolution": (0, 4)},
    r"resolution is .* got \(4.0, 4\)": {"resolution": (4.0, 4)},
    "supersample is a whole number in 1…16, got 0": {"supersample": 0},
    "there are no scenes": {"scenes": [], "world_from_camera": torch.zeros(0, 1, 4, 4)},
    r"shape \(2, 4, 4\); these scenes need \(1, views, 4, 4\)": {"scenes": [object_scene(0)]},
    r"shape \(2, 3, 4\); one scene needs \(views, 4, 4\)": {"world_from_camera": POSES[:, :3]},
    r"world_from_camera\[1\] holds": {"world_from_camera": POSES / torch.tensor([1.0, 0])[:, None, None]},
    r"world_from_camera\[0\] .*last row": {"world_from_camera": POSES.mT},
    r"K holds nan": {"K": K * math.nan},
    "K must be a torch.Tensor, not ndarray": {"K": K.numpy()},
    r"K has shape \(5, 3, 3\); give \(3, 3\) for all views or \(2, 3, 3\)": {"K": K.expand(5, 3, 3)},
}  # fmt: skip


@pytest.mark.parametrize("message", BAD)
def test_what_cannot_be_photographed_is_named(message: str) -> None:
    request = {"scenes": object_scene(0), "K": K, "world_from_camera": POSES, "resolution": SIZE}
    with pytest.raises((SceneError, ViewsError), match=message):
        photograph(**(request | BAD[message]))  # type: ignore[arg-type]


def test_the_view_inside_a_part_is_named_in_any_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["course_lib.scenes.photograph"], "PARTS_AT_ONCE", 1)
    outside = room_poses()[0]
    poses = torch.stack([outside, outside, outside, AT_THE_POST]).reshape(2, 2, 4, 4)
    with pytest.raises(SceneError, match=r"view 1 of scene 1 is inside part 6 \(post\)"):
        photograph([room_scene(), room_scene()], K, poses, SIZE)


def test_scenes_with_different_labels_are_not_mixed() -> None:
    other = Scene("a", "b", object_scene(0).parts, ("background", "x", "y"))
    with pytest.raises(SceneError, match="share their label names"):
        photograph([object_scene(0), other], K, POSES[None].expand(2, 2, 4, 4), SIZE)


def test_touching_parts_leave_no_gap() -> None:
    cells = itertools.product((-1, 0), repeat=3)
    grey = (0.5, 0.5, 0.5)
    parts = [box(np.array(c) * 0.2, np.array(c) * 0.2 + 0.2, grey, 1) for c in cells]
    poses = CameraRange(-80, 80).poses(object_scene(0), np.random.default_rng(0), 6)
    one = Scene("a", "b", (box([-0.2] * 3, [0.2] * 3, grey, 1),), NAMES)
    split = photograph(Scene("a", "b", tuple(parts), NAMES), K, poses, (64, 64))
    whole = photograph(one, K, poses, (64, 64))
    assert torch.allclose(split.images, whole.images, atol=1e-4)
