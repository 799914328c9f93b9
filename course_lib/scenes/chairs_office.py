"""Office chairs: a padded seat and back on a column with a five-star base and castors."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from course_lib.scenes.chairs_backs import across
from course_lib.scenes.chairs_colors import BLACK, Colors
from course_lib.scenes.chairs_frame import both_sides, seat_outline
from course_lib.scenes.chairs_labels import ARM, BACK, LEG, SEAT
from course_lib.scenes.chairs_measures import Measures
from course_lib.scenes.polytopes import Color, Part
from course_lib.scenes.shapes import box, cylinder, moved, prism, rotation_about

SPOKES: Final = 5
REACH: Final = 0.60  # of the spokes, in widths of the seat
CASTOR: Final = 0.028  # radius
CORNER: Final = 0.05  # metres cut off the back's upper corners
PAD: Final = 0.02  # added to the seat's thickness


def base(m: Measures, metal: Color) -> list[Part]:
    """The column, five spokes that fall outwards, and five castors that stand on the ground."""
    top = m.seat_height - m.thickness
    reach, height = REACH * m.width, 2 * CASTOR
    column = cylinder((0, 0, (height + top) / 2), (0, 0, 1), 0.028, top - height, 8, metal, LEG)
    profile = [
        (0.0, height + 0.005),
        (reach, height - 0.008),
        (reach, height + 0.016),
        (0.0, height + 0.055),
    ]
    spoke = prism(profile, 1, -0.022, 0.022, metal, LEG)
    wheel = cylinder((reach - 0.012, 0, CASTOR), (0, 1, 0), CASTOR, 0.045, 8, BLACK, LEG)
    parts = [column]
    for i in range(SPOKES):
        turn = rotation_about(2, 360 / SPOKES * i)
        parts += [moved(spoke, turn), moved(wheel, turn)]
    return parts


def padded_seat(m: Measures, color: Color) -> list[Part]:
    """A thick pad with cut corners on a black shell."""
    low, high = m.seat_height - m.thickness - PAD, m.seat_height
    return [
        prism(seat_outline(m), 2, low + 0.018, high, color, SEAT),
        prism(seat_outline(m, 0.02), 2, low, low + 0.019, BLACK, SEAT),
    ]


def padded_back(m: Measures, color: Color) -> list[Part]:
    """A pad that leans on a black bar, which comes from below the seat."""
    low = m.seat_height + 0.10
    wide = 0.86 * m.post_y
    bar_x = m.post_x - 0.03
    foot = m.seat_height - m.thickness - 0.01
    bar = prism(
        [
            (bar_x - 0.03, foot - 0.02),
            (bar_x + 0.05, foot - 0.02),
            (m.back_x(low + 0.12) - 0.01, low + 0.12),
            (m.back_x(low + 0.12) - 0.045, low + 0.12),
        ],
        1,
        -0.035,
        0.035,
        BLACK,
        BACK,
    )
    return [_corners_cut(across(m, (low, m.top), wide, 0.028, color), wide, m.top), bar]


def _corners_cut(part: Part, half_width: float, top: float) -> Part:
    """The part without its two upper corners, as seen from the front: 45° at CORNER from each."""
    slant = 0.5**0.5
    normals = np.array([[0.0, slant, slant], [0.0, -slant, slant]])
    offset = slant * (half_width + top - CORNER)
    return replace(
        part,
        normals=np.concatenate([part.normals, normals]),
        offsets=np.concatenate([part.offsets, [offset, offset]]),
    )


def arms(m: Measures) -> list[Part]:
    """Two pads on uprights; a bar under the seat carries both."""
    z = m.seat_height + m.arm_height
    y = m.side + 0.03
    low = m.seat_height - m.thickness - PAD - 0.012
    bar = box((-0.03, -y, low), (0.03, y, low + 0.024), BLACK, ARM)
    upright = box((-0.025, y - 0.012, low), (0.025, y + 0.012, z - 0.02), BLACK, ARM)
    pad = box((-0.11, y - 0.03, z - 0.03), (0.12, y + 0.03, z), BLACK, ARM)
    return [bar, *both_sides(upright), *both_sides(pad)]


def office_chair(m: Measures, colors: Colors, metal: Color, *, with_arms: bool) -> list[Part]:
    """All parts of an office chair; seat and back are always upholstered."""
    return [
        *base(m, metal),
        *padded_seat(m, colors.cushion),
        *padded_back(m, colors.cushion),
        *(arms(m) if with_arms else []),
    ]
