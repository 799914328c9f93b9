"""Chairs: kinds and measures of the table, parts that hold together, feet on the ground."""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib.scenes import Scene, make_scene, random_generator
from course_lib.scenes.chairs import CATEGORY, wooden_chair
from course_lib.scenes.chairs_colors import STEEL, WOODS, darker, draw_colors
from course_lib.scenes.chairs_labels import ARM, BACK, LABELS, LEG, SEAT
from course_lib.scenes.chairs_measures import draw_kind, draw_measures
from tests.polytope_oracle import (
    border_views,
    box_of,
    inner_depths,
    part_corners,
    reprojection_agreement,
    separate_groups,
    without_twin,
)

PROBABILITIES = {
    "dining": 0.22,
    "slat": 0.20,
    "arm": 0.18,
    "ladder": 0.14,
    "office": 0.14,
    "lounge": 0.12,
}
KINDS = list(PROBABILITIES)
FEET = {"dining": 4, "slat": 4, "arm": 4, "ladder": 4, "office": 5, "lounge": 4}
seeds = st.integers(0, 2**32)


@cache
def chairs(kind: str) -> tuple[Scene, ...]:
    """The first four chairs of a kind."""
    found = []
    for index in range(200):
        if draw_kind(random_generator("chairs", "test", index)) == kind:
            found.append(make_scene("chairs", "test", index))
        if len(found) == 4:
            break
    return tuple(found)


def test_kinds_have_their_probabilities() -> None:
    count = 4000
    kinds = Counter(draw_kind(random_generator("chairs", "kinds", i)) for i in range(count))
    expected = {kind: share * count for kind, share in PROBABILITIES.items()}
    chi_square = sum((kinds[kind] - n) ** 2 / n for kind, n in expected.items())
    assert sum(kinds.values()) == count
    assert chi_square < 20.5  # five degrees of freedom, p = 0.001


def test_the_scene_has_the_kind_that_was_drawn_first() -> None:
    for index in range(30):
        kind = draw_kind(random_generator("chairs", 8, index))
        assert make_scene("chairs", 8, index).kind == kind


@given(seed=seeds, kind=st.sampled_from(KINDS))
def test_measures_lie_within_the_table(seed: int, kind: str) -> None:
    m = draw_measures(random_generator("measures", seed), kind)
    width = (0.62, 0.8) if kind == "lounge" else (0.42, 0.52)
    for value, (low, high) in {
        m.width: width,
        m.depth: (0.40, 0.50),
        m.seat_height: (0.42, 0.48),
        m.thickness: (0.03, 0.07),
        m.back_height: (0.38, 0.60),
        m.recline: (0.04, 0.16),
        m.leg: (0.016, 0.028),
        m.splay: (0.0, 0.07),
        m.taper: (0.5, 1.0),
        m.arm_height: (0.17, 0.24),
    }.items():
        assert low <= value <= high
    assert 2 <= m.slats <= 6
    assert 2 <= m.rungs <= 4


def test_slats_rungs_stretchers_and_cushions_occur_as_often_as_they_should() -> None:
    drawn = [draw_measures(random_generator("draws", i), "slat") for i in range(2000)]
    assert {m.slats for m in drawn} == {2, 3, 4, 5, 6}
    assert {m.rungs for m in drawn} == {2, 3, 4}
    assert np.mean([m.stretchers for m in drawn]) == pytest.approx(0.45, abs=0.04)
    assert np.mean([m.fabric for m in drawn]) == pytest.approx(0.8, abs=0.04)


@pytest.mark.parametrize("kind", KINDS)
def test_a_chair_is_fitted_to_a_unit_diagonal(kind: str) -> None:
    for scene in chairs(kind):
        low, high = box_of(scene)
        assert np.linalg.norm(high - low) == pytest.approx(1, abs=2e-5)
        np.testing.assert_allclose(low + high, 0, atol=2e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_every_part_has_an_inside_and_nothing_floats(kind: str) -> None:
    for scene in chairs(kind):
        assert inner_depths(scene).min() > 1e-3
        assert len(separate_groups(scene)) == 1
        assert len(scene.parts) <= 30


@pytest.mark.parametrize("kind", KINDS)
def test_left_and_right_are_mirror_images(kind: str) -> None:
    for scene in chairs(kind):
        assert without_twin(scene) == []


@pytest.mark.parametrize("kind", KINDS)
def test_feet_stand_on_the_ground_and_carry_the_seat(kind: str) -> None:
    for scene in chairs(kind):
        points = [part_corners(part) for part in scene.parts]
        ground = box_of(scene)[0][2]
        standing = [
            index for index, corners in enumerate(points) if corners[:, 2].min() < ground + 1e-5
        ]
        assert len(standing) == FEET[kind]
        assert {scene.parts[index].label for index in standing} == {LEG}
        feet = np.array([points[index].mean(0) for index in standing])
        seat = np.concatenate(
            [c for c, part in zip(points, scene.parts, strict=True) if part.label == SEAT]
        )
        assert seat[:, 2].min() > ground + 0.05
        middle = seat.mean(0)
        assert feet[:, 0].min() < middle[0] < feet[:, 0].max()
        assert feet[:, 1].min() < middle[1] < feet[:, 1].max()


@pytest.mark.parametrize("kind", KINDS)
def test_the_back_rises_behind_the_seat(kind: str) -> None:
    for scene in chairs(kind):
        back = [part_corners(part) for part in scene.parts if part.label == BACK]
        seat = [part_corners(part) for part in scene.parts if part.label == SEAT]
        top = np.concatenate(back)[:, 2].max()
        assert top == pytest.approx(box_of(scene)[1][2], abs=1e-6)
        assert np.concatenate(back)[:, 0].mean() < np.concatenate(seat)[:, 0].mean() - 0.1
        arms = [part_corners(part) for part in scene.parts if part.label == ARM]
        if kind in ("arm", "lounge"):
            assert arms
        if kind in ("dining", "slat", "ladder"):
            assert not arms
        if arms:
            highest = np.concatenate(arms)[:, 2].max()
            assert np.concatenate(seat)[:, 2].max() + 0.1 < highest < top


def test_a_slat_back_has_its_slats_and_a_ladder_its_rungs() -> None:
    for seed in range(12):
        for kind, extra in (("slat", 4), ("ladder", 2)):
            rng = random_generator("counted", seed)
            m, colors = draw_measures(rng, kind), draw_colors(rng)
            parts = wooden_chair(m, colors, kind)
            count = sum(part.label == BACK for part in parts)
            # two posts; a slat back has two rails besides
            assert count == extra + (m.slats if kind == "slat" else m.rungs)
            stretchers = sum(part.label == LEG for part in parts) - 4
            assert stretchers == (3 if m.stretchers else 0)
            assert sum(part.label == SEAT for part in parts) == (2 if m.fabric else 1)


@pytest.mark.parametrize("kind", KINDS)
def test_no_view_touches_the_border_and_all_labels_are_seen(kind: str) -> None:
    assert (CATEGORY.cameras.elevation_low, CATEGORY.cameras.elevation_high) == (4, 65)
    scene = chairs(kind)[1]
    assert scene.label_names == LABELS
    labels = border_views(scene, (4.0, 65.0))
    assert labels[:, [0, -1]].max() == 0
    assert labels[:, :, [0, -1]].max() == 0
    assert set(labels.unique().tolist()) == {0, *(part.label for part in scene.parts)}


@pytest.mark.parametrize("kind", KINDS)
def test_a_point_has_one_colour_in_all_views(kind: str) -> None:
    assert reprojection_agreement(chairs(kind)[2]) >= 0.975


def test_chairs_are_bit_identical_everywhere() -> None:
    prints = "".join(make_scene("chairs", 0, index).fingerprint() for index in range(64))
    assert hashlib.sha256(prints.encode()).hexdigest()[:16] == "e8cba65f6d35da44"


def test_colours_are_woods_metals_and_fabrics_of_all_hues() -> None:
    drawn = [draw_colors(random_generator("colors", i)) for i in range(300)]
    assert {colors.frame for colors in drawn} == set(WOODS.values())
    assert len(WOODS) == 8
    assert len({colors.cushion for colors in drawn}) == 300
    strongest = Counter(int(np.argmax(colors.cushion)) for colors in drawn)
    assert min(strongest.values()) > 60  # red, green and blue ones
    assert darker(STEEL, 0.5) == pytest.approx(np.array(STEEL) / 2)
