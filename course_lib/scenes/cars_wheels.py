"""Tyres, rims, and the dark arches in which they turn."""

from __future__ import annotations

from math import cos, pi, sin
from typing import Final

from course_lib.scenes.cars_labels import TRIM, WHEEL
from course_lib.scenes.cars_measures import Measures
from course_lib.scenes.cars_paints import RUBBER, TYRE
from course_lib.scenes.cars_solids import Plane, Solid, above, below, left_of, right_of
from course_lib.scenes.polytopes import Color, Part

ARCH: Final = 1.12  # radius of an arch over that of its tyre
TYRE_SIDES: Final = 14  # even, so that a flat side stands on the ground
RIM_SIDES: Final = 10
RIM: Final = 0.62  # radius of a rim over that of its tyre
TYRE_WIDTH: Final = 0.22  # metres
TYRE_PROUD: Final = 0.010  # by which the tyre's face stands out from the flank
RIM_PROUD: Final = 0.022
ARCH_PROUD: Final = 0.005


def disc(x: float, z: float, radius: float, sides: int) -> Solid:
    """A regular prism around the axis through (x, ·, z), unbounded along y.

    `radius` is that of the inscribed circle, so the lowest face lies exactly `radius` below z.
    """
    planes: dict[str, Plane] = {}
    for i in range(sides):
        angle = 2 * pi * i / sides - pi / 2
        nx, nz = cos(angle), sin(angle)
        planes[f"side {i}"] = (nx, 0.0, nz, nx * x + nz * z + radius)
    return Solid(planes)


def wheels(m: Measures, rim: Color) -> list[Part]:
    """Four tyres that stand on the ground, and four rims."""
    r = m.wheel_radius
    parts = []
    for axle in (m.front_axle, m.rear_axle):
        tyre = disc(axle, r, r, TYRE_SIDES)
        hub = disc(axle, r, RIM * r, RIM_SIDES)
        face, inner = m.side + TYRE_PROUD, m.side - TYRE_WIDTH
        for solid, outer, color in ((tyre, face, TYRE), (hub, m.side + RIM_PROUD, rim)):
            left = solid.cut(left_of(inner if color is TYRE else m.side), right_of(outer))
            parts += [left.part(color, WHEEL), left.mirrored().part(color, WHEEL)]
    return parts


def arches(m: Measures) -> list[Part]:
    """Dark half discs around the wheels, just proud of the flanks: one part an axle.

    A pickup's bed is open, so there the rear one is two parts, one in each wall.
    """
    r = m.wheel_radius
    parts = []
    for axle in (m.front_axle, m.rear_axle):
        arch = disc(axle, r, ARCH * r, RIM_SIDES)
        upper = arch.only(*(f"side {i}" for i in range(2, RIM_SIDES - 1)))
        upper = upper.cut(above(m.clearance), below(m.belt))
        out = m.side + ARCH_PROUD
        if m.kind == "pickup" and axle < 0:
            left = upper.cut(left_of(m.side - 0.05), right_of(out))
            parts += [left.part(RUBBER, TRIM), left.mirrored().part(RUBBER, TRIM)]
        else:
            parts.append(upper.cut(left_of(-out), right_of(out)).part(RUBBER, TRIM))
    return parts
