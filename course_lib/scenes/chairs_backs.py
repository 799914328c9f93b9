"""Backs of wooden chairs: a panel, upright slats under a rail, or the rungs of a ladder."""

from __future__ import annotations

from typing import Final

from course_lib.scenes.chairs_colors import Colors
from course_lib.scenes.chairs_frame import both_sides, post
from course_lib.scenes.chairs_labels import BACK
from course_lib.scenes.chairs_measures import Measures
from course_lib.scenes.polytopes import Color, Part
from course_lib.scenes.shapes import frustum, prism

RAIL: Final = 0.075  # height of the rail at the top
GAP: Final = 0.11  # between the seat and what spans the posts


def across(
    m: Measures,
    heights: tuple[float, float],
    half_width: float,
    half_depth: float,
    color: Color,
    label: int = BACK,
) -> Part:
    """A board across the reclined back between two heights, vertical at its upper and lower edge."""
    low, high = heights
    profile = [
        (m.back_x(low) - half_depth, low),
        (m.back_x(low) + half_depth, low),
        (m.back_x(high) + half_depth, high),
        (m.back_x(high) - half_depth, high),
    ]
    return prism(profile, 1, -half_width, half_width, color, label)


def posts(m: Measures, color: Color, height: float | None = None) -> list[Part]:
    """The rear legs go on above the seat up to `height`, or to the top of the back."""
    low, high = m.seat_height - 0.9 * m.thickness, m.top if height is None else height
    foot, head = (m.back_x(low), m.post_y, low), (m.back_x(high), m.post_y, high)
    return both_sides(post(foot, head, (m.leg, 0.85 * m.leg), color, BACK))


def panel_back(m: Measures, colors: Colors) -> list[Part]:
    """A board or an upholstered panel in front of two posts."""
    low = m.seat_height + GAP
    half = m.post_y + m.leg + 0.004
    color = colors.cushion if m.fabric else colors.board
    depth = m.leg + (0.010 if m.fabric else 0.004)
    return [
        *posts(m, colors.frame, m.top - 0.06),
        across(m, (low, m.top), half, depth, color),
    ]


def slat_back(m: Measures, colors: Colors) -> list[Part]:
    """Upright slats between a rail at the top and one above the seat."""
    top, low = m.top, m.seat_height + GAP
    half = m.post_y + m.leg
    rail = across(m, (top - RAIL, top), half, 0.8 * m.leg, colors.frame)
    lower = across(m, (low - 0.035, low), m.post_y, 0.5 * m.leg, colors.frame)
    inner = m.post_y - m.leg
    pitch = 2 * inner / (m.slats + 1)
    width = min(0.022, 0.28 * pitch)  # half of a slat's
    z0, z1, depth = low - 0.01, top - RAIL + 0.01, 0.35 * m.leg
    x0, x1 = m.back_x(z0), m.back_x(z1)
    slats = []
    for i in range(m.slats):
        y = -inner + pitch * (i + 1)
        base = ((x0 - depth, y - width), (x0 + depth, y + width))
        head = ((x1 - depth, y - width), (x1 + depth, y + width))
        slats.append(frustum(base, z0, head, z1, colors.frame, BACK))
    return [*posts(m, colors.frame, top - 0.01), rail, lower, *slats]


def ladder_back(m: Measures, colors: Colors) -> list[Part]:
    """Horizontal rungs between two posts, the highest the widest."""
    low = m.seat_height + GAP
    pitch = (m.top - 0.02 - low) / m.rungs
    rungs = []
    for i in range(m.rungs):
        middle = low + pitch * (i + 0.62)
        half = min(0.038, 0.26 * pitch) * (1.0 if i < m.rungs - 1 else 1.25)
        span = (middle - half, middle + half)
        rungs.append(across(m, span, m.post_y, 0.45 * m.leg, colors.board))
    return [*posts(m, colors.frame), *rungs]
