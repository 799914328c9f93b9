"""Woods, metals and fabrics: colours as albedo, rgb in [0, 1]."""

from __future__ import annotations

from colorsys import hsv_to_rgb
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from course_lib.scenes.polytopes import Color

WOODS: Final = MappingProxyType[str, Color](
    {
        "birch": (0.82, 0.68, 0.48),
        "oak": (0.70, 0.51, 0.31),
        "beech": (0.76, 0.56, 0.38),
        "teak": (0.56, 0.35, 0.18),
        "cherry": (0.58, 0.28, 0.16),
        "walnut": (0.38, 0.23, 0.14),
        "ebony": (0.18, 0.13, 0.11),
        "lacquer": (0.78, 0.78, 0.76),
    }
)
STEEL: Final[Color] = (0.62, 0.63, 0.66)
BLACK: Final[Color] = (0.12, 0.12, 0.13)


@dataclass(frozen=True)
class Colors:
    """The colours of one chair."""

    frame: Color  # legs and posts
    board: Color  # the bare seat and back
    cushion: Color  # fabric on seat and back


def draw_colors(rng: np.random.Generator) -> Colors:
    """One of eight woods for the frame, mostly for the boards too, and a fabric of any hue."""
    names = list(WOODS)
    frame, other = (str(rng.choice(names)) for _ in range(2))
    board = other if rng.random() < 0.15 else frame
    hue, saturation, value = rng.uniform((0.0, 0.2, 0.35), (1.0, 0.75, 0.85)).tolist()
    return Colors(WOODS[frame], WOODS[board], hsv_to_rgb(hue, saturation, value))


def darker(color: Color, share: float = 0.8) -> Color:
    """The colour in the shade of a seam or a fold."""
    red, green, blue = color
    return (share * red, share * green, share * blue)
