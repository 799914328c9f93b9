"""What a sketch shows: expected and seen values, coarse enough to look at and too coarse to copy.

Values come as levels: whole numbers from 0 to `TOP` between the ends of a span, `LOST` where a value is not finite.
A reference value of hidden inputs is thus known to no more than 1/254 of its range, a hundred times coarser than the
checks' tolerance. Only results of at most `FEW` numbers carry them `exact`, to four decimals, as the text beside does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

TOP: Final = 254
LOST: Final = 255  # not finite
FEW: Final = 16
WORST: Final = 8  # the highest level of an error; 0 agrees, each step is a factor of √10
Span = tuple[float, float]


@dataclass(frozen=True)
class Grid:
    """A matrix, or a part of a larger table: rows and columns, seen as colours (and numbers if few)."""

    what: str  # "uv"
    part: str  # "of batch element [3]"; "" for all of it
    rows: int
    columns: int
    span: Span
    expected: bytes  # levels, row by row
    actual: bytes
    error: bytes  # 0 … WORST
    largest: float  # the largest error in it, to two digits
    exact: tuple[tuple[str, ...], tuple[str, ...]] | None = None  # expected, yours


@dataclass(frozen=True)
class Points:
    """Points in the plane or in space, each expected one joined to the one that came."""

    what: str
    part: str
    spans: tuple[Span, ...]  # per coordinate: two or three
    expected: bytes  # levels, point by point
    actual: bytes


@dataclass(frozen=True)
class Curve:
    """A row of numbers over their index."""

    what: str
    part: str
    span: Span
    expected: bytes
    actual: bytes
    first: int = 0  # index of the first number shown
    step: int = 1


@dataclass(frozen=True)
class Counts:
    """How often each expected answer was given as which: of true and false, of labels."""

    what: str
    labels: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]  # row: expected, column: yours


Sketch = Grid | Points | Curve | Counts
