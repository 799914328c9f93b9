"""The seat, the four legs below it, and the bars between the legs."""

from __future__ import annotations

from typing import Final

from course_lib.scenes.chairs_colors import Colors
from course_lib.scenes.chairs_labels import LEG, SEAT
from course_lib.scenes.chairs_measures import Measures
from course_lib.scenes.polytopes import Color, Part
from course_lib.scenes.shapes import box, frustum, mirrored, prism

CORNER: Final = 0.035  # metres cut off the corners of a seat
CUSHION: Final = 0.035  # thickness of a cushion


def both_sides(part: Part) -> list[Part]:
    """A part on the left and its mirror image on the right."""
    return [part, mirrored(part, axis=1)]


def post(
    foot: tuple[float, float, float],
    head: tuple[float, float, float],
    half_widths: tuple[float, float],
    color: Color,
    label: int,
) -> Part:
    """A bar between two points, upright or slanted: horizontal squares at both ends."""
    (x0, y0, z0), (x1, y1, z1), (h0, h1) = foot, head, half_widths
    return frustum(
        ((x0 - h0, y0 - h0), (x0 + h0, y0 + h0)),
        z0,
        ((x1 - h1, y1 - h1), (x1 + h1, y1 + h1)),
        z1,
        color,
        label,
    )


def seat_outline(m: Measures, inset: float = 0.0) -> list[tuple[float, float]]:
    """The seat from above: a trapezoid, wider in front, with its corners cut."""
    front, c = m.front - inset, CORNER
    wide, narrow = m.side - inset, m.narrowing * m.side - inset
    half = [
        (front, wide - c),
        (front - c, wide),
        (-front + c / 2, narrow),
        (-front, narrow - c / 2),
    ]
    return half + [(x, -y) for x, y in reversed(half)]


def seat(m: Measures, colors: Colors) -> list[Part]:
    """A board; with fabric, a thinner board under a cushion that tapers upwards."""
    low, high = m.seat_height - m.thickness, m.seat_height
    if not m.fabric:
        return [prism(seat_outline(m), 2, low, high, colors.board, SEAT)]
    middle = low + 0.45 * m.thickness
    outline = seat_outline(m)
    board = prism(outline, 2, low, middle, colors.board, SEAT)
    cushion = prism(seat_outline(m, 0.012), 2, middle, high, colors.cushion, SEAT)
    return [board, cushion]


def leg_tops(m: Measures) -> tuple[tuple[float, float], tuple[float, float]]:
    """(x, y) of the tops of the left front leg and of the left rear leg."""
    front = (m.front - m.leg - 0.012, m.side - m.leg - 0.012)
    return front, (m.post_x, m.post_y)


def foot_of(m: Measures, top: tuple[float, float], z: float = 0.0) -> tuple[float, float]:
    """(x, y) of a left leg's middle at height z: splayed outwards, so most on the ground."""
    out = m.splay * (1 - z / (m.seat_height - m.thickness))
    return top[0] + (out if top[0] > 0 else -out), top[1] + out


def legs(m: Measures, color: Color) -> list[Part]:
    """Four legs that stand on the ground and end inside the seat."""
    parts: list[Part] = []
    head = m.seat_height - 0.6 * m.thickness
    for top in leg_tops(m):
        foot = foot_of(m, top)
        bar = post((*foot, 0.0), (*top, head), (m.taper * m.leg, m.leg), color, LEG)
        parts += both_sides(bar)
    return parts


def stretchers(m: Measures, color: Color) -> list[Part]:
    """An H of bars: one along each side, one across."""
    z, half = 0.38 * m.seat_height, 0.6 * m.leg
    front, rear = (foot_of(m, top, z) for top in leg_tops(m))
    side = prism(
        [
            (rear[0], rear[1] - half),
            (front[0], front[1] - half),
            (front[0], front[1] + half),
            (rear[0], rear[1] + half),
        ],
        2,
        z - half,
        z + half,
        color,
        LEG,
    )
    x = (front[0] + rear[0]) / 2
    y = (front[1] + rear[1]) / 2
    across = box((x - half, -y, z - 0.9 * half), (x + half, y, z + 0.9 * half), color, LEG)
    return [*both_sides(side), across]
