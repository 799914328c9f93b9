"""Cars: kinds and measures of the table, parts that belong together, wheels on the ground."""

from __future__ import annotations

import hashlib
from collections import Counter
from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from course_lib.scenes import Scene, cast, make_scene, random_generator
from course_lib.scenes.cars import CATEGORY, make_car
from course_lib.scenes.cars_labels import BODY, GLASS, LABELS, LIGHT, TRIM, WHEEL
from course_lib.scenes.cars_measures import Measures, draw_kind, draw_measures
from course_lib.scenes.cars_paints import PAINTS, RUBBER, draw_paint, taxi_paint
from course_lib.scenes.cars_solids import Solid, above, below, plane, slab
from tests.polytope_oracle import (
    border_views,
    box_of,
    inner_depths,
    part_corners,
    reprojection_agreement,
    separate_groups,
    without_twin,
)

# probability, then ranges: length, width, height, windscreen base / L and slope, rear base / L and slope
TABLE = {
    "sedan": (0.26, (4.4, 4.9), (1.75, 1.9), (1.38, 1.5), (0.27, 0.31), (0.5, 0.7), (0.14, 0.19), (0.5, 0.7)),
    "hatchback": (0.2, (3.6, 4.2), (1.65, 1.8), (1.42, 1.58), (0.24, 0.28), (0.5, 0.7), (0.02, 0.04), (0.2, 0.38)),
    "SUV": (0.2, (4.3, 4.9), (1.85, 2.0), (1.66, 1.85), (0.25, 0.29), (0.4, 0.55), (0.02, 0.035), (0.12, 0.28)),
    "coupe": (0.12, (4.1, 4.6), (1.8, 1.95), (1.2, 1.32), (0.31, 0.36), (0.75, 0.95), (0.08, 0.13), (0.85, 1.2)),
    "pickup": (0.11, (4.9, 5.5), (1.85, 2.0), (1.7, 1.85), (0.27, 0.31), (0.5, 0.7), (0.36, 0.42), (0.04, 0.12)),
    "van": (0.11, (4.5, 5.3), (1.85, 2.0), (1.9, 2.25), (0.14, 0.2), (0.22, 0.4), (0.013, 0.017), (0.03, 0.1)),
}  # fmt: skip
KINDS = list(TABLE)
seeds = st.integers(0, 2**32)


@cache
def cars(kind: str) -> tuple[Scene, ...]:
    """The first four cars of a kind."""
    found = []
    for index in range(200):
        if draw_kind(random_generator("cars", "test", index)) == kind:
            found.append(make_scene("cars", "test", index))
        if len(found) == 4:
            break
    return tuple(found)


def test_kinds_have_their_probabilities() -> None:
    count = 4000
    kinds = Counter(draw_kind(random_generator("cars", "kinds", i)) for i in range(count))
    expected = {kind: row[0] * count for kind, row in TABLE.items()}
    chi_square = sum((kinds[kind] - n) ** 2 / n for kind, n in expected.items())
    assert sum(kinds.values()) == count
    assert chi_square < 20.5  # five degrees of freedom, p = 0.001


def test_the_scene_has_the_kind_that_was_drawn_first() -> None:
    for index in range(30):
        kind = draw_kind(random_generator("cars", 8, index))
        assert make_scene("cars", 8, index).kind == kind


@given(seed=seeds, kind=st.sampled_from(KINDS))
def test_measures_lie_within_their_row(seed: int, kind: str) -> None:
    m = draw_measures(random_generator("measures", seed), kind)
    cabin_share = (m.belt - m.clearance) / (m.height - m.clearance)
    found = (
        m.length,
        m.width,
        m.height,
        0.5 - m.windscreen_x / m.length,
        m.windscreen_slope,
        0.5 + m.rear_x / m.length,
        m.rear_slope,
    )
    for value, (low, high) in zip(found, TABLE[kind][1:], strict=True):
        assert low - 1e-9 <= value <= high + 1e-9
    assert 0.11 <= m.clearance <= 0.3
    low, high = (0.45, 0.5) if kind == "van" else (0.52, 0.58)
    assert low - 1e-9 <= cabin_share <= high + 1e-9
    assert 0.05 - 1e-9 <= m.belt - m.hood <= 0.13 + 1e-9
    for axle in (m.front_axle, -m.rear_axle):
        assert 0.17 - 1e-9 <= 0.5 - axle / m.length <= 0.21 + 1e-9
    assert m.wheel_radius <= 0.43
    assert 2.12 * m.wheel_radius <= m.hood - 0.09 + 1e-9
    assert m.wheel_radius >= min(0.29, (m.hood - 0.09) / 2.12) - 1e-9


def test_a_car_is_fitted_to_a_unit_diagonal() -> None:
    """The box is known beforehand, from what stands out farthest: on many cars, with every extra."""
    for index in range(80):
        low, high = box_of(make_scene("cars", "fit", index))
        assert np.linalg.norm(high - low) == pytest.approx(1, abs=2e-5)
        np.testing.assert_allclose(low + high, 0, atol=2e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_every_part_has_an_inside_and_nothing_floats(kind: str) -> None:
    scene = cars(kind)[0]
    assert inner_depths(scene).min() > 1e-4
    assert len(separate_groups(scene)) == 1
    assert len(scene.parts) <= 45
    assert {part.label for part in scene.parts} == {BODY, GLASS, WHEEL, LIGHT, TRIM}


@pytest.mark.parametrize("kind", KINDS)
def test_left_and_right_are_mirror_images(kind: str) -> None:
    for scene in cars(kind):
        assert without_twin(scene) == []


@pytest.mark.parametrize("kind", KINDS)
def test_four_tyres_stand_on_the_ground_and_nothing_else_does(kind: str) -> None:
    for scene in cars(kind):
        lowest = np.array([part_corners(part)[:, 2].min() for part in scene.parts])
        ground = box_of(scene)[0][2]
        standing = [p for p, z in zip(scene.parts, lowest, strict=True) if z < ground + 1e-5]
        assert [part.label for part in standing] == [WHEEL] * 4
        feet = np.array([part_corners(part).mean(0) for part in standing])
        assert {tuple(np.sign(foot[:2])) for foot in feet} == {(1, 1), (1, -1), (-1, 1), (-1, -1)}
        others = lowest[[part.label != WHEEL for part in scene.parts]]
        assert others.min() > ground + 0.015


@pytest.mark.parametrize("kind", KINDS)
def test_no_tyre_pokes_through_hood_or_bed(kind: str) -> None:
    """Straight from above, over the tyres' inner parts, a ray meets sheet metal or bed, never rubber."""
    for scene in cars(kind):
        tyres = [p for p in scene.parts if p.label == WHEEL and len(p.offsets) == 16]
        assert len(tyres) == 4
        for tyre in tyres:
            points = part_corners(tyre)
            low, high = points.min(0), points.max(0)
            inwards = 0.012  # the outer faces stand out from the flanks
            x = torch.linspace(low[0] + 1e-3, high[0] - 1e-3, 12, dtype=torch.float64)
            y = torch.linspace(low[1] + inwards, high[1] - inwards, 7, dtype=torch.float64)
            above_all = torch.cartesian_prod(x, y, torch.tensor([1.0], dtype=torch.float64))
            hits = cast(scene, above_all, torch.tensor([0.0, 0.0, -1.0], dtype=torch.float64))
            assert hits.hit.all()
            assert (hits.label != WHEEL).all()
            assert (1 - hits.distance > high[2]).all()


def test_lamps_are_white_in_front_and_red_behind() -> None:
    for kind in KINDS:
        for scene in cars(kind):
            lamps = [part for part in scene.parts if part.label == LIGHT]
            for lamp in lamps:
                red, green, _ = lamp.color
                x = part_corners(lamp)[:, 0].mean()
                assert (x < -0.3) if red > 2 * green else (x > 0.25)
            assert len(lamps) >= 4


def test_glass_is_never_seen_through_a_gap() -> None:
    """Rays at the belt line from all around meet the car: no slit between body, glass and cabin."""
    for kind in KINDS:
        scene = cars(kind)[0]
        glass = [part_corners(part) for part in scene.parts if part.label == GLASS]
        low = min(points[:, 2].min() for points in glass)
        angles = torch.linspace(0, 2 * np.pi, 61, dtype=torch.float64)
        for dz in np.linspace(-0.02, 0.03, 11):
            target = torch.tensor([0.0, 0.0, low + dz], dtype=torch.float64)
            outwards = torch.stack([angles.cos(), angles.sin(), torch.zeros_like(angles)], -1)
            hits = cast(scene, target + 1.2 * outwards, -outwards)
            assert hits.hit.all()
            assert (hits.distance < 1.2).all()


@pytest.mark.parametrize("kind", KINDS)
def test_no_view_touches_the_border_and_all_labels_are_seen(kind: str) -> None:
    assert (CATEGORY.cameras.elevation_low, CATEGORY.cameras.elevation_high) == (4, 65)
    labels = border_views(cars(kind)[1], (4.0, 65.0))
    assert labels[:, [0, -1]].max() == 0
    assert labels[:, :, [0, -1]].max() == 0
    assert set(labels.unique().tolist()) == set(range(len(LABELS)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_point_has_one_colour_in_all_views(kind: str) -> None:
    assert reprojection_agreement(cars(kind)[2]) >= 0.975


def test_cars_are_bit_identical_everywhere() -> None:
    prints = "".join(make_scene("cars", 0, index).fingerprint() for index in range(64))
    assert hashlib.sha256(prints.encode()).hexdigest()[:16] == "990ea932fda43fe7"


def test_extras_occur_and_paints_differ() -> None:
    scenes = [make_car(random_generator("cars", "extras", i)) for i in range(80)]
    assert len({scene.fingerprint() for scene in scenes}) == 80
    counts = {len(scene.parts) for scene in scenes}
    assert len(counts) >= 8  # mouldings, rails, spoilers, stripes, signs come and go
    two_tone = [draw_paint(random_generator("paint", i)) for i in range(2000)]
    share = np.mean([paint.roof != paint.body for paint in two_tone])
    assert share == pytest.approx(0.2, abs=0.03)
    assert Counter(paint.name for paint in two_tone).keys() == PAINTS.keys()
    assert len(PAINTS) == 12


def test_a_taxi_has_one_colour_and_keeps_its_bumpers() -> None:
    for index in range(100):
        paint = draw_paint(random_generator("paint", index))
        taxi = taxi_paint(paint)
        assert taxi.taxi
        assert taxi.body == taxi.roof
        assert taxi.body == (PAINTS["yellow"] if max(paint.body) > 0.6 else paint.body)
        assert taxi.bumper in (taxi.body, RUBBER)
        assert (taxi.bumper == taxi.body) == (paint.bumper == paint.body)


def test_a_solid_moves_and_cuts_its_planes() -> None:
    cube = slab((-1, 1), (-1, 1), (0, 2))
    assert len(part_corners(cube.part((1, 0, 0), 1))) == 8
    roof = Solid({"roof": plane(3.0, 0.0, 4.0, through=(0.0, 0.0, 2.0))})
    assert roof.planes["roof"] == pytest.approx((0.6, 0.0, 0.8, 1.6))
    assert roof.moved_out(roof=0.5).planes["roof"][3] == pytest.approx(2.1)
    assert roof.grown(-0.1).planes["roof"][3] == pytest.approx(1.5)
    with pytest.raises(KeyError, match="door"):
        roof.moved_out(door=0.1)
    band = cube.cut(above(0.5), below(1.5)).part((1, 0, 0), 1)
    assert part_corners(band)[:, 2].min() == pytest.approx(0.5)
    assert part_corners(band)[:, 2].max() == pytest.approx(1.5)
    left = slab((0, 1), (0.5, 1), (0, 1))
    assert part_corners(left.mirrored().part((1, 0, 0), 1))[:, 1].max() == pytest.approx(-0.5)


def test_measures_name_front_and_side() -> None:
    m = draw_measures(random_generator(1), "sedan")
    assert isinstance(m, Measures)
    assert (m.front, m.side) == (m.length / 2, m.width / 2)
