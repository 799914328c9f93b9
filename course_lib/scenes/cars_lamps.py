"""Lamps, grille and number plates: all follow the faces of the body on which they lie."""

from __future__ import annotations

from typing import Final

from course_lib.scenes.cars_body import body
from course_lib.scenes.cars_labels import LIGHT, TRIM
from course_lib.scenes.cars_measures import Measures
from course_lib.scenes.cars_paints import HEADLAMP, INDICATOR, PLATE, TAIL_LAMP
from course_lib.scenes.cars_solids import (
    Plane,
    Solid,
    above,
    ahead_of,
    behind,
    below,
    left_of,
    right_of,
)
from course_lib.scenes.polytopes import Color, Part

PLATE_PROUD: Final = 0.03  # metres by which a plate stands out beyond the bumper


def _both(solid: Solid, color: Color) -> list[Part]:
    return [solid.part(color, LIGHT), solid.mirrored().part(color, LIGHT)]


def _between(half_width: float) -> tuple[Plane, Plane]:
    return left_of(-half_width), right_of(half_width)


def front_lamps(m: Measures, slim: float, indicators: bool) -> list[Part]:
    """Two headlamps around the front corners; `slim` in [0, 1] makes them lower.

    `indicators` puts an orange lamp on each fender, behind the headlamp.
    """
    rise = m.hood - m.clearance
    top = m.hood - 0.035
    lamp = body(m).grown(0.012).only("nose", "hood", "left", "front left")
    band = (above(top - rise * (0.30 - 0.10 * slim)), below(top))
    inner = left_of(m.side * (0.58 - 0.06 * slim))
    parts = _both(lamp.cut(*band, inner, ahead_of(m.front - 0.16)), HEADLAMP)
    if indicators:
        side = (ahead_of(m.front - 0.27), behind(m.front - 0.165), left_of(m.side - 0.2))
        parts += _both(lamp.only("left", "front left").cut(*band, *side), INDICATOR)
    return parts


def grille(m: Measures, color: Color) -> Part:
    """The dark opening between the headlamps."""
    rise = m.hood - m.clearance
    face = body(m).grown(0.008).only("nose", "hood")
    band = (above(m.hood - 0.035 - 0.30 * rise), below(m.hood - 0.035))
    return face.cut(*band, *_between(0.50 * m.side), ahead_of(m.front - 0.12)).part(color, TRIM)


def tail_lamps(m: Measures, tall: bool) -> list[Part]:
    """Two red lamps around the rear corners; `tall` ones reach from the bumper to the belt."""
    deck = m.belt - (0.05 if tall else 0.09)
    rise = deck - m.clearance
    lamp = body(m).grown(0.012).only("tail", "deck", "left", "rear left", "shoulder left")
    band = (above(deck - rise * (0.42 if tall else 0.24)), below(deck))
    inner = left_of(m.side * (0.70 if tall else 0.55))
    return _both(lamp.cut(*band, inner, behind(0.13 - m.front)), TAIL_LAMP)


def plates(m: Measures) -> list[Part]:
    """A number plate at either end, upright: what stands out farthest in front and behind."""
    shell = body(m).grown(0.055)
    low = m.clearance + 0.24 * (m.hood - m.clearance)
    front = shell.only("nose", "chin").cut(above(low), below(low + 0.12), *_between(0.26))
    low = m.clearance + 0.44 * (m.belt - m.clearance)
    rear = shell.only("tail", "skirt").cut(above(low), below(low + 0.13), *_between(0.26))
    return [
        front.cut(ahead_of(m.front - 0.2), behind(m.front + PLATE_PROUD)).part(PLATE, TRIM),
        rear.cut(behind(0.1 - m.front), ahead_of(-m.front - PLATE_PROUD)).part(PLATE, TRIM),
    ]
