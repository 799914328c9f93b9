"""How long, wide, high a car is, and where its windows and wheels lie: a table, and draws from it."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

Range = tuple[float, float]


@dataclass(frozen=True)
class Proportions:
    """The ranges of one kind of car: metres, except for what is marked as a share or a slope."""

    probability: float
    length: Range
    width: Range
    height: Range
    windscreen_base: Range  # from the front bumper, share of the length
    windscreen_slope: Range  # run over rise
    rear_base: Range  # foot of the rear window from the rear bumper, share of the length
    rear_slope: Range
    clearance: Range
    wheel_radius: Range
    belt: Range = (0.52, 0.58)  # share of the height above the clearance
    lean: Range = (0.18, 0.28)  # of the side windows: run over rise


KINDS: Final = MappingProxyType(
    {
        "sedan": Proportions(
            0.26, (4.4, 4.9), (1.75, 1.9), (1.38, 1.5), (0.27, 0.31), (0.5, 0.7),
            (0.14, 0.19), (0.5, 0.7), (0.14, 0.2), (0.3, 0.34),
        ),
        "hatchback": Proportions(
            0.20, (3.6, 4.2), (1.65, 1.8), (1.42, 1.58), (0.24, 0.28), (0.5, 0.7),
            (0.02, 0.04), (0.2, 0.38), (0.14, 0.2), (0.29, 0.33),
        ),
        "SUV": Proportions(
            0.20, (4.3, 4.9), (1.85, 2.0), (1.66, 1.85), (0.25, 0.29), (0.4, 0.55),
            (0.02, 0.035), (0.12, 0.28), (0.2, 0.3), (0.37, 0.42), lean=(0.14, 0.22),
        ),
        "coupe": Proportions(
            0.12, (4.1, 4.6), (1.8, 1.95), (1.2, 1.32), (0.31, 0.36), (0.75, 0.95),
            (0.08, 0.13), (0.85, 1.2), (0.11, 0.15), (0.3, 0.34),
        ),
        "pickup": Proportions(
            0.11, (4.9, 5.5), (1.85, 2.0), (1.7, 1.85), (0.27, 0.31), (0.5, 0.7),
            (0.36, 0.42), (0.04, 0.12), (0.22, 0.3), (0.38, 0.43), lean=(0.14, 0.22),
        ),
        "van": Proportions(
            0.11, (4.5, 5.3), (1.85, 2.0), (1.9, 2.25), (0.14, 0.2), (0.22, 0.4),
            (0.013, 0.017), (0.03, 0.1), (0.15, 0.24), (0.31, 0.36), (0.45, 0.5), (0.06, 0.1),
        ),
    }
)  # fmt: skip

OVERHANG: Final[Range] = (0.17, 0.21)  # from bumper to axle, share of the length
HOOD_DROP: Final[Range] = (0.05, 0.13)  # of the hood's front edge below the belt


@dataclass(frozen=True)
class Measures:
    """One car in metres: x forward from its middle, y to the left, z up from the ground."""

    kind: str
    length: float
    width: float
    height: float
    clearance: float
    belt: float  # height of the windows' lower edge
    hood: float  # height of the hood's front edge
    windscreen_x: float  # foot of the windscreen, at the height of the belt
    windscreen_slope: float
    rear_x: float  # foot of the rear window, at the height of the belt
    rear_slope: float
    lean: float
    front_axle: float
    rear_axle: float
    wheel_radius: float

    @property
    def front(self) -> float:
        """x of the front bumper; the rear bumper is at -x."""
        return self.length / 2

    @property
    def side(self) -> float:
        """y of the left flank; the right one is at -y."""
        return self.width / 2


def draw_kind(rng: np.random.Generator) -> str:
    """A kind of car with the probability of the table."""
    probabilities = [row.probability for row in KINDS.values()]
    return str(rng.choice(list(KINDS), p=probabilities))


def draw_measures(rng: np.random.Generator, kind: str) -> Measures:
    """Uniform draws from the row of `kind`; the wheels are as large as fit under the hood."""
    row = KINDS[kind]

    def draw(span: Range) -> float:
        return float(rng.uniform(*span))

    length, width, height = draw(row.length), draw(row.width), draw(row.height)
    clearance = draw(row.clearance)
    belt = clearance + draw(row.belt) * (height - clearance)
    hood = belt - draw(HOOD_DROP)
    return Measures(
        kind=kind,
        length=length,
        width=width,
        height=height,
        clearance=clearance,
        belt=belt,
        hood=hood,
        windscreen_x=length * (0.5 - draw(row.windscreen_base)),
        windscreen_slope=draw(row.windscreen_slope),
        rear_x=length * (draw(row.rear_base) - 0.5),
        rear_slope=draw(row.rear_slope),
        lean=draw(row.lean),
        front_axle=length * (0.5 - draw(OVERHANG)),
        rear_axle=length * (draw(OVERHANG) - 0.5),
        wheel_radius=largest_wheel(draw(row.wheel_radius), hood),
    )


def largest_wheel(radius: float, hood: float) -> float:
    """`radius`, or less where the arch over it, 2.12 radii high, would reach the hood's edge."""
    return min(radius, (hood - 0.09) / 2.12)
