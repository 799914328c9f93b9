"""Which line of one work goes with which line of another: those that share the most telling patterns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.similarity.fingerprints import Patterns
from autograder.similarity.passages import Passage
from autograder.similarity.values import Place

_LEAST_BITS = 0.5  # lines that share less are left alone
_MOST_PLACES = 30  # a pattern on more lines than this does not say which of them it means


@dataclass(frozen=True)
class Line:
    """A line of a passage; `block` numbers the run of lines that it matches, 0 if it matches none."""

    number: int  # within its cell
    text: str
    block: int = 0
    partner: Place | None = None  # cell and line on the other side


@dataclass(frozen=True)
class Side:
    """A passage of one side, line by line."""

    cell: int
    lines: tuple[Line, ...]


def align(
    first: Sequence[Passage],
    second: Sequence[Passage],
    patterns: tuple[Patterns, Patterns],
    bits: Mapping[int, float],
) -> tuple[list[Side], list[Side], int]:
    """Both sides with their matching lines numbered alike, and how many runs of lines match."""
    partners = _partners(patterns, bits)
    blocks = _blocks(partners)
    back = {other: one for one, other in partners.items()}
    left = [_side(passage, partners, blocks) for passage in first]
    right = [_side(p, back, {partners[one]: b for one, b in blocks.items()}) for p in second]
    return left, right, max(blocks.values(), default=0)


def _partners(patterns: tuple[Patterns, Patterns], bits: Mapping[int, float]) -> dict[Place, Place]:
    """Line to line, greedily by shared bits; each line is used once."""
    weight: dict[tuple[Place, Place], float] = defaultdict(float)
    for pattern in patterns[0].keys() & patterns[1].keys():
        ones, others = patterns[0][pattern], patterns[1][pattern]
        if bits[pattern] > 0 and len(ones) * len(others) <= _MOST_PLACES:
            for one in ones:
                for other in others:
                    weight[one, other] += bits[pattern] / (len(ones) * len(others))
    found: dict[Place, Place] = {}
    taken: set[Place] = set()
    for (one, other), shared in sorted(weight.items(), key=lambda item: (-item[1], item[0])):
        if shared >= _LEAST_BITS and one not in found and other not in taken:
            found[one] = other
            taken.add(other)
    return found


def _blocks(partners: Mapping[Place, Place]) -> dict[Place, int]:
    """Runs of lines that follow one another on both sides share a number."""
    blocks: dict[Place, int] = {}
    number = 0
    for cell, line in sorted(partners):
        other_cell, other_line = partners[cell, line]
        above = partners.get((cell, line - 1))
        if above != (other_cell, other_line - 1):
            number += 1
        blocks[cell, line] = number
    return blocks


def _side(passage: Passage, partners: Mapping[Place, Place], blocks: Mapping[Place, int]) -> Side:
    lines = []
    for number, text in enumerate(passage.lines, start=passage.first_line):
        place = (passage.cell, number)
        lines.append(Line(number, text, blocks.get(place, 0), partners.get(place)))
    return Side(passage.cell, tuple(lines))
