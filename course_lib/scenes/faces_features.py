"""What moves in a face: eyes, brows and mouth, as thin plates on its flat front."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from course_lib.scenes.faces_code import HAIR, IRIS, Expression, Identity, along, blend
from course_lib.scenes.faces_head import FRONT, LABEL
from course_lib.scenes.polytopes import Array, Color, Part
from course_lib.scenes.shapes import mirrored, prism

WHITE: Color = (1.0, 1.0, 1.0)
DARK: Color = (0.08, 0.06, 0.07)
LIPS: Color = (0.80, 0.30, 0.30)
CAVITY: Color = (0.30, 0.07, 0.09)
EYE_Z, MOUTH_Z = 0.03, -0.29
TALL = 0.85  # height of a wide open eye in its widths
SMALLEST = 1e-4  # area below which a plate is left out: a closed eye has no white


def eyes(identity: Identity, expression: Expression) -> list[Part]:
    """White, iris and pupil between the lids, and the line of the upper lid."""
    size, away = _eye(identity)
    tall, shift = TALL * size, 0.45 * size * expression.gaze
    upper, lower = tall * expression.eyes_open, -0.8 * tall * expression.eyes_open
    iris, label = along(IRIS, identity.iris), LABEL["eye"]
    parts = []
    for side in (-1, 1):
        center, seen = (side * away, EYE_Z), (side * away + shift, EYE_Z)
        lids = (EYE_Z + lower, EYE_Z + upper)
        for middle, radii, height, color in (
            (center, (size, tall), 0.012, WHITE),
            (seen, (0.5 * size, 0.5 * size), 0.018, iris),
            (seen, (0.26 * size, 0.26 * size), 0.024, DARK),
        ):
            parts += plate(between(oval(middle, radii), *lids), height, color, label)
        edge = np.array(
            [[-1, 0], [-0.6, 0.014], [0.6, 0.014], [1, 0], [0.95, -0.012], [-0.95, -0.012]]
        )
        line = edge * (size, 1) + (center[0], max(lids[1], EYE_Z - 0.02))
        parts += plate(line, 0.03, DARK, LABEL["eye"])
    return parts


def brows(identity: Identity, expression: Expression) -> list[Part]:
    """Two plates each: raised brows rise and arch, frowning ones sink towards the nose."""
    size, away = _eye(identity)
    up, frown = 0.05 * max(expression.brows, 0), 0.075 * max(-expression.brows, 0)
    level = EYE_Z + TALL * size + 0.04 + up
    y = np.array([away - 1.05 * size, away - 0.1 * size, away + 1.15 * size])
    z = level + np.array([-frown, 0.02 + 0.4 * up - 0.1 * frown, -0.01 + 0.35 * frown])
    thick = blend(0.022, 0.05, identity.brow_thickness) * np.array([1.0, 1.0, 0.5])
    color = along(HAIR, identity.hair_color)
    darker: Color = (0.75 * color[0], 0.75 * color[1], 0.75 * color[2])
    left = _strip(y, z, z + thick, 0.03, darker, LABEL["brow"])
    return [*left, *(mirrored(part, 1) for part in left)]


def mouth(identity: Identity, expression: Expression) -> list[Part]:
    """Two lips of four plates each; when they part, the dark inside and, in a smile, teeth."""
    half = (
        blend(0.125, 0.155, identity.jaw) + 0.03 * expression.smile - 0.02 * expression.mouth_open
    )
    t = np.linspace(-1, 1, 5)
    middle = MOUTH_Z + 0.065 * expression.smile * (t**2 - 0.35)
    upper = middle + 0.035 * expression.mouth_open * (1 - t**2)
    lower = middle - 0.13 * expression.mouth_open * (1 - t**2)
    thick, label = 0.036 * (1 - 0.45 * t**2), LABEL["mouth"]
    parts = _strip(half * t, upper, upper + 0.8 * thick, 0.024, LIPS, label)
    parts += _strip(half * t, lower - thick, lower, 0.028, LIPS, label)
    parts += _strip(half * t, lower, upper, 0.008, CAVITY, label)
    teeth = np.minimum(0.5 * (upper - lower), 0.04) * (expression.smile > 0.2)
    return parts + _strip(0.92 * half * t, upper - teeth, upper, 0.014, WHITE, label)


def _eye(identity: Identity) -> tuple[float, float]:
    """Half the width of an eye, and its distance from the middle, which grows with the face."""
    away = blend(0.148, 0.172, identity.eye_distance) * blend(0.96, 1.1, identity.width)
    return blend(0.088, 0.114, identity.eye_size), away


def oval(center: Sequence[float], radii: Sequence[float]) -> Array:
    """An ellipse of eight corners (8, 2) in (y, z), flat at its top."""
    angles = (np.arange(8) + 0.5) * np.pi / 4
    corners = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    outline: Array = np.asarray(center) + corners * np.asarray(radii)
    return outline


def between(outline: Array, low: float, high: float) -> Array:
    """The part of a convex outline (n, 2) with low ≤ z ≤ high: Sutherland & Hodgman 1974."""
    for sign, limit in ((1.0, high), (-1.0, -low)):
        kept = []
        for start, end in pairwise([*outline, *outline[:1]]):
            inside, next_inside = sign * start[1] <= limit, sign * end[1] <= limit
            if inside:
                kept.append(start)
            if inside != next_inside:
                share = (sign * limit - start[1]) / (end[1] - start[1])
                kept.append(start + share * (end - start))
        outline = np.array(kept).reshape(-1, 2)
    return outline


def plate(outline: Array, height: float, color: Color, label: int) -> list[Part]:
    """A convex outline (n, 2) in (y, z), raised above the front; nothing if it has no area."""
    if len(outline):  # corners that coincide would be sides without a direction
        outline = outline[np.abs(outline - np.roll(outline, 1, axis=0)).max(1) > 1e-3]
    following = np.roll(outline, -1, axis=0)
    area = (outline[:, 0] * following[:, 1] - outline[:, 1] * following[:, 0]).sum() / 2
    if len(outline) < 3 or abs(area) < SMALLEST:
        return []
    return [prism(outline, 0, FRONT - 0.005, FRONT + height, color, label)]


def _strip(
    y: Array, low: Array, high: Array, height: float, color: Color, label: int
) -> list[Part]:
    """Plates side by side between two curves, one for each interval of y."""
    corners = np.stack([np.stack([y, low], 1), np.stack([y, high], 1)])
    parts = []
    for i, j in pairwise(range(len(y))):
        outline = np.stack([corners[0, i], corners[0, j], corners[1, j], corners[1, i]])
        parts += plate(outline, height, color, label)
    return parts
