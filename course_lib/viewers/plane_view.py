"""The part of a plane of codes that is on view: where a code lies in it, moved and enlarged by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from course_lib.viewers.arrays import Array

ZOOM: Final = 1.1  # per notch of the wheel
CLOSEST: Final = 16.0  # times enlarged


@dataclass(frozen=True, eq=False)
class PlaneView:
    """A square around `middle`, `half` to every side, of a plane that is shown in full at `full`."""

    middle: Array  # 2
    half: float
    full: tuple[Array, float]  # the middle and the half side with which it began

    @staticmethod
    def of(low: Array, high: Array) -> PlaneView:
        """The whole square with these corners."""
        middle, half = (low + high) / 2, float((high - low).max()) / 2
        return PlaneView(middle, half, (middle, half))

    def corners(self) -> tuple[Array, Array]:
        """The lower left and the upper right code on view."""
        return self.middle - self.half, self.middle + self.half

    def code(self, uv: Sequence[float]) -> Array:
        """The code at uv of the picture, where v points down."""
        return self.middle + self.half * np.array([2 * uv[0] - 1, 1 - 2 * uv[1]])

    def uv(self, code: Sequence[float]) -> tuple[float, float]:
        """Where in the picture a code lies; inverse of `code`."""
        x, y = (np.asarray(code) - self.middle) / self.half
        return float(1 + x) / 2, float(1 - y) / 2

    def zoomed(self, notches: float, around: Sequence[float]) -> PlaneView:
        """Further away by so many notches of the wheel; the code `around` keeps its place in the picture.

        At most the whole plane is on view, and never anything beyond it.
        """
        middle, full = self.full
        half = float(np.clip(self.half * ZOOM**notches, full / CLOSEST, full))
        center = np.asarray(around)
        moved = center + (self.middle - center) * half / self.half
        slack = full - half
        return PlaneView(np.clip(moved, middle - slack, middle + slack), half, self.full)

    def holding(self, code: Sequence[float]) -> PlaneView:
        """Moved as little as it takes to have that code of the plane on view; itself if it is."""
        reach = self.half * (1 + 1e-6)
        away = np.asarray(code) - self.middle
        if (np.abs(away) <= reach).all():
            return self
        moved = self.middle + np.sign(away) * np.maximum(np.abs(away) - self.half, 0)
        return PlaneView(moved, self.half, self.full)
