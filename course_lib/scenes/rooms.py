"""Rooms to walk in, in metres: a block world after the room-scale scene of SRN (Sitzmann et al. 2019, section 4).

The floor is z = 0. Cameras stand inside, so every ray meets something and there is no background.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from course_lib.scenes.category import Category
from course_lib.scenes.polytopes import Array, Part, Scene, SceneError, part_extents
from course_lib.scenes.rooms_kinds import KINDS
from course_lib.scenes.rooms_layout import Layout, joint_box
from course_lib.scenes.rooms_shell import (
    DOOR_WIDTH,
    LABELS,
    Room,
    door,
    enclosure,
    picture,
    skirting,
    tint,
    window,
)
from course_lib.scenes.rooms_walk import RoomCameras, walkable_share

REDRAWS = 200  # layouts that are tried for one room; most often the first or second will do
WALKABLE = 0.3  # share of the floor that one must reach from the door


def make(rng: np.random.Generator) -> Scene:
    """A furnished room whose floor one can walk from the door.

    Raises:
        SceneError: no layout was walkable, which sizes in this module make practically impossible.
    """
    kind = sorted(KINDS)[int(rng.integers(len(KINDS)))]
    for _ in range(REDRAWS):
        parts = _furnished(kind, rng)
        if parts is not None:
            return Scene("rooms", kind, tuple(parts), LABELS)
    raise SceneError(
        f"no layout of the room {kind!r} leaves {WALKABLE:.0%} of its floor to walk on"
    )


def _furnished(kind: str, rng: np.random.Generator) -> list[Part] | None:
    """Shell and furniture, or None if something found no place or stands in the way."""
    room = Room(rng.uniform(4.4, 5.8), rng.uniform(3.8, 5.0), rng.uniform(2.4, 2.7))
    layout = Layout(room, rng)
    door_wall, *others = (int(wall) for wall in rng.permutation(4))
    half = room.along(door_wall) / 2
    at = rng.uniform(-half + 0.6, half - 0.6)
    white = (0.94, 0.93, 0.9)
    fixed = enclosure(room, rng) + skirting(room, door_wall, at, white)
    fixed += door(room, door_wall, at, tint(rng.uniform(0, 1), rng.uniform(0.1, 0.6), 0.85))
    entrance = _at_wall(room, door_wall, (at - DOOR_WIDTH / 2, at + DOOR_WIDTH / 2), 0.9, (0, 2.1))
    layout.reserve(entrance)
    wide = rng.uniform(0.5, 0.8)
    middle = rng.uniform(-1, 1) * (room.along(others[0]) / 2 - wide - 0.5)
    fixed += window(room, others[0], middle, wide)
    layout.reserve(_at_wall(room, others[0], (middle - wide, middle + wide), 0.3, (0.9, 2.1)))
    if not KINDS[kind](layout, rng, others):
        return None
    _hang_picture(layout, rng, others[1:])
    parts = fixed + layout.parts
    start = entrance[:, :2].mean(0)
    share = walkable_share(part_extents(parts).bounds, (room.width, room.depth), start)
    return parts if share >= WALKABLE else None


def _hang_picture(layout: Layout, rng: np.random.Generator, walls: list[int]) -> None:
    """Hangs a picture on one of the walls, where furniture leaves the wall free."""
    for _ in range(20):
        wall = int(rng.choice(walls))
        slack = layout.room.along(wall) / 2 - 0.6
        piece = picture(layout.room, wall, rng.uniform(-slack, slack), rng)
        if layout.is_clear(joint_box(piece)):
            layout.parts += piece
            return


def _at_wall(
    room: Room,
    wall: int,
    along: tuple[float, float],
    out: float,
    heights: tuple[float, float],
) -> Array:
    """The box (2, 3) of air in front of a stretch of wall."""
    return joint_box([room.on_wall(wall, along, (0, out), heights, (0, 0, 0), 1)])


CATEGORY: Final = Category("rooms", make, RoomCameras(), near=0.2, far=9.0)
