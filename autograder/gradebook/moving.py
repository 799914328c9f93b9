"""Work that goes from one student to another, with its gradings and with what people decided about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from autograder.gradebook import models, people
from autograder.gradebook.change import Change
from autograder.gradebook.ledger import Entry, read_ledger
from autograder.gradebook.owners import withdrawn_ids

# What a decision says, by its table, and the value that takes it back.
_LIFTED: dict[type[people.Decided], dict[str, Any]] = {
    people.ManualScore: {"points": None},
    people.Comment: {"text": ""},
    people.Extension: {"until": None},
    people.Override: {"share": None},
    people.MilestoneScore: {"share": None, "received": None},
}


def twin_of(
    session: Session, row: models.Submission, student: models.Student
) -> models.Submission | None:
    """The very same hand-in that a student has already: the same file at the same time."""
    file = models.Submission
    query = select(file).where(
        file.student_id == student.id,
        file.assignment == row.assignment,
        file.digest == row.digest,
        file.received.is_(None) if row.received is None else file.received == row.received,
    )
    return session.scalars(query).first()


def move(change: Change, row: models.Submission, to: models.Student, why: str) -> None:
    """Give a submission to a student. Whoever grades the same file again finds it there."""
    first = (
        select(people.Attribution.claimed)
        .where(people.Attribution.submission_id == row.id)
        .order_by(people.Attribution.id)
        .limit(1)
    )
    owner = change.session.get_one(models.Student, row.student_id).student
    claimed = change.session.scalars(first).one_or_none() or owner
    row.student_id = to.id
    change.session.add(
        people.Attribution(
            student_id=to.id,
            work=row.assignment,
            submission_id=row.id,
            claimed=claimed,
            why=why,
            who=change.who,
            at=datetime.now(UTC),
        )
    )


def withdraw(change: Change, row: models.Submission, withdrawn: bool, why: str) -> bool:
    """Let a submission count never, or again; whether that is news."""
    if (row.id in withdrawn_ids(change.session)) == withdrawn:
        return False
    change.session.add(
        people.Withdrawal(
            student_id=row.student_id,
            work=row.assignment,
            submission_id=row.id,
            withdrawn=withdrawn,
            why=why,
            who=change.who,
            at=datetime.now(UTC),
        )
    )
    return True


def move_decisions(
    change: Change, sender: models.Student, to: models.Student, submission: int | None = None
) -> int:
    """Give people's decisions about one student to another (or the scores of one submission); how many moved.

    What was already decided about the other stands. The rows stay: new ones take back, and say again.
    """
    entries = {e.student.id: e for e in read_ledger(change.session, [sender.student, to.student])}
    theirs = dict(live_decisions(entries[to.student]))
    moved = 0
    for key, decision in live_decisions(entries[sender.student]):
        if submission is not None and getattr(decision, "submission_id", None) != submission:
            continue
        table = type(decision)
        columns = inspect(table).columns.keys()
        said = {name: getattr(decision, name) for name in columns if name != "id"}
        if key not in theirs:
            change.session.add(table(**said | {"student_id": to.id}))
            moved += 1
        taken_back = {"who": change.who, "at": datetime.now(UTC), **_LIFTED[table]}
        change.session.add(table(**said | taken_back))
    return moved


def live_decisions(entry: Entry) -> Iterator[tuple[tuple[str, ...], people.Decided]]:
    """What people decided about a student and have not taken back, under a key that tells what it is about."""
    for (work, item), score in entry.scores.items():
        if score.points is not None:
            yield ("score", work, item), score
    for (work, item), comment in entry.comments.items():
        if comment.text:
            yield ("comment", work, item), comment
    for work, extension in entry.extensions.items():
        if extension.until is not None:
            yield ("extension", work), extension
    for work, override in entry.overrides.items():
        if override.share is not None:
            yield ("override", work), override
    for work, milestone in entry.milestones.items():
        if milestone.share is not None:
            yield ("milestone", work), milestone
