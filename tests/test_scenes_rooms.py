"""Rooms: closed, furnished without collisions, walkable, and seen by cameras that stand in free space."""

from __future__ import annotations

from functools import cache
from itertools import combinations

import numpy as np
import pytest
import torch

from course_lib.scenes import Scene, SceneError, posed_views, random_generator
from course_lib.scenes.polytopes import Array, Part, part_extents
from course_lib.scenes.rooms import CATEGORY, make
from course_lib.scenes.rooms_kinds import KINDS
from course_lib.scenes.rooms_layout import GAP, Layout, joint_box
from course_lib.scenes.rooms_shell import LABEL, LABELS, THICKNESS, WALLS, Room, enclosure
from course_lib.scenes.rooms_walk import RoomCameras, interior, is_free, walkable_share
from course_lib.scenes.shapes import box

ROOMS = 24
SHELL = (LABEL["floor"], LABEL["wall"], LABEL["ceiling"])
WHITE = (1.0, 1.0, 1.0)


@cache
def room(index: int) -> Scene:
    return make(random_generator("rooms", "test", index))


@cache
def poses(index: int) -> torch.Tensor:
    return CATEGORY.cameras.poses(room(index), random_generator("walk", index), 8)


def depth_inside(part: Part, x: Array) -> Array:
    """Distance to the nearest plane from inside, negative outside."""
    inside: Array = (part.offsets - x @ part.normals.T).min(-1)
    return inside


def first_hit(scene: Scene, origin: Array, directions: Array) -> Array:
    """Distance along unit rays to the nearest part: a loop in float64, nothing of the course's caster."""
    nearest = np.full(len(directions), np.inf)
    for part in scene.parts:
        den = directions @ part.normals.T
        with np.errstate(divide="ignore", invalid="ignore"):
            t = (part.offsets - part.normals @ origin) / den
        enter = np.where(den < 0, t, -np.inf).max(1)
        leave = np.where(den > 0, t, np.inf).min(1)
        hit = (enter < leave) & (enter > 0)
        nearest[hit] = np.minimum(nearest, enter)[hit]
    return nearest


@pytest.mark.parametrize("index", range(ROOMS))
def test_a_room_has_walls_door_window_and_furniture(index: int) -> None:
    scene = room(index)
    assert scene.category == "rooms"
    assert scene.label_names == LABELS
    assert 25 <= len(scene.parts) <= 48
    present = {part.label for part in scene.parts}
    assert {
        LABEL[name] for name in ("floor", "wall", "ceiling", "door", "window", "object")
    } <= present
    assert present & {LABEL["table"], LABEL["seat"]}


def test_all_kinds_of_rooms_turn_up() -> None:
    assert {room(index).kind for index in range(ROOMS)} == set(KINDS)


@pytest.mark.parametrize("index", range(0, ROOMS, 3))
def test_no_two_parts_share_space(index: int) -> None:
    scene, rng = room(index), np.random.default_rng(0)
    bounds = scene.extents.bounds
    for i, j in combinations(range(len(scene.parts)), 2):
        a, b = scene.parts[i], scene.parts[j]
        if a.label in SHELL and b.label in SHELL:
            continue  # walls overlap outside the room, so that no ray slips out at its edges
        low = np.maximum(bounds[i, 0], bounds[j, 0])
        high = np.minimum(bounds[i, 1], bounds[j, 1])
        if (high - low > 1e-3).all():
            x = rng.uniform(low, high, (4000, 3))
            shared = np.minimum(depth_inside(a, x), depth_inside(b, x)).max()
            assert shared < 1e-3, f"{scene.part_name(i)} and {scene.part_name(j)} overlap"


@pytest.mark.parametrize("index", range(ROOMS))
def test_furniture_stands_inside_and_leaves_a_walk(index: int) -> None:
    scene = room(index)
    low, high = interior(scene)
    bounds = scene.extents.bounds
    for part, (lowest, highest) in zip(scene.parts, bounds, strict=True):
        if part.label not in SHELL:
            assert (lowest[:2] >= low - 1e-5).all()
            assert (highest[:2] <= high + 1e-5).all()
            assert lowest[2] >= -1e-5
    door = next(i for i, part in enumerate(scene.parts) if part.label == LABEL["door"])
    at = bounds[door, :, :2].mean(0)
    inwards = at * (1 - 0.5 / np.abs(at).max())  # half a metre from the door, towards the middle
    share = walkable_share(bounds, (high[0] - low[0], high[1] - low[1]), inwards, body=0.2)
    assert share > 0.25


@pytest.mark.parametrize("index", range(ROOMS))
def test_eyes_stand_in_free_space_at_the_height_of_eyes(index: int) -> None:
    scene, eyes = room(index), poses(index)[:, :3, 3].double().numpy()
    low, high = interior(scene)
    assert ((eyes[:, :2] > low + 0.3) & (eyes[:, :2] < high - 0.3)).all()
    assert ((eyes[:, 2] >= 1.2 - 1e-6) & (eyes[:, 2] <= 1.7 + 1e-6)).all()
    for part in scene.parts:
        assert (depth_inside(part, eyes) < -CATEGORY.near).all(), "an eye is too close to a part"


@pytest.mark.parametrize("index", range(0, ROOMS, 2))
def test_every_ray_meets_something_between_near_and_far(index: int) -> None:
    u = (np.arange(24) + 0.5) / 24 - 0.5
    x, y = np.meshgrid(u / CATEGORY.cameras.focal, u / CATEGORY.cameras.focal)
    ahead = np.stack([x, y, np.ones_like(x)], axis=-1).reshape(-1, 3)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    for pose in poses(index).double().numpy():
        distance = first_hit(room(index), pose[:3, 3], ahead @ pose[:3, :3].T)
        assert np.isfinite(distance).all()
        assert distance.min() > CATEGORY.near
        assert distance.max() < CATEGORY.far


def test_cameras_are_upright_look_roughly_level_and_all_around() -> None:
    all_poses = torch.cat([poses(index) for index in range(ROOMS)]).double()
    rotation = all_poses[:, :3, :3]
    assert torch.allclose(
        rotation.mT @ rotation, torch.eye(3).double().expand_as(rotation), atol=1e-5
    )
    assert float(torch.linalg.det(rotation).min()) > 0.99
    assert bool((rotation[:, 2, 1] < -0.9).all()), "image down is world down"
    pitch = torch.rad2deg(torch.asin(rotation[:, 2, 2]))
    assert -18.01 < float(pitch.min()) < -10
    assert 0 < float(pitch.max()) < 4.01
    azimuth = torch.atan2(rotation[:, 1, 2], rotation[:, 0, 2])
    quadrants = torch.div(azimuth, torch.pi / 2, rounding_mode="floor")
    assert len(torch.unique(quadrants)) == 4


@pytest.mark.parametrize("index", range(ROOMS))
def test_nobody_stares_at_a_wall_right_ahead(index: int) -> None:
    low, high = interior(room(index))
    for pose in poses(index).double().numpy():
        eye, ahead = pose[:2, 3], pose[:2, 2] / np.linalg.norm(pose[:2, 2])
        to_wall = np.where(ahead > 0, high - eye, low - eye) / ahead
        assert to_wall.min() > CATEGORY.cameras.sight


def test_more_views_begin_with_the_same_ones() -> None:
    few = CATEGORY.cameras.poses(room(0), random_generator("walk", 0), 3)
    assert torch.equal(few, poses(0)[:3])
    assert CATEGORY.cameras.poses(room(0), random_generator("walk", 0), 0).shape == (0, 4, 4)


def test_the_same_seed_gives_the_same_room_on_every_machine() -> None:
    assert room(0).fingerprint() == make(random_generator("rooms", "test", 0)).fingerprint()
    assert room(0).fingerprint() != room(1).fingerprint()
    assert room(0).fingerprint().startswith("c44476a56718")


def test_a_photographed_room_has_no_background() -> None:
    views = posed_views("rooms", 3, 4, (24, 32), seed="test").all()
    assert views.images.shape == (3, 4, 24, 32, 3)
    assert views.labels is not None
    assert views.depth is not None
    assert int(views.labels.min()) >= 1
    assert bool(views.depth.isfinite().all())
    assert (views.near, views.far) == (CATEGORY.near, CATEGORY.far)
    assert len(torch.unique(views.labels)) >= 6


def test_a_room_without_a_free_place_says_so() -> None:
    shell = enclosure(Room(3.0, 2.5, 2.4), np.random.default_rng(0))
    full = box((-1.3, -1.1, 0), (1.3, 1.1, 1.0), WHITE, LABEL["object"])
    scene = Scene("rooms", "study", (*shell, full), LABELS)
    with pytest.raises(SceneError, match="no free place for an eye in the room 'study'"):
        CATEGORY.cameras.poses(scene, np.random.default_rng(0), 1)


def test_a_kind_whose_furniture_never_fits_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("course_lib.scenes.rooms.KINDS", {"crowded": lambda *_: False})
    with pytest.raises(SceneError, match="no layout of the room 'crowded' leaves 30%"):
        make(np.random.default_rng(0))


def test_a_room_without_furniture_can_be_looked_at() -> None:
    scene = Scene(
        "rooms", "empty", tuple(enclosure(Room(4, 3, 2.4), np.random.default_rng(0))), LABELS
    )
    assert RoomCameras(sight=1.0).poses(scene, np.random.default_rng(0), 2).shape == (2, 4, 4)


def test_free_places_keep_their_distance_from_what_is_in_the_way() -> None:
    parts = [
        box((0, 0, 0), (1, 1, 1), WHITE, 1),
        box((-9, -9, 0), (9, 9, 0.016), WHITE, 1),  # a rug is not in the way
        box((-9, -9, 2.0), (9, 9, 2.1), WHITE, 1),  # nor is what hangs high
    ]
    xy = np.array([[0.5, 0.5], [1.29, 0.5], [1.31, 0.5], [1.25, 1.25], [1.2, 1.2], [-0.31, 0.0]])
    free = is_free(part_extents(parts).bounds, xy, 0.3)
    assert free.tolist() == [False, False, True, True, False, True]


def test_the_walk_ends_at_what_blocks_it() -> None:
    wall = box((-0.05, -2, 0), (0.05, 2, 1), WHITE, 1)
    bounds = part_extents([wall]).bounds
    share = walkable_share(bounds, (4.0, 4.0), np.array([-1.0, 0.3]), body=0.25)
    assert share == pytest.approx(1.7 / 4, abs=0.02)
    open_wall = part_extents([box((-0.05, -2, 0), (0.05, 0.6, 1), WHITE, 1)]).bounds
    assert walkable_share(open_wall, (4.0, 4.0), np.array([-1.0, 0.3]), body=0.25) > 0.85
    assert walkable_share(bounds, (4.0, 4.0), np.array([0.0, 0.0]), body=0.25) == 0


@pytest.mark.parametrize("wall", range(4))
def test_what_hangs_on_a_wall_is_inside_and_where_it_was_put(wall: int) -> None:
    shell = Room(5.0, 3.0, 2.4)
    part = shell.on_wall(wall, (0.2, 0.7), (0.0, 0.1), (1.0, 1.3), WHITE, 1)
    low, high = joint_box([part])
    axis, sign = {"east": (0, 1), "north": (1, 1), "west": (0, -1), "south": (1, -1)}[WALLS[wall]]
    reach = (2.5, 1.5)[axis]
    ends = sorted((sign * low[axis], sign * high[axis]))
    assert ends == pytest.approx([reach - 0.1, reach])
    inwards, up = -sign * np.eye(3)[axis], np.array([0.0, 0.0, 1.0])
    left = np.cross(up, -inwards)  # for somebody who looks at the wall
    along = sorted((float(left @ low), float(left @ high)))
    assert along == pytest.approx([0.2, 0.7])
    assert (low[2], high[2]) == (1.0, 1.3)


@pytest.mark.parametrize("wall", range(4))
def test_furniture_turns_its_back_to_the_wall(wall: int) -> None:
    layout = Layout(Room(5.0, 4.0, 2.4), np.random.default_rng(wall))
    back = box((-0.2, -0.5, 0), (-0.1, 0.5, 1), (1.0, 0.0, 0.0), 1)
    front = box((-0.1, -0.5, 0), (0.3, 0.5, 0.5), WHITE, 1)
    assert layout.put_against_wall([back, front], [wall])
    placed_back, placed_front = (joint_box([part]).mean(0) for part in layout.parts)
    axis = wall % 2
    assert abs(placed_back[axis]) > abs(placed_front[axis])
    distance = layout.room.reach(wall) - np.abs(joint_box(layout.parts[:1])[:, axis]).max()
    assert distance == pytest.approx(0.025)


def test_a_tall_piece_stands_close_to_both_walls_of_its_corner() -> None:
    layout = Layout(Room(5.0, 4.0, 2.4), np.random.default_rng(0))
    assert layout.put_in_a_corner([box((-0.2, -0.1, 0), (0.2, 0.1, 1.8), WHITE, 1)])
    (low, high) = joint_box(layout.parts)
    to_walls = np.array([2.5, 2.0]) - np.maximum(np.abs(low), np.abs(high))[:2]
    assert (to_walls > 0.02).all()
    assert (to_walls < 0.16).all()


def test_what_does_not_fit_is_not_put() -> None:
    layout = Layout(Room(4.0, 4.0, 2.4), np.random.default_rng(0))
    large = [box((-1.7, -1.7, 0), (1.7, 1.7, 1), WHITE, 1)]
    assert layout.put_in_the_open(large, 0.1)
    assert not layout.put_in_the_open([box((-0.5, -0.5, 0), (0.5, 0.5, 1), WHITE, 1)], 0.0)
    assert not layout.put_against_wall([box((0, -2.5, 0), (0.1, 2.5, 1), WHITE, 1)], [0, 1, 2, 3])
    assert len(layout.parts) == 1


def test_pieces_keep_their_distance() -> None:
    layout = Layout(Room(4.0, 4.0, 2.4), np.random.default_rng(0))
    layout.reserve(np.array([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0]]))
    beside = np.array([[1.0, 0.2, 0.0], [1.5, 0.8, 1.0]])
    shift = np.array([GAP, 0.0, 0.0])
    assert not layout.is_clear(beside + 0.9 * shift)
    assert layout.is_clear(beside + 1.1 * shift)
    assert layout.is_clear(beside + np.array([-0.5, 0.0, 1.0])), "on top is clear"
    assert not layout.is_clear(beside + np.array([0.6, 0.0, 0.0])), "through the wall is not"


def test_walls_floor_and_ceiling_overlap_outside() -> None:
    bounds = part_extents(enclosure(Room(4.0, 3.0, 2.4), np.random.default_rng(0))).bounds
    whole = np.stack([bounds[:, 0].min(0), bounds[:, 1].max(0)])
    expected = np.array([2.0, 1.5]) + THICKNESS
    assert whole[1, :2] == pytest.approx(expected)
    assert whole[0, :2] == pytest.approx(-expected)
