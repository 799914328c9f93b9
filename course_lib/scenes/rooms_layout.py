"""Where furniture stands in a room: against walls or in the middle, touching nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from course_lib.scenes.polytopes import Array, Part, part_extents
from course_lib.scenes.rooms_shell import SKIRTING, Room
from course_lib.scenes.shapes import moved, rotation_about

TRIES = 30  # places that are tried for one piece
GAP = 0.06  # metres between two pieces


@dataclass
class Layout:
    """A room that fills up. `parts` are what is there; `taken` the boxes that nothing else may enter."""

    room: Room
    rng: np.random.Generator
    parts: list[Part] = field(default_factory=list)
    taken: list[Array] = field(default_factory=list)  # (2, 3): lowest and highest x, y, z

    def reserve(self, corners: Array) -> None:
        """Keeps a box (2, 3) free of furniture, as the floor in front of a door."""
        self.taken.append(corners)

    def put_against_wall(self, piece: Sequence[Part], walls: Sequence[int]) -> bool:
        """Stands a piece with its back against one of the walls, if it finds a place there."""

        def draw(corners: Array) -> tuple[float, Array]:
            wall = int(self.rng.choice(np.asarray(walls)))
            slack = self.room.along(wall) / 2 - SKIRTING - GAP / 2
            ends = sorted((-slack - corners[0, 1], slack - corners[1, 1]))  # swapped: too long
            at = self.rng.uniform(*ends)
            back = self.room.reach(wall) - SKIRTING - 0.005 + corners[0, 0]
            turn = (180.0, -90.0, 0.0, 90.0)[wall]
            return turn, rotation_about(2, turn) @ np.array([-back, at, 0.0])

        return self._put(piece, draw)

    def put_in_the_open(self, piece: Sequence[Part], margin: float) -> bool:
        """Stands a piece, turned by quarters, at least `margin` from the walls, if it finds a place."""

        def draw(corners: Array) -> tuple[float, Array]:
            turn = 90.0 * int(self.rng.integers(4))
            extent = np.abs(rotation_about(2, turn) @ np.abs(corners).max(0))[:2] + margin
            free = np.clip(np.array([self.room.width, self.room.depth]) / 2 - extent, 0, None)
            return turn, np.array([*self.rng.uniform(-free, free), 0.0])

        return self._put(piece, draw)

    def put_in_a_corner(self, piece: Sequence[Part]) -> bool:
        """Stands a piece into one of the corners of the room, unless all are taken."""

        def draw(corners: Array) -> tuple[float, Array]:
            half = np.abs(corners[:, :2]).max() + SKIRTING + GAP / 2
            signs = self.rng.choice([-1.0, 1.0], 2)
            place = signs * (np.array([self.room.width, self.room.depth]) / 2 - half)
            return 0.0, np.array([*place, 0.0])

        return self._put(piece, draw)

    def _put(self, piece: Sequence[Part], draw: Callable[[Array], tuple[float, Array]]) -> bool:
        corners = joint_box(piece)
        for _ in range(TRIES):
            turn, place = draw(corners)
            quarter = rotation_about(2, turn)
            box = np.sort(corners @ quarter.T, axis=0) + place  # exact, for quarters
            if self.is_clear(box):
                self.parts += [moved(part, quarter, place) for part in piece]
                self.taken.append(box)
                return True
        return False

    def is_clear(self, box: Array) -> bool:
        """Does a box (2, 3) stay inside the room and GAP away from everything that is there?"""
        half = np.array([self.room.width, self.room.depth]) / 2
        if (box[0, :2] < -half).any() or (box[1, :2] > half).any():
            return False
        gap = np.array([GAP, GAP, 0.0])
        return not any(
            ((box[0] < other[1] + gap) & (other[0] < box[1] + gap)).all() for other in self.taken
        )


def joint_box(parts: Sequence[Part]) -> Array:
    """The box (2, 3) around some parts."""
    bounds = part_extents(parts).bounds
    return np.stack([bounds[:, 0].min(0), bounds[:, 1].max(0)])
