"""Which lines of a question's rubric a person ticked, for the author of the answer to read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.gradebook.book import Gradebook


@dataclass(frozen=True)
class RubricLine:
    """Something that an answer may have, what it is worth, and whether this one has it."""

    points: float
    text: str
    earned: bool


def rubric_lines(
    book: Gradebook, root: Path, notebook: str, student: str, work: str, items: Iterable[str]
) -> dict[str, tuple[RubricLine, ...]]:
    """Of these questions, those that were graded by a rubric; points given otherwise explain themselves."""
    from autograder.gradebook.history import last_reason
    from autograder.gradebook.ledger import read_ledger
    from autograder.review.rubric import NOTHING, models_of, ticked_in

    models, found = models_of(root, notebook), {}
    with book.reading() as session:
        entry = next(iter(read_ledger(session, [student])), None)
        for item in items:
            score = entry.scores.get((work, item)) if entry else None
            if score is None or score.points is None:
                continue
            criteria = models.get(item, NOTHING).criteria
            ticked = ticked_in(last_reason(session, student, work, item), criteria)
            if ticked:  # else points of another kind, or of a rubric that has changed since
                found[item] = tuple(
                    RubricLine(one.points, one.text, number in ticked)
                    for number, one in enumerate(criteria, start=1)
                )
    return found
