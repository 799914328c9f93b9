"""Whole numbers that a caller gives, Python's or NumPy's."""

from __future__ import annotations

from numbers import Integral


def is_count(value: object, least: int, most: int) -> bool:
    """Whether `value` is a whole number in least … most."""
    return isinstance(value, Integral) and least <= int(value) <= most
