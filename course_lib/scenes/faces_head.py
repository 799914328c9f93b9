"""The head of a face: a stack of eight-sided blocks, with ears, a nose, a neck and shoulders.

Lengths are in heights of an average head; the face looks along +x, +y is its left, and its eyes are near z = 0.
"""

from __future__ import annotations

from colorsys import hsv_to_rgb
from dataclasses import dataclass
from itertools import pairwise

from course_lib.scenes.faces_code import SKIN, Expression, Identity, along, blend
from course_lib.scenes.polytopes import Color, Part
from course_lib.scenes.shapes import cylinder, frustum, hull, mirrored, prism

LABELS = ("background", "skin", "hair", "eye", "brow", "mouth", "ear", "nose", "shirt")
LABEL = {name: index for index, name in enumerate(LABELS)}

FRONT = 0.40  # x of the flat front, on which eyes, brows and mouth lie
CORNER = (
    0.7  # front corners are cut off by so much in x for each unit in y: one angle for all rings
)


@dataclass(frozen=True)
class Ring:
    """A horizontal outline with eight corners; all rings have parallel sides, so that blocks have flat ones."""

    z: float
    side: float  # half its width
    front: float  # x
    back: float  # x
    cut: float  # how much of the half width the cut corners take

    def points(self) -> list[tuple[float, float, float]]:
        """Its corners."""
        y, dx = self.side - self.cut, CORNER * self.cut
        xy = (
            *((self.front, sign * y) for sign in (-1, 1)),
            *((self.front - dx, sign * self.side) for sign in (-1, 1)),
            *((self.back + dx, sign * self.side) for sign in (-1, 1)),
            *((self.back, sign * y) for sign in (-1, 1)),
        )
        return [(x, y, self.z) for x, y in xy]


def block(low: Ring, high: Ring, color: Color, label: int) -> Part:
    """The convex block between two rings."""
    return hull([*low.points(), *high.points()], color, label)


def rings(identity: Identity, expression: Expression) -> tuple[Ring, ...]:
    """Outlines of the head from the chin to the crown; an open mouth lowers the chin."""
    wide, long = blend(0.40, 0.47, identity.width), blend(0.9, 1.06, identity.length)
    jaw, drop = blend(0.48, 0.76, identity.jaw) * wide, 0.07 * expression.mouth_open
    return (
        Ring(-0.53 * long - drop, 0.7 * jaw, FRONT - 0.05, -0.02, 0.3 * jaw),
        Ring(-0.44 * long - drop, jaw, FRONT, -0.14, 0.42 * jaw),
        Ring(-0.20 * long, 0.5 * (wide + 0.93 * jaw) + 0.06, FRONT, -0.34, 0.13),
        Ring(0.10 * long, wide, FRONT, -0.44, 0.14),
        Ring(0.33 * long, 0.95 * wide, FRONT - 0.05, -0.42, 0.15),
        Ring(0.49 * long, 0.55 * wide, 0.17, -0.25, 0.12),
    )


def head(identity: Identity, expression: Expression) -> list[Part]:
    """Skull, jaw, ears, nose, neck and shoulders."""
    skin, outline = along(SKIN, identity.skin), rings(identity, expression)
    parts = [block(low, high, skin, LABEL["skin"]) for low, high in pairwise(outline)]
    return [
        *parts,
        *_ears(outline[3].side, skin),
        _nose(identity.nose, skin),
        *_bust(identity, skin),
    ]


def _ears(side: float, skin: Color) -> list[Part]:
    x, z = -0.05, -0.02
    profile = [
        (x - 0.05, z - 0.1),
        (x + 0.04, z - 0.1),
        (x + 0.07, z + 0.06),
        (x + 0.03, z + 0.12),
        (x - 0.06, z + 0.1),
    ]
    ear = prism(profile, 1, side - 0.04, side + 0.05, _darker(skin), LABEL["ear"])
    return [ear, mirrored(ear, 1)]


def _nose(size: float, skin: Color) -> Part:
    out, wide, low = blend(0.08, 0.17, size), blend(0.045, 0.085, size), blend(-0.12, -0.17, size)
    points = [
        *((FRONT - 0.01, sign * 0.025, 0.03) for sign in (-1, 1)),
        *((FRONT - 0.01, sign * wide, low) for sign in (-1, 1)),
        *((FRONT + out, sign * 0.5 * wide, low + 0.035) for sign in (-1, 1)),
        *((FRONT + 0.8 * out, sign * 0.4 * wide, low) for sign in (-1, 1)),
    ]
    return hull(points, _darker(skin), LABEL["nose"])


def _bust(identity: Identity, skin: Color) -> list[Part]:
    shirt = hsv_to_rgb(0.9 * identity.shirt, 0.65, 0.8)
    hem, collar = ((-0.27, -0.40), (0.15, 0.40)), ((-0.22, -0.23), (0.11, 0.23))
    return [
        cylinder((-0.06, 0, -0.50), (0, 0, 1), 0.17, 0.34, 8, _darker(skin), LABEL["skin"]),
        frustum(hem, -0.77, collar, -0.62, shirt, LABEL["shirt"]),
    ]


def _darker(color: Color) -> Color:
    red, green, blue = color
    return 0.92 * red, 0.88 * green, 0.86 * blue
