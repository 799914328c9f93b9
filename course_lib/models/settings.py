"""Settings that make no sense, refused by name before anything is built."""

from __future__ import annotations

from numbers import Integral
from typing import Any


def check_whole(owner: Any, **least: int) -> None:
    """ValueError unless these fields of `owner` are whole numbers of at least so much."""
    for name, smallest in least.items():
        value = getattr(owner, name)
        whole = not isinstance(value, bool) and isinstance(value, Integral)
        if not whole or int(value) < smallest:
            raise ValueError(
                f"{type(owner).__name__}: {name} must be a whole number, {smallest} or more, not {value!r}"
            )


def check_resolution(owner: Any, divisor: int) -> None:
    """ValueError unless `owner.resolution` is (height, width), both positive multiples of `divisor`."""
    value: Any = owner.resolution
    fits = (
        isinstance(value, tuple)
        and len(value) == 2
        and all(
            isinstance(side, Integral) and int(side) > 0 and int(side) % divisor == 0
            for side in value
        )
    )
    if not fits:
        raise ValueError(
            f"{type(owner).__name__}: resolution must be (height, width) in multiples of {divisor}, such as "
            f"(64, 64), not {value!r}"
        )
