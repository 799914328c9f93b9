"""Pairs of people whose work is alike, the most alike first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from autograder.similarity.corpus import Corpus, Work
from autograder.similarity.weights import Weights

# Added to the number of exercises that a pair has in common: two alike out of two say less than ten out of ten.
_FEW = 1.0


@dataclass(frozen=True)
class Pair:
    """Two works and how alike they are: all in all, and exercise by exercise, from 0 to 1."""

    first: Work  # of this class
    second: Work
    score: float
    exercises: dict[str, float]  # those that both have written


def rank(corpus: Corpus, weights: Mapping[str, Weights], most: int) -> list[Pair]:
    """The `most` pairs with the highest scores, one per two people; equal ones in the order of their names.

    A pair's score is the root mean square over the exercises that both wrote, so that a few exercises taken over
    whole outweigh many that are vaguely alike. People are not compared with themselves, nor earlier years with
    one another.
    """
    rows = [index for index, work in enumerate(corpus.works) if _of_this_class(work)]
    if not rows:
        return []
    scores = _overall(corpus, rows, weights)
    pairs: dict[frozenset[tuple[str, str]], Pair] = {}
    for flat in np.argsort(-scores, axis=None, kind="stable"):
        row, column = np.unravel_index(flat, scores.shape)
        score = float(scores[row, column])
        if score <= 0 or len(pairs) == most:
            break
        first, second = corpus.works[rows[row]], corpus.works[column]
        people = frozenset((work.person, work.origin) for work in (first, second))
        if people not in pairs:
            by_exercise = _by_exercise(weights, first, second)
            pairs[people] = Pair(first, second, score, by_exercise)
    return sorted(pairs.values(), key=lambda p: (-p.score, p.first.label, p.second.label))


def _of_this_class(work: Work) -> bool:
    return not work.origin and not work.published


def _overall(
    corpus: Corpus, rows: list[int], weights: Mapping[str, Weights]
) -> NDArray[np.float32]:
    """Scores of this class's works with all works; 0 where two are one person's, or counted already."""
    squares = np.zeros((len(rows), len(corpus.works)), np.float32)
    written = np.zeros_like(squares)
    for exercise, weight in weights.items():
        columns = [work.patterns[exercise] for work in corpus.works]
        squares += weight.scores([columns[row] for row in rows], columns) ** 2
        has = np.array([bool((weight.bits[c] > 0).any()) for c in columns])
        written += np.outer(has[rows], has)
    scores: NDArray[np.float32] = np.sqrt(squares / (written + np.float32(_FEW)))
    people = np.array([work.person for work in corpus.works])
    scores[people[rows][:, None] == people[None, :]] = 0
    for index in range(len(rows)):
        scores[index, rows[: index + 1]] = 0  # every two of a class once
    return scores


def _by_exercise(weights: Mapping[str, Weights], first: Work, second: Work) -> dict[str, float]:
    found = {}
    for exercise, weight in weights.items():
        one, other = first.patterns[exercise], second.patterns[exercise]
        if (weight.bits[one] > 0).any() and (weight.bits[other] > 0).any():
            found[exercise] = weight.score(one, other)
    return found
