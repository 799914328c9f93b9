"""What some cars have: mirrors, roof rails, spoilers, racing stripes, a taxi's sign, a spare wheel."""

from __future__ import annotations

from typing import Final

from course_lib.scenes.cars_body import SHOULDER, body
from course_lib.scenes.cars_cabin import cabin, roof_span
from course_lib.scenes.cars_labels import BODY, TRIM
from course_lib.scenes.cars_measures import Measures
from course_lib.scenes.cars_paints import RUBBER, TAXI_SIGN
from course_lib.scenes.cars_solids import above, left_of, right_of, slab
from course_lib.scenes.cars_wheels import ARCH
from course_lib.scenes.polytopes import Color, Part

MIRROR_PROUD: Final = (
    0.12  # metres by which a mirror stands out from the flank: a car's widest part
)
RAIL_HEIGHT: Final = 0.055
SIGN_HEIGHT: Final = 0.13


def mirrors(m: Measures, color: Color) -> Part:
    """Both mirrors are the ends of one bar through the cabin, behind the foot of the windscreen."""
    low, high = m.belt + 0.03, m.belt + 0.17
    front = m.windscreen_x - m.windscreen_slope * (high - m.belt) - 0.02
    reach = m.side + MIRROR_PROUD
    return slab((front - 0.12, front), (-reach, reach), (low, high)).part(color, BODY)


def moulding(m: Measures, color: Color) -> Part:
    """A strip along the doors, on both flanks."""
    ends = ARCH * m.wheel_radius + 0.05
    z = m.clearance + 0.5 * (m.hood - m.clearance)
    reach = m.side + 0.012
    span = (m.rear_axle + ends, m.front_axle - ends)
    return slab(span, (-reach, reach), (z - 0.035, z + 0.035)).part(color, TRIM)


def roof_rails(m: Measures) -> list[Part]:
    """Two dark bars along the roof."""
    front, rear = roof_span(m)
    y = m.side - SHOULDER[0] - m.lean * (m.height - m.belt) - 0.12
    rail = slab((rear, front), (y - 0.025, y + 0.025), (m.height - 0.06, m.height + RAIL_HEIGHT))
    return [rail.part(RUBBER, TRIM), rail.mirrored().part(RUBBER, TRIM)]


def taxi_sign(m: Measures) -> Part:
    """A bright box across the middle of the roof."""
    front, rear = roof_span(m)
    x = front - 0.35 * (front - rear)
    z = (m.height - 0.02, m.height + SIGN_HEIGHT)
    return slab((x - 0.09, x + 0.09), (-0.3, 0.3), z).part(TAXI_SIGN, TRIM)


def wing(m: Measures, color: Color) -> list[Part]:
    """A coupe's spoiler: a blade over the boot on two feet."""
    rear = -m.front + 0.04
    top = m.belt + 0.15
    reach = m.side - 0.16
    blade = slab((rear, rear + 0.22), (-reach, reach), (top - 0.035, top))
    foot = slab(
        (rear + 0.06, rear + 0.16), (reach - 0.22, reach - 0.17), (m.belt - 0.1, top - 0.02)
    )
    return [blade.part(color, BODY), *(one.part(color, BODY) for one in (foot, foot.mirrored()))]


def lip(m: Measures, color: Color) -> Part:
    """A hatchback's spoiler: the roof goes on over the rear window."""
    edge = m.rear_x + m.rear_slope * (m.height - m.belt)
    reach = m.side - SHOULDER[0] - m.lean * (m.height - m.belt) - 0.1
    height = (m.height - 0.055, m.height - 0.005)
    return slab((edge - 0.13, edge + 0.25), (-reach, reach), height).part(color, BODY)


def stripes(m: Measures, color: Color) -> list[Part]:
    """Two racing stripes over hood, roof and boot: four bands of paint."""
    lower = body(m).grown(0.004).only("hood", "deck", "nose", "tail")
    lower = lower.cut(above(m.hood - 0.02))
    upper = cabin(m).grown(0.004).only("roof", "brow front", "brow rear", "front", "rear")
    upper = upper.cut(above(m.height - 0.115))
    parts = []
    for solid in (lower, upper):
        band = solid.cut(left_of(0.07), right_of(0.28))
        parts += [band.part(color, TRIM), band.mirrored().part(color, TRIM)]
    return parts
