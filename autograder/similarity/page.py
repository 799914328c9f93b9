"""The result as one HTML page that stands alone, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from autograder.catalogue import Exercise
from autograder.grading.private_file import write_private
from autograder.similarity.alignment import Side, align
from autograder.similarity.corpus import Corpus, Work
from autograder.similarity.fingerprints import passages_of
from autograder.similarity.passages import read_definitions
from autograder.similarity.ranking import Pair
from autograder.similarity.weights import Weights

CAUTION = (
    "This is a ranking for a person to look at, never a verdict. Short canonical answers look alike whoever wrote "
    "them, and people who learned together write alike."
)
_SHOWN = 0.2  # exercises less alike than this are listed, not shown side by side
_TINTS = 6  # colours in the style sheet, used in turn


@dataclass(frozen=True)
class Comparison:
    """One exercise of a pair, side by side."""

    exercise: Exercise
    score: float
    sides: tuple[list[Side], list[Side]]
    blocks: int


def write_page(
    path: Path,
    corpus: Corpus,
    weights: Mapping[str, Weights],
    pairs: Sequence[Pair],
    course: str,
    title: str,
) -> None:
    """Write the page, readable by its owner only."""
    environment = Environment(
        loader=ChoiceLoader(
            [PackageLoader("autograder.similarity"), PackageLoader("autograder.report")]
        ),
        autoescape=True,  # everything a student wrote is text, never markup
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": lambda share: f"{100 * share:.0f}",
        "tint": lambda block: (block - 1) % _TINTS + 1,
    }
    page = environment.get_template("similarity.html").render(
        course=course,
        assignment=title,
        caution=CAUTION,
        catalogue=corpus.catalogue,
        pairs=[(pair, compare(corpus, weights, pair)) for pair in pairs],
        works=sum(1 for work in corpus.works if not work.published),
        published=any(work.published for work in corpus.works),
        unreadable=corpus.unreadable,
    )
    write_private(path, page)


def compare(corpus: Corpus, weights: Mapping[str, Weights], pair: Pair) -> list[Comparison]:
    """The exercises of a pair that are worth a look, the most alike first."""
    one, other = read_definitions(pair.first.code), read_definitions(pair.second.code)
    all_patterns = corpus.patterns(one), corpus.patterns(other)
    found = []
    for exercise in corpus.catalogue.exercises:
        score = pair.exercises.get(exercise.id, 0.0)
        if score < _SHOWN:
            continue
        patterns = all_patterns[0][exercise.id], all_patterns[1][exercise.id]
        known = weights[exercise.id].bits
        bits = {n: float(known[n]) for n in patterns[0].keys() & patterns[1].keys()}
        first = passages_of(one, exercise.functions, patterns[0])
        second = passages_of(other, exercise.functions, patterns[1])
        left, right, blocks = align(first, second, patterns, bits)
        found.append(Comparison(exercise, score, (left, right), blocks))
    return sorted(found, key=lambda c: -c.score)


def to_json(corpus: Corpus, pairs: Sequence[Pair]) -> str:
    """The ranking as JSON: `notebook`, `caution`, `works`, `unreadable`, and `pairs` with scores from 0 to 1."""
    raw: dict[str, Any] = {
        "notebook": corpus.catalogue.notebook,
        "caution": CAUTION,
        "works": sum(1 for work in corpus.works if not work.published),
        "unreadable": corpus.unreadable,
        "pairs": [
            {
                "score": round(pair.score, 4),
                "first": _person(pair.first),
                "second": _person(pair.second),
                "exercises": {name: round(score, 4) for name, score in pair.exercises.items()},
            }
            for pair in pairs
        ],
    }
    return json.dumps(raw, indent=1, ensure_ascii=False) + "\n"


def _person(work: Work) -> dict[str, Any]:
    return {
        "student": None if work.published else work.owner,
        "published": work.published,
        "earlier": work.origin or None,
        "source": work.source,
    }
