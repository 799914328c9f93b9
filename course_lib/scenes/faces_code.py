"""The numbers that make a face: who it is (identity) and what it does (expression)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import astuple, dataclass, fields
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike

from course_lib.scenes.polytopes import Array, Color, SceneError


@dataclass(frozen=True)
class Code:
    """Named numbers, each within its range; the base of the two codes of a face."""

    LOW: ClassVar[tuple[float, ...]]
    HIGH: ClassVar[tuple[float, ...]]

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """What the numbers are called, in order."""
        return tuple(field.name for field in fields(cls))

    @classmethod
    def of(cls, numbers: ArrayLike) -> Self:
        """The code with these numbers.

        Raises:
            SceneError: too many or too few numbers, or one outside its range; the message names it.
        """
        values, names, what = np.asarray(numbers, dtype=float), cls.names(), cls.__name__.lower()
        if values.shape != (len(names),):
            raise SceneError(
                f"{what} has {len(names)} numbers ({', '.join(names)}), got shape {values.shape}"
            )
        for name, value, low, high in zip(names, values, cls.LOW, cls.HIGH, strict=True):
            if not low <= value <= high:
                raise SceneError(f"{what}: {name} must lie in [{low:g}, {high:g}], got {value:g}")
        return cls(*map(float, values))

    @classmethod
    def draw(cls, rng: np.random.Generator) -> Array:
        """Numbers drawn evenly from their ranges."""
        return rng.uniform(cls.LOW, cls.HIGH)

    def numbers(self) -> Array:
        """The numbers in order."""
        return np.array(astuple(self))


@dataclass(frozen=True)
class Identity(Code):
    """Who it is. Twelve numbers in [0, 1]."""

    width: float
    length: float
    jaw: float
    nose: float
    eye_distance: float
    eye_size: float
    brow_thickness: float
    skin: float
    hair_color: float
    hair_style: float  # a bin for each style: the only number in which faces jump
    iris: float
    shirt: float

    LOW: ClassVar = (0.0,) * 12
    HIGH: ClassVar = (1.0,) * 12


@dataclass(frozen=True)
class Expression(Code):
    """What it does. Five numbers."""

    smile: float  # −1: corners of the mouth down, 1: up
    mouth_open: float  # 0: closed, 1: the jaw drops
    brows: float  # −1: a frown, 1: raised
    eyes_open: float  # 0: closed, 1: wide open; at ease 0.65
    gaze: float  # −1: to its right, 1: to its left

    LOW: ClassVar = (-1.0, 0.0, -1.0, 0.0, -1.0)
    HIGH: ClassVar = (1.0, 1.0, 1.0, 1.0, 1.0)


EXPRESSIONS: dict[str, Array] = {
    "neutral": Expression(0.1, 0.0, 0.0, 0.65, 0.0).numbers(),
    "happy": Expression(1.0, 0.45, 0.3, 0.6, 0.0).numbers(),
    "sad": Expression(-0.9, 0.0, 0.25, 0.45, 0.0).numbers(),
    "surprised": Expression(0.0, 1.0, 1.0, 1.0, 0.0).numbers(),
    "angry": Expression(-0.7, 0.25, -1.0, 0.5, 0.0).numbers(),
    "asleep": Expression(0.2, 0.0, 0.0, 0.0, 0.0).numbers(),
}

SKIN: tuple[Color, ...] = (
    (1.0, 0.82, 0.66),
    (1.0, 0.73, 0.52),
    (0.88, 0.61, 0.40),
    (0.68, 0.43, 0.27),
    (0.48, 0.29, 0.18),
)
HAIR: tuple[Color, ...] = (
    (0.13, 0.10, 0.10),
    (0.36, 0.21, 0.13),
    (0.62, 0.27, 0.12),
    (0.90, 0.70, 0.32),
    (0.78, 0.77, 0.76),
)
IRIS: tuple[Color, ...] = ((0.35, 0.2, 0.1), (0.25, 0.5, 0.25), (0.2, 0.45, 0.8))


def blend(low: float, high: float, share: float) -> float:
    """From `low` at 0 to `high` at 1."""
    return low + (high - low) * share


def along(palette: Sequence[Color], share: float) -> Color:
    """The colour at a share of the way along a row of colours."""
    place = share * (len(palette) - 1)
    index = min(int(place), len(palette) - 2)
    red, green, blue = (
        blend(low, high, place - index)
        for low, high in zip(palette[index], palette[index + 1], strict=True)
    )
    return red, green, blue
