"""Where distances lie across a page, and the columns of images below them."""

from __future__ import annotations

from typing import Final

import numpy as np

from course_lib.style import WIDTH
from course_lib.viewers.arrays import Array
from course_lib.viewers.spread import spread

LEFT, RIGHT = 1.3, 1.55  # inches beside the curves, for names
ACROSS: Final = WIDTH - LEFT - RIGHT
GAP: Final = 0.06  # inches between images
AIR: Final = 0.06  # inches on either side of the curves
SMALLEST, LARGEST = 0.44, 0.9  # inches, width of an image


class DistanceColumns:
    """Where a distance between `low` and `high` lies on the page, and the column of images at each of `places`.

    `cell` is the width of an image in inches, as large as can be without moving a column from under its
    distance; `columns` are the middles of the columns and `limits` the distances at the ends of the
    axis. Without `columns` there are no images. ValueError if there are too many places.
    """

    def __init__(self, low: float, high: float, places: Array, columns: bool) -> None:
        self.cell = 0.0
        if low == high:  # a single distance stands in the middle
            low, high = low - 0.5, high + 0.5
        if columns:
            most = ACROSS / len(places) - GAP
            if most < SMALLEST:
                raise ValueError(
                    f"{len(places)} images per strip are too many to see; give at most "
                    f"{int(ACROSS / (SMALLEST + GAP))} and their distances as at"
                )
            nearest = np.diff(np.sort(places)).min(initial=high - low) / (high - low)
            aligned = (nearest * (ACROSS - 2 * AIR) - GAP) / (1 + nearest)  # no column has to move
            self.cell = min(float(np.clip(aligned, 0.5, LARGEST)), most)
        air = self.cell / 2 + AIR
        self._scale = (ACROSS - 2 * air) / (high - low)
        self._low, self._air = low, air
        self.limits = (low - air / self._scale, high + air / self._scale)
        half = self.cell / 2
        self.columns = spread(self.of(places), self.cell + GAP, LEFT + half, LEFT + ACROSS - half)

    def of(self, distance: Array) -> Array:
        """Inches from the left edge of the page."""
        return LEFT + self._air + (distance - self._low) * self._scale

    def across(self, length: float) -> float:
        """How many inches a difference of distances is."""
        return length * self._scale
