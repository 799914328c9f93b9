"""A class folder seen with what people decided about the submissions in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from autograder.gradebook.attribution import same_submission
from autograder.gradebook.book import Gradebook
from autograder.gradebook.owners import owner_of, withdrawn_ids
from autograder.grading.identity import as_decided
from autograder.grading.submission import Submission


def with_decisions(
    book: Gradebook, assignment: str, submissions: Sequence[Submission]
) -> list[Submission]:
    """A class folder's submissions as people decided: under whom they belong, without what is withdrawn."""
    kept = []
    with book.reading() as session:
        withdrawn = withdrawn_ids(session)
        for submission in submissions:
            row = same_submission(session, assignment, submission) if withdrawn else None
            if row is None or row.id not in withdrawn:
                owner = owner_of(session, assignment, submission)
                kept.append(as_decided(submission, owner))
    kept.sort(key=lambda s: (s.student.lower(), s.student, s.received, s.source))
    marked: list[Submission] = []
    for _, each in groupby(kept, key=lambda s: s.student):
        *earlier, latest = each
        marked += [replace(s, superseded=True) for s in earlier]
        marked.append(replace(latest, superseded=False))
    return marked
