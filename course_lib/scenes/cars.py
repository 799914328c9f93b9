"""Cars of six kinds: convex parts with the proportions, paints and details of the street."""

from __future__ import annotations

from typing import Final

import numpy as np

from course_lib.scenes.cameras import CameraRange
from course_lib.scenes.cars_body import lower_body, trim
from course_lib.scenes.cars_cabin import cabin, roof_cap, sunroof, windows
from course_lib.scenes.cars_extras import (
    MIRROR_PROUD,
    lip,
    mirrors,
    moulding,
    roof_rails,
    stripes,
    taxi_sign,
    wing,
)
from course_lib.scenes.cars_labels import BODY, LABELS
from course_lib.scenes.cars_lamps import PLATE_PROUD, front_lamps, grille, plates, tail_lamps
from course_lib.scenes.cars_measures import Measures, draw_kind, draw_measures
from course_lib.scenes.cars_paints import CHROME, PAINTS, RUBBER, Paint, draw_paint, taxi_paint
from course_lib.scenes.cars_wheels import arches, wheels
from course_lib.scenes.category import Category
from course_lib.scenes.polytopes import Part, Scene
from course_lib.scenes.shapes import moved

TALL_LAMPS: Final = ("hatchback", "SUV", "van")
# How many cars of a kind have an extra.
TAXI: Final = {"sedan": 0.12, "hatchback": 0.05, "van": 0.05}
SPOILER: Final = {"coupe": 0.5, "hatchback": 0.4}
STRIPES: Final = {"coupe": 0.3}
RAILS: Final = {"SUV": 0.6, "van": 0.2}
SUNROOF: Final = {"sedan": 0.3, "hatchback": 0.2, "coupe": 0.3, "SUV": 0.2}
PANEL_VAN: Final = 0.45
MOULDING: Final = 0.3  # on any kind


def make_car(rng: np.random.Generator) -> Scene:
    """A car whose box has its centre at 0 and a diagonal of 1; its front points along +x, z is up.

    The kind is drawn with the probabilities of `cars_measures.KINDS`, everything else given the kind.
    """
    kind = draw_kind(rng)
    measures, paint = draw_measures(rng, kind), draw_paint(rng)
    if rng.random() < TAXI.get(kind, 0.0):
        paint = taxi_paint(paint)
    parts = [*_shell(measures, paint, rng), *_extras(measures, paint, rng)]
    return Scene("cars", kind, _fitted(parts, measures), LABELS)


def _fitted(parts: list[Part], m: Measures) -> tuple[Part, ...]:
    """What `shapes.fitted` does, without a search for corners: we know what stands out farthest.

    That is the plates in front and behind, the mirrors on either side, and the highest level plane.
    """
    level = (part.offsets[part.normals[:, 2] == 1] for part in parts)
    top = max(float(heights.max(initial=0.0)) for heights in level)
    low = np.array([-m.front - PLATE_PROUD, -m.side - MIRROR_PROUD, 0.0])
    high = np.array([m.front + PLATE_PROUD, m.side + MIRROR_PROUD, top])
    scale = 1 / float(np.sqrt(((high - low) ** 2).sum()))
    return tuple(moved(part, translation=-scale * (low + high) / 2, scale=scale) for part in parts)


def _shell(m: Measures, paint: Paint, rng: np.random.Generator) -> list[Part]:
    """What every car has."""
    panel_van = m.kind == "van" and rng.random() < PANEL_VAN
    slim, indicators = float(rng.random()), rng.random() < 0.5
    return [
        *lower_body(m, paint.body),
        *trim(m, None if paint.bumper == paint.body else paint.bumper),
        *arches(m),
        *wheels(m, paint.rim),
        cabin(m).part(paint.body, BODY),
        *windows(m, panel_van=panel_van),
        *front_lamps(m, slim, indicators),
        grille(m, CHROME if rng.random() < 0.25 else RUBBER),
        *tail_lamps(m, tall=m.kind in TALL_LAMPS),
        *plates(m),
        mirrors(m, paint.body),
    ]


def _extras(m: Measures, paint: Paint, rng: np.random.Generator) -> list[Part]:
    """What some cars have. All draws are made for every car, so that adding a part moves no other."""
    spoiler, striped, rails, lid, strip = rng.random(5).tolist()
    parts = []
    if paint.roof != paint.body:
        parts.append(roof_cap(m, paint.roof))
    if strip < MOULDING:
        parts.append(moulding(m, CHROME if paint.name in ("black", "graphite") else RUBBER))
    if spoiler < SPOILER.get(m.kind, 0.0):
        parts += wing(m, paint.body) if m.kind == "coupe" else [lip(m, paint.roof)]
    if striped < STRIPES.get(m.kind, 0.0):
        parts += stripes(m, PAINTS["black" if paint.name in ("white", "yellow") else "white"])
    elif lid < SUNROOF.get(m.kind, 0.0) and not paint.taxi:
        parts.append(sunroof(m))
    if rails < RAILS.get(m.kind, 0.0):
        parts += roof_rails(m)
    if paint.taxi:
        parts.append(taxi_sign(m))
    return parts


CATEGORY: Final = Category("cars", make_car, CameraRange(elevation_low=4, elevation_high=65))
