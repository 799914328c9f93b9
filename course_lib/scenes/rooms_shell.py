"""What encloses a room: floor, ceiling, walls with skirting, a door, windows and pictures on the walls."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

import numpy as np

from course_lib.scenes.polytopes import Color, Part
from course_lib.scenes.shapes import box

LABELS = (
    "background",
    "floor",
    "wall",
    "ceiling",
    "door",
    "window",
    "table",
    "seat",
    "shelf",
    "lamp",
    "object",
)
LABEL = {name: index for index, name in enumerate(LABELS)}

THICKNESS = (
    0.2  # metres, of walls, floor and ceiling: they overlap outside, so no ray slips between
)
SKIRTING = 0.02  # metres, how far it stands out from its wall
DOOR_WIDTH, DOOR_HEIGHT = 0.86, 2.02
WALLS = ("east", "north", "west", "south")  # at +x, +y, −x, −y

FLOORS: tuple[Color, ...] = (
    (0.64, 0.45, 0.28),
    (0.78, 0.62, 0.43),
    (0.47, 0.33, 0.23),
    (0.70, 0.40, 0.28),
    (0.62, 0.63, 0.62),
)


@dataclass(frozen=True)
class Room:
    """Inner sizes in metres. The floor is z = 0, its middle the origin; width runs along x, depth along y."""

    width: float
    depth: float
    height: float

    def along(self, wall: int) -> float:
        """Length of a wall, 0…3 in the order of WALLS."""
        return self.depth if wall % 2 == 0 else self.width

    def reach(self, wall: int) -> float:
        """Distance of a wall from the middle of the room."""
        return (self.width if wall % 2 == 0 else self.depth) / 2

    def on_wall(
        self,
        wall: int,
        along: tuple[float, float],
        out: tuple[float, float],
        heights: tuple[float, float],
        color: Color,
        label: int,
    ) -> Part:
        """A box at a wall: from and to along it (0 is its middle), out of it into the room, and upwards."""
        near, far = self.reach(wall) - out[1], self.reach(wall) - out[0]
        # Seen from inside, "along" runs to the left on every wall.
        spans = {
            0: ((near, far), along),
            1: ((-along[1], -along[0]), (near, far)),
            2: ((-far, -near), (-along[1], -along[0])),
            3: (along, (-far, -near)),
        }
        (x_low, x_high), (y_low, y_high) = spans[wall]
        return box((x_low, y_low, heights[0]), (x_high, y_high, heights[1]), color, label)


def tint(hue: float, saturation: float, value: float) -> Color:
    """A colour by hue, saturation and value, each in [0, 1]."""
    return colorsys.hsv_to_rgb(hue % 1.0, saturation, value)


def enclosure(room: Room, rng: np.random.Generator) -> list[Part]:
    """Floor, ceiling and four walls, one of them in another colour."""
    hue, accent = rng.uniform(0, 1), int(rng.integers(4))
    plain = tint(hue, rng.uniform(0.03, 0.14), 0.97)
    colored = tint(hue + rng.uniform(-0.08, 0.08), rng.uniform(0.35, 0.6), rng.uniform(0.75, 0.95))
    x, y, t = room.width / 2 + THICKNESS, room.depth / 2 + THICKNESS, THICKNESS
    parts = [
        box((-x, -y, -t), (x, y, 0), FLOORS[int(rng.integers(len(FLOORS)))], LABEL["floor"]),
        box((-x, -y, room.height), (x, y, room.height + t), (1.0, 1.0, 0.98), LABEL["ceiling"]),
    ]
    for wall in range(4):
        half = room.along(wall) / 2 + THICKNESS
        color = colored if wall == accent else plain
        parts.append(
            room.on_wall(wall, (-half, half), (-t, 0), (-t, room.height + t), color, LABEL["wall"])
        )
    return parts


def skirting(room: Room, door_wall: int, door_at: float, color: Color) -> list[Part]:
    """A board along the foot of each wall, with a gap for the door; boards meet but do not overlap."""
    parts, gap = [], DOOR_WIDTH / 2 + 0.07
    for wall in range(4):
        half = room.along(wall) / 2 - (SKIRTING if wall % 2 else 0.0)
        spans = [(-half, half)]
        if wall == door_wall:
            spans = [(-half, door_at - gap), (door_at + gap, half)]
        parts += [
            room.on_wall(wall, span, (0, SKIRTING), (0, 0.09), color, LABEL["wall"])
            for span in spans
        ]
    return parts


def door(room: Room, wall: int, at: float, leaf: Color) -> list[Part]:
    """Frame, leaf and handle."""
    half, top, label = DOOR_WIDTH / 2, DOOR_HEIGHT, LABEL["door"]
    frame, metal = (0.93, 0.92, 0.88), (0.25, 0.25, 0.27)
    handle = (at + half - 0.16, at + half - 0.05)
    return [
        room.on_wall(
            wall, (at - half - 0.07, at + half + 0.07), (0, 0.03), (0, top + 0.07), frame, label
        ),
        room.on_wall(wall, (at - half, at + half), (0.03, 0.045), (0, top), leaf, label),
        room.on_wall(wall, handle, (0.045, 0.10), (1.0, 1.04), metal, label),
    ]


def window(room: Room, wall: int, at: float, half: float) -> list[Part]:
    """Frame, two panes and a sill."""
    label, low, high = LABEL["window"], 0.95, 2.05
    frame: Color = (0.98, 0.98, 0.96)
    sky: Color = (0.62, 0.86, 1.0)
    parts = [room.on_wall(wall, (at - half, at + half), (0, 0.03), (low, high), frame, label)]
    heights = (low + 0.06, high - 0.06)
    for pane in ((at - half + 0.06, at - 0.025), (at + 0.025, at + half - 0.06)):
        parts.append(room.on_wall(wall, pane, (0.03, 0.035), heights, sky, label))
    sill = (at - half - 0.05, at + half + 0.05)
    parts.append(room.on_wall(wall, sill, (0, 0.11), (low - 0.04, low), frame, label))
    return parts


def picture(room: Room, wall: int, at: float, rng: np.random.Generator) -> list[Part]:
    """A frame, a ground and a block of another colour on it."""
    width, height, middle = rng.uniform(0.22, 0.42), rng.uniform(0.2, 0.34), rng.uniform(1.5, 1.65)
    hue, label = rng.uniform(0, 1), LABEL["object"]
    low, high = rng.uniform(-0.8, -0.2), rng.uniform(0.2, 0.8)
    frame: Color = (0.16, 0.14, 0.13) if rng.random() < 0.5 else (0.55, 0.38, 0.2)
    outer = (
        (at - width - 0.04, at + width + 0.04),
        (middle - height - 0.04, middle + height + 0.04),
    )
    inner = ((at - width, at + width), (middle - height, middle + height))
    block = ((at + low * width, at + high * width), (middle - 0.7 * height, middle + high * height))
    return [
        room.on_wall(wall, outer[0], (0, 0.02), outer[1], frame, label),
        room.on_wall(wall, inner[0], (0.02, 0.026), inner[1], tint(hue, 0.5, 1.0), label),
        room.on_wall(wall, block[0], (0.026, 0.032), block[1], tint(hue + 0.45, 0.75, 0.85), label),
    ]
