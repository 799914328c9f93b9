"""Three coloured boxes in a unit ball: the smallest category, on which inference works within minutes on a CPU."""

from __future__ import annotations

from typing import Final

import numpy as np

from course_lib.scenes.cameras import CameraRange
from course_lib.scenes.category import Category
from course_lib.scenes.polytopes import Array, Scene
from course_lib.scenes.shapes import box
from course_lib.scenes.shepard_metzler import random_color

LABELS: Final = ("background", "box")
HALF_SIZES: Final = (0.16, 0.42)
GAP: Final = 0.05  # between boxes, along some axis
# The ball of radius 1 fills the picture from 1 / sin(26°) = 2.28 away; the rest is margin.
RADIUS: Final = 2.4


def make_three_boxes(rng: np.random.Generator) -> Scene:
    """Three axis-aligned boxes of random size, place and colour that stay apart and within radius 1.

    Their hues lie about a third of the colour circle apart, so that each can be told from the others.
    """
    boxes: list[tuple[Array, Array]] = []  # center, half size
    while len(boxes) < 3:
        half, center = rng.uniform(*HALF_SIZES, 3), rng.uniform(-0.8, 0.8, 3)
        in_ball = float(((np.abs(center) + half) ** 2).sum()) <= 1
        if in_ball and all((np.abs(center - c) > half + h + GAP).any() for c, h in boxes):
            boxes.append((center, half))
    hues = rng.random() + np.arange(3) / 3 + rng.uniform(-0.08, 0.08, 3)
    parts = [
        box(center - half, center + half, random_color(rng, hue), label=1)
        for (center, half), hue in zip(boxes, hues.tolist(), strict=True)
    ]
    return Scene("three_boxes", "three boxes", tuple(parts), LABELS)


CATEGORY: Final = Category(
    "three_boxes",
    make_three_boxes,
    CameraRange(elevation_low=4, elevation_high=65, radius=RADIUS),
    near=1.3,
    far=3.5,
)
