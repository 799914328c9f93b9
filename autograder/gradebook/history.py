"""How things came to be: every grading of every submission, and the audit trail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.gradebook import models
from autograder.gradebook.book import Gradebook
from autograder.gradebook.find import find_student
from autograder.gradebook.owners import withdrawn_ids

# The actions in the audit trail that are people's decisions about a student.
DECISIONS = frozenset(
    {"score", "comment", "extension", "override", "milestone", "received", "assign", "withdraw"}
)


@dataclass(frozen=True)
class GradingEvent:
    """One grading of one submission."""

    submission: int
    work: str
    source: str
    received: datetime | None
    told_by: str  # "lms", "student", "a person" or ""
    grading: int
    at: datetime
    who: str
    outcome: str
    points: float
    max_points: float
    counts: bool
    withdrawn: bool = False


@dataclass(frozen=True)
class AuditEvent:
    """One change."""

    at: datetime
    who: str
    action: str
    student: str
    work: str
    what: str
    old: str
    new: str


def gradings_of(book: Gradebook, student: str) -> list[GradingEvent]:
    """Every grading of a student's submissions, in the order in which they were first seen."""
    query = (
        select(models.Submission, models.Grading, models.Counting.grading_id)
        .join(models.Grading, models.Grading.submission_id == models.Submission.id)
        .outerjoin(models.Counting, models.Counting.submission_id == models.Submission.id)
        .order_by(models.Submission.assignment, models.Submission.id, models.Grading.id)
    )
    with book.reading() as session:
        row = find_student(session, student)
        withdrawn = withdrawn_ids(session)
        return [
            GradingEvent(
                submission.id,
                submission.assignment,
                submission.source,
                submission.corrected or submission.received,
                "a person" if submission.corrected else submission.clock,
                grading.id,
                grading.at,
                grading.who,
                grading.outcome,
                grading.points,
                grading.max_points,
                grading.id == counts,
                submission.id in withdrawn,
            )
            for submission, grading, counts in session.execute(
                query.where(models.Submission.student_id == row.id)
            )
        ]


def last_reason(session: Session, student: str, work: str, item: str) -> str:
    """Why the points that an exercise or question has now were given; "" where nobody said."""
    table = models.Audit
    query = (
        select(table.what)
        .where(table.action == "score", table.student == student, table.work == work)
        .where(table.what.in_([item]) | table.what.startswith(f"{item}: ", autoescape=True))
        .order_by(table.id.desc())
        .limit(1)
    )
    return (session.scalars(query).first() or "").partition(": ")[2]


def audit_trail(
    book: Gradebook, student: str | None = None, *, decisions: bool = False
) -> list[AuditEvent]:
    """All changes, oldest first; or those that concern one student, or only what people decided."""
    table = models.Audit
    query = select(table).order_by(table.id)
    with book.reading() as session:
        if student is not None:
            row = find_student(session, student)
            query = query.where(table.student == row.student)
        return [
            AuditEvent(r.at, r.who, r.action, r.student, r.work, r.what, r.old, r.new)
            for r in session.scalars(
                query.where(table.action.in_(DECISIONS)) if decisions else query
            )
        ]
