"""Lounge chairs: a cushion between thick arms, all upholstered, on low feet."""

from __future__ import annotations

from typing import Final

from course_lib.scenes.chairs_colors import Colors, darker
from course_lib.scenes.chairs_frame import both_sides
from course_lib.scenes.chairs_labels import ARM, BACK, LEG, SEAT
from course_lib.scenes.chairs_measures import Measures
from course_lib.scenes.polytopes import Color, Part
from course_lib.scenes.shapes import box, frustum, prism

FEET: Final = 0.07  # height of the feet
ARM_SHARE: Final = 0.19  # thickness of an arm, in widths of the chair
BACK_DEPTH: Final = 0.15
EDGE: Final = 0.022  # metres cut off the edges of an arm


def lounge_chair(m: Measures, colors: Colors) -> list[Part]:
    """All parts of a lounge chair; its width is that over the arms."""
    color, thick = colors.cushion, ARM_SHARE * m.width
    inner = m.side - thick
    cushion_low = m.seat_height - 0.13
    back_x = -m.front  # the seat's rear edge, where the back begins
    base = box(
        (back_x - 0.02, -inner - 0.01, FEET),
        (m.front - 0.02, inner + 0.01, cushion_low),
        darker(color),
        SEAT,
    )
    cushion = prism(
        _rounded((back_x - 0.02, m.front + 0.015), (cushion_low, m.seat_height)),
        1,
        -inner - 0.004,
        inner + 0.004,
        color,
        SEAT,
    )
    return [
        base,
        cushion,
        _back(m, color),
        *both_sides(_arm(m, thick, color)),
        *_feet(m, colors.frame),
    ]


def _rounded(across: tuple[float, float], up: tuple[float, float]) -> list[tuple[float, float]]:
    """A rectangle whose upper edges are cut."""
    (x0, x1), (z0, z1) = across, up
    return [(x0, z0), (x1, z0), (x1, z1 - EDGE), (x1 - EDGE, z1), (x0 + EDGE, z1), (x0, z1 - EDGE)]


def _arm(m: Measures, thick: float, color: Color) -> Part:
    profile = _rounded((m.side - thick, m.side), (FEET, m.seat_height + m.arm_height))
    return prism(profile, 0, -m.front - 0.06, m.front, color, ARM)


def _back(m: Measures, color: Color) -> Part:
    """A wedge behind the seat, as wide as the chair, that leans backwards."""
    z, top = m.seat_height, m.seat_height + 0.75 * m.back_height
    foot, head = -m.front, -m.front - m.recline * (top - z)
    profile = [
        (foot + m.recline * (z - FEET), FEET),
        (head, top - EDGE),
        (head - EDGE, top),
        (head - BACK_DEPTH + EDGE, top),
        (head - BACK_DEPTH, top - EDGE),
        (foot - BACK_DEPTH + 0.02, FEET),
    ]
    return prism(profile, 1, -m.side + 0.012, m.side - 0.012, color, BACK)


def _feet(m: Measures, color: Color) -> list[Part]:
    parts: list[Part] = []
    y = m.side - 0.06
    for x in (m.front - 0.06, -m.front - BACK_DEPTH + 0.09):
        base = ((x - 0.018, y - 0.018), (x + 0.018, y + 0.018))
        top = ((x - 0.028, y - 0.028), (x + 0.028, y + 0.028))
        parts += both_sides(frustum(base, 0.0, top, FEET + 0.01, color, LEG))
    return parts
