"""Arm rests of wooden chairs: a board from the rear post to an upright at the front leg."""

from __future__ import annotations

from course_lib.scenes.chairs_frame import both_sides, leg_tops, post
from course_lib.scenes.chairs_labels import ARM
from course_lib.scenes.chairs_measures import Measures
from course_lib.scenes.polytopes import Color, Part
from course_lib.scenes.shapes import prism


def arm_rests(m: Measures, color: Color) -> list[Part]:
    """Two boards and two uprights."""
    z = m.seat_height + m.arm_height  # of the board's upper face
    half, thickness = 1.25 * m.leg, 0.028
    front_x, front_y = leg_tops(m)[0]
    rear_x, rear_y = m.back_x(z), m.post_y
    front_x -= 0.03  # the upright stands a little behind the leg
    tip = front_x + 0.045
    board = [
        (rear_x, rear_y - half),
        (tip, front_y - half),
        (tip, front_y + half),
        (rear_x, rear_y + half),
    ]
    foot = (front_x, front_y, m.seat_height - 0.9 * m.thickness)
    upright = post(
        foot, (front_x, front_y, z - thickness / 2), (0.9 * m.leg, 0.75 * m.leg), color, ARM
    )
    rest = prism(board, 2, z - thickness, z, color, ARM)
    return [*both_sides(rest), *both_sides(upright)]
