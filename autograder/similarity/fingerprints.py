"""The graph of values as a set of small patterns: an operation with what it is applied to, one to three steps deep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from autograder.similarity.passages import Definitions, Passage
from autograder.similarity.values import Place, Value, ValueReader

DEPTHS = (1, 2, 3)
# The order of their operands says nothing.
_COMMUTATIVE = {"add", "mul", "and", "or", "eq", "ne", "either", "maximum", "minimum"}


@dataclass
class Vocabulary:
    """Every pattern seen so far, by number. One for a whole comparison."""

    numbers: dict[tuple[str, tuple[int, ...]], int] = field(default_factory=dict)

    def number(self, label: str, operands: tuple[int, ...]) -> int:
        """The number of an operation on numbered patterns; a new one gets the next."""
        if label in _COMMUTATIVE:
            operands = tuple(sorted(operands))
        return self.numbers.setdefault((label, operands), len(self.numbers))


Patterns = dict[int, frozenset[Place]]  # number → where it was seen


def fingerprint(
    definitions: Definitions, names: Sequence[str], known: frozenset[str], vocabulary: Vocabulary
) -> Patterns:
    """The patterns of an exercise's functions and of the helpers that they call; empty if there are none."""
    reader = ValueReader(definitions, known)
    for name in names:
        if name in definitions.passages:
            reader.read(name)
    return _patterns(reader.roots, vocabulary)


def passages_of(
    definitions: Definitions, names: Sequence[str], patterns: Patterns
) -> list[Passage]:
    """The exercise's own definitions, then the helpers that its patterns lie in."""
    own = [definitions.passages[name] for name in names if name in definitions.passages]
    places = set[Place]().union(*patterns.values())
    helpers = [
        passage
        for passage in definitions.passages.values()
        if passage not in own and any((passage.cell, line) in places for line in _lines_of(passage))
    ]
    return [*own, *helpers]


def _lines_of(passage: Passage) -> Iterable[int]:
    return range(passage.first_line, passage.first_line + len(passage.lines))


def _patterns(roots: Iterable[Value], vocabulary: Vocabulary) -> Patterns:
    found: dict[int, set[Place]] = {}
    memory: dict[tuple[Value, int], int] = {}

    def number(value: Value, depth: int) -> int:
        key = (value, depth)
        if key not in memory:
            operands = value.operands if depth else ()
            below = tuple(number(operand, depth - 1) for operand in operands)
            memory[key] = vocabulary.number(value.label, below)
        return memory[key]

    for value in _reachable(roots):
        if value.place is not None and value.operands:
            for depth in DEPTHS:
                found.setdefault(number(value, depth), set()).add(value.place)
    return {pattern: frozenset(places) for pattern, places in found.items()}


def _reachable(roots: Iterable[Value]) -> list[Value]:
    seen: dict[Value, None] = {}
    waiting = list(roots)
    while waiting:
        value = waiting.pop()
        if value not in seen:
            seen[value] = None
            waiting += value.operands
    return list(seen)
