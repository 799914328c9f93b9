"""How telling a pattern is, in bits: what one work in a thousand has says much, what everybody has says nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autograder.similarity.corpus import Corpus, Numbers

# A score is taken as if each side had so many patterns more that nobody shares: one-liners cannot reach 1.
_DOUBT = 1.0
_NONE = np.array([], np.uint32)
_CHUNK = 4096  # patterns compared at once; bounds the memory


@dataclass(frozen=True)
class Weights:
    """Bits per pattern of one exercise, and what is needed to turn shared bits into a score."""

    bits: NDArray[np.float32]  # by pattern number
    doubt: float

    def score(self, first: Numbers, second: Numbers) -> float:
        """How much of the smaller work the larger one has too, from 0 to just below 1."""
        shared = float(self.bits[np.intersect1d(first, second)].sum())
        smaller = min(float(self.bits[first].sum()), float(self.bits[second].sum()))
        return shared / (smaller + self.doubt)

    def scores(self, rows: Sequence[Numbers], columns: Sequence[Numbers]) -> NDArray[np.float32]:
        """`score` of every row with every column."""
        shared = np.zeros((len(rows), len(columns)), np.float32)
        common = self._in_two(columns)
        for start in range(0, len(common), _CHUNK):
            chunk = common[start : start + _CHUNK]
            shared += (_presence(rows, chunk) * self.bits[chunk]) @ _presence(columns, chunk).T
        smaller = np.minimum(self._totals(rows)[:, None], self._totals(columns)[None, :])
        return (shared / (smaller + self.doubt)).astype(np.float32)

    def _in_two(self, works: Sequence[Numbers]) -> Numbers:
        """Patterns that tell something and that two works have; no other can be shared."""
        counts = np.bincount(np.concatenate([*works, _NONE]), minlength=len(self.bits))
        return np.flatnonzero((counts > 1) & (self.bits > 0)).astype(np.uint32)

    def _totals(self, works: Sequence[Numbers]) -> NDArray[np.float32]:
        return np.array([self.bits[work].sum() for work in works], np.float32)


def weigh(corpus: Corpus) -> dict[str, Weights]:
    """Exercise by exercise: −log₂ of the share of people who have a pattern; 0 for what was given."""
    return {exercise.id: _weigh(corpus, exercise.id) for exercise in corpus.catalogue.exercises}


def _weigh(corpus: Corpus, exercise: str) -> Weights:
    given = np.fromiter(corpus.given, dtype=np.int64)
    people: dict[
        str, Numbers
    ] = {}  # what one person repeats in later attempts is no more common for that
    for work in corpus.works:
        patterns = work.patterns[exercise]
        people[work.person] = np.union1d(people.get(work.person, _NONE), patterns)
    size = 1 + max([-1, *(int(p[-1]) for p in people.values() if len(p)), *given.tolist()])
    counts = np.bincount(np.concatenate([*people.values(), _NONE]), minlength=size)
    everybody = len(people) + 1
    bits = np.log2(everybody / np.maximum(counts, 1)).astype(np.float32)
    bits[given] = 0
    return Weights(bits, _DOUBT * math.log2(everybody))


def _presence(works: Sequence[Numbers], patterns: Numbers) -> NDArray[np.float32]:
    """1 where a work (row) has a pattern (column)."""
    found = np.zeros((len(works), len(patterns)), np.float32)
    for row, work in enumerate(works):
        found[row, np.searchsorted(patterns, work[np.isin(work, patterns, True)])] = 1
    return found
