"""Rows for the people and files that submissions name: found again, or added once."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.gradebook import models
from autograder.gradebook.change import Change
from autograder.gradebook.columns import YEARS
from autograder.gradebook.insert import insert_if_new
from autograder.gradebook.owners import owner_of
from autograder.grading.submission import Submission

_TRUST = {"": 0, "student": 1, "lms": 2}  # whose word on the time of a hand-in outweighs whose


def moment(text: str) -> datetime | None:
    """An ISO 8601 time with a zone, in UTC; None for anything else, such as the year 1 of a student's clock."""
    try:
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo and found.year in YEARS else None
    except (ValueError, OverflowError):
        return None


def the_student(change: Change, assignment: str, submission: Submission) -> models.Student:
    """The row of whose it is, locked: one grader at a time works on one student."""
    owner = owner_of(change.session, assignment, submission)
    if owner == submission.student:
        insert_if_new(
            change.session,
            models.Student,
            student=submission.student,
            name=submission.name,
            since=datetime.now(UTC),
        )
    query = select(models.Student).where(models.Student.student == owner)
    row = change.session.scalars(query.with_for_update()).one()
    change.student = owner
    if owner != submission.student:  # the account is the one of who uploaded it, not of its author
        return row
    # What a platform says of the account is kept for exporting to it; a roster knows better.
    row.canvas_id = row.canvas_id or submission.canvas_id
    row.email = row.email or submission.email
    return row


def the_submission(
    change: Change, student: models.Student, assignment: str, submission: Submission
) -> models.Submission:
    """The row of this file, handed in at this time; what is now known of the time is put right."""
    row = same_submission(change.session, assignment, submission)
    if row is None:
        row = models.Submission(
            student_id=student.id,
            assignment=assignment,
            digest=submission.digest,
            source=submission.source,
            name=submission.name,
            received=moment(submission.received),
            clock=submission.clock if moment(submission.received) else "",
            first_seen=datetime.now(UTC),
        )
        change.session.add(row)
        change.session.flush()
    elif knows_better(submission, row):
        was, row.received = row.received, moment(submission.received)
        row.clock = submission.clock
        old = f"{was.isoformat()}" if was else "unknown"
        change.also("time", f"submission {row.id}", old, submission.received)
    return row


def same_submission(
    session: Session, assignment: str, submission: Submission
) -> models.Submission | None:
    """The row of the same hand-in: the same file at the same time.

    A time that nobody knew, or only the student's machine, may be told later by the platform: that is the same
    hand-in still. The same file at two times that the platform told is two.
    """
    query = (
        select(models.Submission)
        .join(models.Student)
        .where(
            models.Student.student == owner_of(session, assignment, submission),
            models.Submission.assignment == assignment,
            models.Submission.digest == submission.digest,
        )
        .order_by(models.Submission.id.desc())
    )
    rows = session.scalars(query).all()
    received = moment(submission.received)
    for row in rows:
        if row.received == received:
            return row
    return next(
        (row for row in rows if received is None or _differ_in_trust(submission, row)), None
    )


def knows_better(submission: Submission, row: models.Submission) -> bool:
    """Whether a submission tells its time with more authority than the row does."""
    known = moment(submission.received)
    return (
        known is not None and known != row.received and _trust(submission.clock) > _trust(row.clock)
    )


def _differ_in_trust(submission: Submission, row: models.Submission) -> bool:
    return _trust(submission.clock) != _trust(row.clock)


def _trust(clock: str) -> int:
    return _TRUST.get(clock, 0)
