"""How wide, deep, high a chair is: ranges of the table, and draws from them."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

Range = tuple[float, float]

KINDS: Final = MappingProxyType(
    {"dining": 0.22, "slat": 0.20, "arm": 0.18, "ladder": 0.14, "office": 0.14, "lounge": 0.12}
)
STRETCHERS: Final = 0.45  # the share of chairs with bars between their legs
FABRIC: Final = 0.8  # … with a cushion
RANGES: Final = MappingProxyType[str, Range](
    {
        "width": (0.42, 0.52),
        "depth": (0.40, 0.50),
        "seat_height": (0.42, 0.48),
        "thickness": (0.03, 0.07),
        "back_height": (0.38, 0.60),
        "recline": (0.04, 0.16),
        "leg": (0.016, 0.028),
        "splay": (0.0, 0.07),
        "taper": (0.5, 1.0),
        "arm_height": (0.17, 0.24),
        "narrowing": (0.84, 1.0),
    }
)
LOUNGE_WIDTH: Final[Range] = (0.62, 0.8)
SLATS: Final = (2, 6)
RUNGS: Final = (2, 4)


@dataclass(frozen=True)
class Measures:
    """One chair in metres: x forward from the middle of the seat, y to the left, z up from the ground."""

    kind: str
    width: float  # of the seat in front, a lounge chair's with its arms
    depth: float  # of the seat
    seat_height: float  # of the seat's upper face
    thickness: float  # of the seat
    back_height: float  # above the seat
    recline: float  # of the back: run over rise
    leg: float  # half the width of a leg at its top
    splay: float  # how far a leg's foot stands out from its top, along x and along y
    taper: float  # width of a leg's foot over that of its top
    arm_height: float  # above the seat
    narrowing: float  # the seat's width behind over that in front
    slats: int
    rungs: int
    stretchers: bool
    fabric: bool

    @property
    def front(self) -> float:
        """x of the seat's front edge; its rear edge is at -x."""
        return self.depth / 2

    @property
    def side(self) -> float:
        """y of the seat's left edge in front."""
        return self.width / 2

    @property
    def top(self) -> float:
        """Height of the back's upper edge."""
        return self.seat_height + self.back_height

    @property
    def post_y(self) -> float:
        """y of the middle of the left rear leg and post."""
        return self.narrowing * self.side - self.leg

    @property
    def post_x(self) -> float:
        """x of the middle of the rear posts where they leave the seat."""
        return -self.front + self.leg

    def back_x(self, z: float) -> float:
        """x of the middle of the reclined back at height z, from the seat upwards."""
        return self.post_x - self.recline * (z - self.seat_height)


def draw_kind(rng: np.random.Generator) -> str:
    """A kind of chair with the probability of the table."""
    return str(rng.choice(list(KINDS), p=list(KINDS.values())))


def draw_measures(rng: np.random.Generator, kind: str) -> Measures:
    """Uniform draws; every kind makes the same ones, in the same order."""
    lengths = {name: float(rng.uniform(*span)) for name, span in RANGES.items()}
    lounge_width = float(rng.uniform(*LOUNGE_WIDTH))
    if kind == "lounge":
        lengths["width"] = lounge_width
    return Measures(
        kind=kind,
        **lengths,
        slats=int(rng.integers(SLATS[0], SLATS[1] + 1)),
        rungs=int(rng.integers(RUNGS[0], RUNGS[1] + 1)),
        stretchers=bool(rng.random() < STRETCHERS),
        fabric=bool(rng.random() < FABRIC),
    )
