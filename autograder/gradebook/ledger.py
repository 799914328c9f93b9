"""What the tables say now, read in one go: submissions with the gradings that count, and people's last words.

Submissions that were withdrawn are not in here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from autograder.gradebook import models, people
from autograder.gradebook.owners import withdrawn_ids
from autograder.gradebook.sheet import ItemGrade, StudentInfo


@dataclass(frozen=True)
class HandIn:
    """A submission and what its counting grading says."""

    id: int
    work: str
    source: str
    received: datetime | None  # as it was told
    clock: str
    corrected: datetime | None  # as a person knows it
    first_seen: datetime
    outcome: str
    max_points: float
    items: tuple[ItemGrade, ...]


@dataclass
class Entry:
    """One student's part of the ledger. Keys are the work's id, and the item's."""

    student: StudentInfo
    enrolled: bool
    hand_ins: list[HandIn] = field(default_factory=list)
    scores: dict[tuple[str, str], people.ManualScore] = field(default_factory=dict)
    comments: dict[tuple[str, str], people.Comment] = field(default_factory=dict)
    extensions: dict[str, people.Extension] = field(default_factory=dict)
    overrides: dict[str, people.Override] = field(default_factory=dict)
    milestones: dict[str, people.MilestoneScore] = field(default_factory=dict)


def read_ledger(session: Session, students: Sequence[str] | None = None) -> list[Entry]:
    """An entry per student (of these ids, or all), sorted by id."""
    query = select(models.Student)
    if students is not None:
        query = query.where(models.Student.student.in_(students))
    entries = {row.id: Entry(_info(row), row.enrolled) for row in session.scalars(query)}
    some = None if students is None else list(entries)
    _add_hand_ins(session, entries, some)
    for score in _rows(session, people.ManualScore, some):
        entries[score.student_id].scores[score.work, score.item] = score
    for comment in _rows(session, people.Comment, some):
        entries[comment.student_id].comments[comment.work, comment.item] = comment
    for extension in _rows(session, people.Extension, some):
        entries[extension.student_id].extensions[extension.work] = extension
    for override in _rows(session, people.Override, some):
        entries[override.student_id].overrides[override.work] = override
    for milestone in _rows(session, people.MilestoneScore, some):
        entries[milestone.student_id].milestones[milestone.work] = milestone
    return sorted(entries.values(), key=lambda entry: entry.student.id)


Row = TypeVar("Row", bound=people.Decided)


def _rows(session: Session, table: type[Row], some: list[int] | None) -> Sequence[Row]:
    """All rows about these students, oldest first: putting them in a dictionary keeps the last word."""
    query = select(table).order_by(table.id)
    return session.scalars(query if some is None else query.where(table.student_id.in_(some))).all()


def _info(row: models.Student) -> StudentInfo:
    return StudentInfo(
        row.student,
        row.name,
        row.email,
        row.section,
        row.canvas_id,
        row.sis_user_id,
        row.sis_login_id,
        row.enrolled,
    )


def _add_hand_ins(session: Session, entries: dict[int, Entry], some: list[int] | None) -> None:
    counting = models.Counting.grading_id == models.Grading.id
    items: dict[int, list[ItemGrade]] = {}
    scores = select(models.Score).join(
        models.Counting, models.Counting.grading_id == models.Score.grading_id
    )
    query = (
        select(
            models.Submission, models.Grading.id, models.Grading.outcome, models.Grading.max_points
        )
        .join(models.Counting, models.Counting.submission_id == models.Submission.id)
        .join(models.Grading, counting)
        .order_by(models.Submission.id)
    )
    if some is not None:
        mine: ColumnElement[bool] = models.Submission.student_id.in_(some)
        query = query.where(mine)
        scores = scores.join(
            models.Submission, models.Submission.id == models.Counting.submission_id
        ).where(mine)
    for score in session.scalars(scores.order_by(models.Score.grading_id, models.Score.position)):
        items.setdefault(score.grading_id, []).append(
            ItemGrade(
                score.item, score.number, score.title, score.kind, score.points, score.max_points
            )
        )
    withdrawn = withdrawn_ids(session)
    for row, grading, outcome, max_points in session.execute(query):
        if row.id in withdrawn:
            continue
        entries[row.student_id].hand_ins.append(
            HandIn(
                row.id,
                row.assignment,
                row.source,
                row.received,
                row.clock,
                row.corrected,
                row.first_seen,
                outcome,
                max_points,
                tuple(items.get(grading, ())),
            )
        )
