"""Furniture in metres, each piece on the floor around the origin: front +x, its back against x = low, z up."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from course_lib.scenes.polytopes import Color, Part
from course_lib.scenes.rooms_shell import LABEL, tint
from course_lib.scenes.shapes import box, cylinder, frustum, oriented_box, rotation_about

WOODS: tuple[Color, ...] = (
    (0.72, 0.50, 0.30),
    (0.52, 0.34, 0.21),
    (0.85, 0.70, 0.50),
    (0.38, 0.25, 0.18),
    (0.93, 0.92, 0.90),
)
UP = (0.0, 0.0, 1.0)


def wood(rng: np.random.Generator) -> Color:
    """The colour of one piece's wood; white lacquer is among them."""
    return WOODS[int(rng.integers(len(WOODS)))]


def fabric(rng: np.random.Generator) -> Color:
    """A colour that stands out from the walls."""
    return tint(rng.uniform(0, 1), rng.uniform(0.5, 0.85), rng.uniform(0.6, 0.95))


def table(
    rng: np.random.Generator, size: tuple[float, float], height: float, color: Color
) -> list[Part]:
    """A top (size along x and y) and four legs."""
    x, y, leg, top, label = size[0] / 2, size[1] / 2, 0.03, 0.045, LABEL["table"]
    inset = rng.uniform(0.02, 0.08)
    parts = [box((-x, -y, height - top), (x, y, height), color, label)]
    return parts + _legs((x - inset, y - inset), leg, height - top, color, label)


def round_table(radius: float, height: float, color: Color) -> list[Part]:
    """A round top on a column with a foot."""
    label = LABEL["table"]
    return [
        cylinder((0, 0, height - 0.02), UP, radius, 0.04, 14, color, label),
        cylinder((0, 0, height / 2 - 0.005), UP, 0.05, height - 0.07, 8, color, label),
        cylinder((0, 0, 0.015), UP, 0.55 * radius, 0.03, 10, color, label),
    ]


def desk(size: tuple[float, float], height: float, color: Color) -> list[Part]:
    """A top (size along x and y) on two boards."""
    x, y, top, label = size[0] / 2, size[1] / 2, 0.04, LABEL["table"]
    sides = [
        box((-x, at - 0.02, 0), (x, at + 0.02, height - top), color, label)
        for at in (-y + 0.05, y - 0.05)
    ]
    return [box((-x, -y, height - top), (x, y, height), color, label), *sides]


def chair(rng: np.random.Generator, color: Color, seat_color: Color) -> list[Part]:
    """A seat, a leaning back and four legs."""
    x, y, height, label = 0.21, rng.uniform(0.2, 0.22), 0.45, LABEL["seat"]
    lean = rotation_about(1, -rng.uniform(4, 10))
    parts = [
        box((-x, -y, height - 0.04), (x, y, height), seat_color, label),
        oriented_box((-x - 0.02, 0, height + 0.24), (0.018, y, 0.21), lean, color, label),
    ]
    return parts + _legs((x - 0.03, y - 0.03), 0.02, height - 0.04, color, label)


def stool(radius: float, height: float, color: Color) -> list[Part]:
    """A round seat on a tapered block."""
    label, block, block_color = LABEL["seat"], height - 0.06, (0.9, 0.85, 0.75)
    wide, slim = 0.75 * radius, 0.35 * radius
    return [
        cylinder((0, 0, height - 0.03), UP, radius, 0.06, 12, color, label),
        cylinder((0, 0, block / 2), UP, wide, block, 6, block_color, label, top_radius=slim),
    ]


def sofa(rng: np.random.Generator, width: float, color: Color) -> list[Part]:
    """Base, back, two arms and cushions of a lighter tone; narrow ones are armchairs."""
    half, arm, label = width / 2, 0.16, LABEL["seat"]
    back, seat = rng.uniform(0.72, 0.85), rng.uniform(0.38, 0.43)
    red, green, blue = color
    light: Color = (0.35 + 0.65 * red, 0.35 + 0.65 * green, 0.35 + 0.65 * blue)
    parts = [
        box((-0.42, -half, 0.06), (0.40, half, seat - 0.12), color, label),
        box((-0.42, -half + arm, seat - 0.12), (-0.2, half - arm, back), color, label),
        box((-0.42, -half, seat - 0.12), (0.40, -half + arm, seat + 0.2), color, label),
        box((-0.42, half - arm, seat - 0.12), (0.40, half, seat + 0.2), color, label),
    ]
    count = 2 if width > 1.3 else 1
    edges = np.linspace(-half + arm, half - arm, count + 1)
    for left, right in pairwise(edges):
        parts.append(
            box((-0.2, left + 0.01, seat - 0.12), (0.41, right - 0.01, seat), light, label)
        )
    return parts


def shelf(rng: np.random.Generator, width: float, height: float, color: Color) -> list[Part]:
    """Two sides, three boards, and on two of them a row of books or a box."""
    half, side, label = width / 2, 0.03, LABEL["shelf"]
    parts = [
        box((-0.15, -half, 0), (0.15, -half + side, height), color, label),
        box((-0.15, half - side, 0), (0.15, half, height), color, label),
    ]
    levels = np.linspace(0.08, height, 3)
    parts += [
        box((-0.15, -half + side, z - side), (0.15, half - side, z), color, label) for z in levels
    ]
    for z in levels[:-1]:
        left, right = rng.uniform(-half + 0.05, -0.1), rng.uniform(0.05, half - 0.05)
        front, top = rng.uniform(0.04, 0.12), z + (levels[1] - levels[0]) * rng.uniform(0.45, 0.85)
        parts.append(box((-0.12, left, z), (front, right, top), fabric(rng), LABEL["object"]))
    return parts


def cabinet(rng: np.random.Generator, width: float, color: Color) -> list[Part]:
    """A closed body with two doors."""
    half, height, label = width / 2, rng.uniform(0.75, 0.95), LABEL["shelf"]
    red, green, blue = color
    front: Color = (0.8 * red, 0.8 * green, 0.8 * blue)
    parts = [box((-0.2, -half, 0), (0.2, half, height), color, label)]
    for left, right in ((-half + 0.03, -0.01), (0.01, half - 0.03)):
        parts.append(box((0.2, left, 0.08), (0.215, right, height - 0.04), front, label))
    return parts


def vase(rng: np.random.Generator, foot: Sequence[float]) -> list[Part]:
    """A small bright thing to stand on furniture at `foot`."""
    x, y, z = foot
    radius, height = rng.uniform(0.06, 0.1), rng.uniform(0.14, 0.3)
    top = radius * rng.uniform(0.5, 1.5)
    return [
        cylinder((x, y, z + height / 2), UP, radius, height, 8, fabric(rng), LABEL["object"], top_radius=top)
    ]  # fmt: skip


def screen(foot: Sequence[float]) -> list[Part]:
    """A screen on its stand; it faces +x."""
    x, y, z = foot
    dark: Color = (0.12, 0.13, 0.15)
    return [
        box((x - 0.06, y - 0.1, z), (x + 0.06, y + 0.1, z + 0.1), dark, LABEL["object"]),
        box((x - 0.015, y - 0.28, z + 0.1), (x + 0.015, y + 0.28, z + 0.44), dark, LABEL["object"]),
    ]


def floor_lamp(rng: np.random.Generator) -> list[Part]:
    """A foot, a pole and a shade."""
    height, label = rng.uniform(1.35, 1.6), LABEL["lamp"]
    dark: Color = (0.2, 0.2, 0.22)
    shade = tint(rng.uniform(0.08, 0.16), rng.uniform(0.15, 0.5), 1.0)
    return [
        cylinder((0, 0, 0.015), UP, 0.14, 0.03, 10, dark, label),
        cylinder((0, 0, height / 2 - 0.125), UP, 0.015, height - 0.31, 6, dark, label),
        cylinder((0, 0, height - 0.14), UP, 0.2, 0.28, 10, shade, label, top_radius=0.12),
    ]


def pendant_lamp(rng: np.random.Generator, ceiling: float) -> list[Part]:
    """A cord from the ceiling and a shade."""
    low, label = rng.uniform(1.6, 1.75), LABEL["lamp"]
    shade = fabric(rng)
    return [
        cylinder((0, 0, (low + 0.2 + ceiling) / 2), UP, 0.008, ceiling - low - 0.2, 4, (0.1, 0.1, 0.1), label),
        cylinder((0, 0, low + 0.1), UP, 0.26, 0.2, 12, shade, label, top_radius=0.08),
    ]  # fmt: skip


def plant(rng: np.random.Generator) -> list[Part]:
    """A pot and two tiers of leaves."""
    height, radius, label = rng.uniform(0.7, 1.2), rng.uniform(0.2, 0.28), LABEL["object"]
    leaf = tint(rng.uniform(0.26, 0.38), rng.uniform(0.5, 0.7), rng.uniform(0.45, 0.7))
    pot = ((-0.11, -0.11), (0.11, 0.11)), ((-0.15, -0.15), (0.15, 0.15))
    parts = [frustum(pot[0], 0.0, pot[1], 0.28, (0.75, 0.42, 0.3), label)]
    middle = 0.28 + 0.45 * (height - 0.28)
    for low, high, wide in ((0.28, middle, radius), (middle, height, 0.8 * radius)):
        parts.append(
            cylinder((0, 0, (low + high) / 2), UP, wide, high - low, 7, leaf, label, top_radius=0.35 * wide)
        )  # fmt: skip
    return parts


def crates(rng: np.random.Generator) -> list[Part]:
    """A box with a smaller one on it, turned."""
    a, b, label = rng.uniform(0.16, 0.24), rng.uniform(0.09, 0.14), LABEL["object"]
    turn, height = rotation_about(2, rng.uniform(10, 80)), 2 * a * rng.uniform(0.7, 1.0)
    return [
        box((-a, -a, 0), (a, a, height), fabric(rng), label),
        oriented_box((0, 0, height + b), (b, b, b), turn, fabric(rng), label),
    ]


def rug(rng: np.random.Generator, size: tuple[float, float]) -> list[Part]:
    """A flat rug with a band of another colour."""
    x, y, label = size[0] / 2, size[1] / 2, LABEL["object"]
    hue, band = rng.uniform(0, 1), rng.uniform(0.55, 0.8)
    return [
        box((-x, -y, 0), (x, y, 0.012), tint(hue, 0.55, 0.75), label),
        box((-band * x, -band * y, 0.012), (band * x, band * y, 0.016), tint(hue + 0.12, 0.35, 0.95), label),
    ]  # fmt: skip


def _legs(
    at: tuple[float, float], half: float, height: float, color: Color, label: int
) -> list[Part]:
    return [
        box((x - half, y - half, 0), (x + half, y + half, height), color, label)
        for x in (-at[0], at[0])
        for y in (-at[1], at[1])
    ]
