"""What a car is painted with: colours as albedo, rgb in [0, 1]."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

import numpy as np

from course_lib.scenes.polytopes import Color

PAINTS: Final = MappingProxyType[str, Color](
    {
        "white": (0.84, 0.84, 0.83),
        "silver": (0.62, 0.64, 0.67),
        "graphite": (0.42, 0.45, 0.48),
        "black": (0.20, 0.20, 0.22),
        "red": (0.80, 0.08, 0.08),
        "wine": (0.52, 0.08, 0.20),
        "orange": (0.93, 0.42, 0.06),
        "yellow": (0.95, 0.75, 0.08),
        "green": (0.10, 0.48, 0.25),
        "mint": (0.42, 0.76, 0.66),
        "sky": (0.35, 0.62, 0.86),
        "navy": (0.13, 0.24, 0.62),
    }
)
ROOFS: Final = ("white", "black")
TWO_TONE: Final = 0.2  # the share of cars whose roof has another colour
BRIGHTER: Final = 0.12  # at most, as a share: no two red cars are the same
TINT: Final = 0.015  # at most, of each channel

GLASS: Final[Color] = (0.25, 0.34, 0.42)
TYRE: Final[Color] = (0.07, 0.07, 0.08)
RIM: Final[Color] = (0.66, 0.67, 0.69)
DARK_RIM: Final[Color] = (0.30, 0.30, 0.32)
RUBBER: Final[Color] = (0.11, 0.11, 0.12)  # sills, grilles, arches
BED: Final[Color] = (0.24, 0.24, 0.25)
CHROME: Final[Color] = (0.78, 0.79, 0.80)
PLATE: Final[Color] = (0.95, 0.95, 0.90)
HEADLAMP: Final[Color] = (0.98, 0.96, 0.84)
TAIL_LAMP: Final[Color] = (0.75, 0.04, 0.05)
INDICATOR: Final[Color] = (0.97, 0.55, 0.08)
TAXI_SIGN: Final[Color] = (0.99, 0.86, 0.25)


@dataclass(frozen=True)
class Paint:
    """The colours of one car."""

    name: str
    body: Color
    roof: Color  # the body's, except on two-tone cars
    rim: Color
    bumper: Color  # the body's or rubber's
    taxi: bool = False


def draw_paint(rng: np.random.Generator) -> Paint:
    """One of twelve paints, slightly varied; a fifth of the cars has a contrasting roof."""
    name = str(rng.choice(list(PAINTS)))
    brightness, tint = rng.uniform(-BRIGHTER, BRIGHTER), rng.uniform(-TINT, TINT, 3)
    varied = np.array(PAINTS[name]) * (1 + brightness) + tint
    red, green, blue = np.clip(varied, 0.04, 0.96).tolist()
    body = (red, green, blue)
    roof = body
    if rng.random() < TWO_TONE:
        others = [other for other in ROOFS if other != name]
        roof = PAINTS[str(rng.choice(others))]
    rim = DARK_RIM if rng.random() < 0.3 else RIM
    bumper = RUBBER if rng.random() < 0.35 else body
    return Paint(name, body, roof, rim, bumper)


def taxi_paint(paint: Paint) -> Paint:
    """A taxi of one colour: yellow if the car was bright, else what it was."""
    body = PAINTS["yellow"] if max(paint.body) > 0.6 else paint.body
    bumper = body if paint.bumper == paint.body else paint.bumper
    return replace(paint, body=body, roof=body, bumper=bumper, taxi=True)
