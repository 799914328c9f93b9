"""Faces: two codes in, the same head out; expressions move what they name and nothing else."""

from __future__ import annotations

from functools import cache
from itertools import combinations, product

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib.data import PosedViews
from course_lib.scenes import (
    Scene,
    SceneError,
    intrinsics,
    orbit_poses,
    photograph,
    random_generator,
)
from course_lib.scenes.faces import CATEGORY, CODE, make, make_face, split_code
from course_lib.scenes.faces_code import EXPRESSIONS, Expression, Identity, along
from course_lib.scenes.faces_features import between, oval, plate
from course_lib.scenes.faces_hair import STYLES
from course_lib.scenes.faces_head import FRONT, LABEL, LABELS
from course_lib.scenes.polytopes import Array, Part

NEUTRAL = EXPRESSIONS["neutral"]
MIDDLE = np.full(len(Identity.names()), 0.45)


def changed(**numbers: float) -> Array:
    """The neutral expression with some numbers replaced."""
    names = Expression.names()
    return np.array([numbers.get(name, NEUTRAL[i]) for i, name in enumerate(names)])


def person(**numbers: float) -> Array:
    return np.array([numbers.get(name, MIDDLE[i]) for i, name in enumerate(Identity.names())])


def corners(part: Part) -> Array:
    """Vertices of a part: every meeting point of three planes that no other plane cuts off."""
    triples = np.array(list(combinations(range(len(part.offsets)), 3)))
    normals, offsets = part.normals[triples], part.offsets[triples]
    meet = np.abs(np.linalg.det(normals)) > 1e-5
    points = np.linalg.solve(normals[meet], offsets[meet][..., None])[..., 0]
    return points[(points @ part.normals.T - part.offsets).max(-1) < 1e-5]


def box_of(scene: Scene, label: str) -> Array:
    chosen = [part.label == LABEL[label] for part in scene.parts]
    bounds = scene.extents.bounds[chosen]
    return np.stack([bounds[:, 0].min(0), bounds[:, 1].max(0)])


@cache
def front(expression: str, resolution: int = 64) -> PosedViews:
    faces = [make_face(person(hair_style=(i + 0.5) / 6, skin=i / 5), expression) for i in range(6)]
    poses = orbit_poses(np.array([0.0, 15.0]), np.array([0.0, 5.0])).expand(6, 2, 4, 4)
    K = intrinsics(CATEGORY.cameras.focal, (resolution, resolution))
    return photograph(faces, K, poses, (resolution, resolution))


def pixels(views: PosedViews, label: str) -> torch.Tensor:
    assert views.labels is not None
    return (views.labels == LABEL[label]).sum(dim=(-1, -2)).float()


def test_a_face_has_all_that_faces_have() -> None:
    scene = make(random_generator("faces", "test", 0))
    assert scene.category == "faces"
    assert scene.kind in STYLES
    assert scene.label_names == LABELS
    assert {part.label for part in scene.parts} == set(range(1, len(LABELS)))
    assert len(scene.parts) < 50


def test_the_code_is_kept_and_makes_the_face_again() -> None:
    for index in range(5):
        scene = make(random_generator("faces", "test", index))
        assert scene.code is not None
        assert scene.code.shape == (len(CODE),) == (17,)
        assert make_face(*split_code(scene.code)).fingerprint() == scene.fingerprint()


def test_the_same_seed_gives_the_same_face_on_every_machine() -> None:
    first = make(random_generator("faces", "test", 0))
    assert first.fingerprint() != make(random_generator("faces", "test", 1)).fingerprint()
    assert first.fingerprint().startswith("9f8c89329c71")


def test_a_known_expression_may_be_named() -> None:
    named = make_face(MIDDLE, "surprised")
    assert named.fingerprint() == make_face(MIDDLE, EXPRESSIONS["surprised"]).fingerprint()
    assert len({make_face(MIDDLE, name).fingerprint() for name in EXPRESSIONS}) == len(EXPRESSIONS)


@pytest.mark.parametrize("which", [*Identity.names()])
def test_every_number_of_the_identity_shows(which: str) -> None:
    one, other = make_face(person(**{which: 0.1})), make_face(person(**{which: 0.9}))
    assert one.fingerprint() != other.fingerprint()


@pytest.mark.parametrize("which", [*Expression.names()])
def test_every_number_of_the_expression_shows(which: str) -> None:
    one = make_face(MIDDLE, changed(**{which: 0.3}))
    other = make_face(MIDDLE, changed(**{which: 0.9}))
    assert one.fingerprint() != other.fingerprint()


@pytest.mark.parametrize("style", range(6))
def test_an_expression_leaves_hair_ears_nose_and_shirt_alone(style: int) -> None:
    who = person(hair_style=(style + 0.5) / 6)
    assert make_face(who).kind == STYLES[style]
    still = [LABEL[name] for name in ("hair", "ear", "nose", "shirt")]
    reference = [part for part in make_face(who).parts if part.label in still]
    for expression in EXPRESSIONS:
        parts = [part for part in make_face(who, expression).parts if part.label in still]
        assert len(parts) == len(reference)
        for part, expected in zip(parts, reference, strict=True):
            assert np.array_equal(part.normals, expected.normals)
            assert np.array_equal(part.offsets, expected.offsets)
            assert part.color == expected.color


def test_expressions_do_what_their_names_say() -> None:
    def height(scene: Scene, label: str) -> float:
        low, high = box_of(scene, label)
        return float(high[2] - low[2])

    calm = make_face(MIDDLE, changed())
    assert height(make_face(MIDDLE, changed(mouth_open=1.0)), "mouth") > 2 * height(calm, "mouth")
    assert height(make_face(MIDDLE, changed(eyes_open=1.0)), "eye") > height(calm, "eye")
    assert height(make_face(MIDDLE, changed(eyes_open=0.0)), "eye") < 0.3 * height(calm, "eye")
    raised = box_of(make_face(MIDDLE, changed(brows=1.0)), "brow")
    frown = box_of(make_face(MIDDLE, changed(brows=-1.0)), "brow")
    assert raised[0, 2] > box_of(calm, "brow")[0, 2] > frown[0, 2]
    chin = box_of(make_face(MIDDLE, changed(mouth_open=1.0)), "skin")[0, 2]
    assert chin <= box_of(calm, "skin")[0, 2]


@pytest.mark.parametrize(("smile", "sign"), [(1.0, 1), (-1.0, -1)])
def test_a_smile_lifts_the_corners_of_the_mouth(smile: float, sign: int) -> None:
    scene = make_face(MIDDLE, changed(smile=smile))
    points = np.concatenate([corners(p) for p in scene.parts if p.label == LABEL["mouth"]])
    side = np.abs(points[:, 1])
    outer, inner = points[side > 0.9 * side.max(), 2], points[side < 0.1 * side.max(), 2]
    assert sign * (outer.mean() - inner.mean()) > 0.015


def test_the_gaze_moves_both_eyes_to_the_same_side() -> None:
    def pupils(gaze: float) -> Array:
        dark = [p for p in make_face(MIDDLE, changed(gaze=gaze)).parts if p.label == LABEL["eye"]]
        return np.array([corners(part)[:, 1].mean() for part in dark])

    left, right = pupils(1.0), pupils(-1.0)
    moved = left - right
    assert len(moved) == 8  # white, iris, pupil and lid, twice
    assert sorted((moved > 0.01).tolist()) == [False] * 4 + [True] * 4


@pytest.mark.parametrize("style", range(6))
def test_no_face_leaves_the_ball_that_cameras_see(style: int) -> None:
    for width, length, smile, opened in product((0.0, 1.0), (0.0, 1.0), (-1.0, 1.0), (0.0, 1.0)):
        who = person(width=width, length=length, jaw=1.0, nose=1.0, hair_style=(style + 0.5) / 6)
        for part in make_face(who, changed(smile=smile, mouth_open=opened)).parts:
            assert np.linalg.norm(corners(part), axis=1).max() < 0.5


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_any_codes_within_their_ranges_make_a_face(seed: int, extreme: bool) -> None:
    rng = np.random.default_rng(seed)
    who, what = Identity.draw(rng), Expression.draw(rng)
    if extreme:
        who = who.round()
        what = np.where(what > 0, 1.0, Expression.LOW)
    scene = make_face(who, what)
    assert (scene.extents.bounds[:, 1] > scene.extents.bounds[:, 0]).all()
    for part in scene.parts:
        if part.label in (LABEL["mouth"], LABEL["eye"], LABEL["brow"]):
            assert (np.abs(corners(part)[:, 0] / 0.6 - FRONT) < 0.05).all()


def test_nearly_equal_codes_make_nearly_equal_faces() -> None:
    one, other = make_face(MIDDLE), make_face(MIDDLE + 1e-4)
    assert len(one.parts) == len(other.parts)
    assert np.abs(one.extents.bounds - other.extents.bounds).max() < 1e-3


def test_expressions_can_be_told_apart_in_small_pictures() -> None:
    pictures = {name: front(name).images for name in EXPRESSIONS}
    for one, other in combinations(EXPRESSIONS, 2):
        differ = ((pictures[one] - pictures[other]).abs().amax(-1) > 0.1).float().sum(dim=(-1, -2))
        assert float(differ.min()) >= 12, f"{one} and {other} look alike"


def test_features_are_seen_from_the_front() -> None:
    views = front("happy")
    for label, least in {
        "eye": 12,
        "mouth": 25,
        "brow": 6,
        "nose": 8,
        "hair": 25,
        "skin": 250,
    }.items():
        assert float(pixels(views, label).min()) >= least, label
    assert float(pixels(front("surprised"), "mouth").min()) > float(
        pixels(front("sad"), "mouth").max()
    )


def test_cameras_stand_around_the_front() -> None:
    poses = CATEGORY.cameras.poses(make_face(MIDDLE), random_generator("cameras"), 400).double()
    eyes = poses[:, :3, 3]
    assert torch.allclose(eyes.norm(dim=-1), torch.full((400,), 1.2).double(), atol=1e-6)
    azimuth = torch.rad2deg(torch.atan2(eyes[:, 1], eyes[:, 0]))
    elevation = torch.rad2deg(torch.asin(eyes[:, 2] / 1.2))
    assert 70 < float(azimuth.max()) < 75.01
    assert -75.01 < float(azimuth.min()) < -70
    assert -20.01 < float(elevation.min()) < -17
    assert 37 < float(elevation.max()) < 40.01
    assert torch.allclose(poses[:, :3, 2], -eyes / 1.2, atol=1e-6), "they look at the middle"
    few = CATEGORY.cameras.poses(make_face(MIDDLE), random_generator("cameras"), 3)
    assert torch.equal(few, poses[:3].float())


def test_nothing_touches_the_border_of_the_image() -> None:
    for index in range(6):
        face = make(random_generator("faces", "border", index))
        poses = CATEGORY.cameras.poses(face, random_generator("cameras", index), 12)
        views = photograph(face, intrinsics(CATEGORY.cameras.focal, (48, 48)), poses, (48, 48))
        assert views.labels is not None
        seen = views.labels > 0
        border = torch.cat([seen[:, 0], seen[:, -1], seen[:, :, 0], seen[:, :, -1]], dim=1)
        assert not border.any()
        assert views.depth is not None
        seen_depth = views.depth[views.depth.isfinite()]
        assert (
            0.8 * CATEGORY.near < float(seen_depth.min()) < float(seen_depth.max()) < CATEGORY.far
        )


@pytest.mark.parametrize(
    ("identity", "expression", "message"),
    [
        (MIDDLE[:-1], NEUTRAL, r"identity has 12 numbers \(width, .*, shirt\), got shape \(11,\)"),
        (MIDDLE, [0.0, 0.0], "expression has 5 numbers .*smile"),
        (person(jaw=1.01), NEUTRAL, r"identity: jaw must lie in \[0, 1\], got 1.01"),
        (person(skin=float("nan")), NEUTRAL, "skin must lie in .* got nan"),
        (
            MIDDLE,
            changed(mouth_open=-0.5),
            r"expression: mouth_open must lie in \[0, 1\], got -0.5",
        ),
        (MIDDLE, "bored", "unknown expression 'bored'; known: neutral, happy"),
    ],
)
def test_a_bad_code_is_refused(identity: Array, expression: Array, message: str) -> None:
    with pytest.raises(SceneError, match=message):
        make_face(identity, expression)


def test_a_bad_whole_code_is_refused() -> None:
    with pytest.raises(SceneError, match=r"a face's code has 17 numbers, got shape \(12,\)"):
        split_code(MIDDLE)


def test_an_outline_is_cut_between_two_heights() -> None:
    square = np.array([[0.0, 0.0], [2.0, 0.0], [2.0, 2.0], [0.0, 2.0]])
    cut = between(square, 0.5, 1.25)
    assert sorted(map(tuple, cut.round(6).tolist())) == [(0, 0.5), (0, 1.25), (2, 0.5), (2, 1.25)]
    triangle = np.array([[0.0, 0.0], [4.0, 0.0], [0.0, 4.0]])
    assert sorted(map(tuple, between(triangle, -1, 1).tolist())) == [(0, 0), (0, 1), (3, 1), (4, 0)]
    assert len(between(square, 3, 4)) == 0


def test_a_plate_without_area_is_left_out() -> None:
    assert plate(np.zeros((0, 2)), 0.01, (0, 0, 0), 1) == []
    assert plate(np.array([[0.0, 0], [1, 0], [1, 0]]), 0.01, (0, 0, 0), 1) == []
    (octagon,) = plate(oval((0.1, 0.2), (0.05, 0.04)), 0.01, (0, 0, 0), 1)
    assert len(octagon.offsets) == 10


def test_colours_run_along_their_palette() -> None:
    palette = ((0.0, 0.0, 0.0), (1.0, 0.5, 0.0), (0.0, 0.5, 1.0))
    assert along(palette, 0.0) == palette[0]
    assert along(palette, 0.5) == palette[1]
    assert along(palette, 1.0) == palette[2]
    assert along(palette, 0.75) == (0.5, 0.5, 0.5)
