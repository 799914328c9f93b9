"""Where sliders lead in a space of codes: between two known ones, and along given directions from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from course_lib.viewers.arrays import Array, as_array
from course_lib.viewers.counts import is_count

MEAN: Final = "mean code"
MOST: Final = 8  # directions that have a slider each


@dataclass(frozen=True, eq=False)
class CodeSpace:
    """Known codes by name, and directions with the length of one step along each."""

    names: tuple[str, ...]  # the first is the mean
    points: Array  # n+1 d
    steps: Array  # k d: a unit direction times the standard deviation of the codes along it

    @staticmethod
    def of(codes: Any, names: Sequence[str] | None, directions: Any, scales: Any) -> CodeSpace:
        """Checks what a caller gives; ValueError names the argument and what to give instead."""
        if callable(codes):  # a module with codes inside, or look_at
            raise ValueError(
                f"codes is a {type(codes).__name__}; give the codes themselves, a tensor (n d), between "
                "render and look_at"
            )
        known = as_array("codes", codes, ("n", "d"))
        if 0 in known.shape:
            raise ValueError(f"codes is empty: its shape is {known.shape}; give at least one code")
        lost = np.flatnonzero(~np.isfinite(known).all(axis=1))
        if len(lost):
            raise ValueError(
                f"codes[{lost[0]}] is not finite, as are {len(lost)} of {len(known)} codes. Did training "
                "diverge?"
            )
        return CodeSpace(
            (MEAN, *_names(names, len(known))),
            np.concatenate([known.mean(axis=0, keepdims=True), known]),
            _steps(known, directions, scales),
        )

    def named(self, argument: str, which: str | int | None) -> str:
        """The name of a known code, given by name, by number, or None for the mean.

        IndexError or KeyError if there is none.
        """
        count = len(self.names) - 1
        if which is None:
            return MEAN
        if isinstance(which, str):
            if which not in self.names:
                some = ", ".join(self.names[:4]) + (", …" if count > 3 else "")
                raise KeyError(f"{argument} is {which!r}, but the codes are called {some}")
            return which
        if not is_count(which, 0, count - 1):
            raise IndexError(
                f"{argument} is {which}, but there are {count} codes; give 0 … {count - 1}, a name, or "
                "None for the mean"
            )
        return self.names[1 + int(which)]

    def at(self, start: str, end: str, share: float, along: Sequence[float]) -> Array:
        """The code so far on the way from one known code to another, then so many steps along each direction."""
        ends = self.points[[self.names.index(start), self.names.index(end)]]
        between = np.average(ends, axis=0, weights=(1 - share, share))
        code: Array = between + np.asarray(along, dtype=np.float64) @ self.steps
        return code


def _names(names: Sequence[str] | None, count: int) -> tuple[str, ...]:
    if names is None:
        return tuple(f"object {i}" for i in range(count))
    if isinstance(names, str):
        raise ValueError(f"names is the text {names!r}; give a list, with a name per code")
    given = tuple(map(str, names))
    if len(given) != count:
        raise ValueError(f"names has {len(given)} names for {count} codes; give one per code")
    twice = next((name for name in given if (MEAN, *given).count(name) > 1), None)
    if twice is not None:
        raise ValueError(f"names has {twice!r} twice, or as {MEAN!r}; every name must be its own")
    return given


def _steps(codes: Array, directions: Any, scales: Any) -> Array:
    """One standard deviation along every direction."""
    length = codes.shape[1]
    if directions is None:
        if scales is not None:
            raise ValueError("scales has no directions to go with; give directions too")
        return np.zeros((0, length))
    rows = as_array("directions", directions, ("k", length))
    if not 1 <= len(rows) <= MOST:
        raise ValueError(
            f"directions has {len(rows)} rows; sliders take 1 to {MOST}, as directions[:{MOST}]"
        )
    lengths = np.linalg.norm(rows, axis=1)
    off = next((i for i, norm in enumerate(lengths) if not abs(norm - 1) < 1e-3), None)
    if off is not None:
        raise ValueError(
            f"directions[{off}] has length {lengths[off]:.3g}; give unit vectors as rows, as principal "
            "directions are"
        )
    spread = (
        (codes @ rows.T).std(axis=0) if scales is None else as_array("scales", scales, (len(rows),))
    )
    bad = next((i for i, scale in enumerate(spread) if not 0 < scale < np.inf), None)
    if bad is not None:
        why = "the codes do not differ along it" if scales is None else "give a number above 0"
        raise ValueError(f"the scale of directions[{bad}] is {spread[bad]:.3g}: {why}")
    steps: Array = spread[:, None] * rows
    return steps
