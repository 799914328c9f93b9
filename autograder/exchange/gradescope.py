"""Scores of one assignment in the columns of Gradescope's own download (Review Grades → Download Grades)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, timedelta
from typing import TYPE_CHECKING

from autograder.exchange.items import item_columns, points_by_item
from autograder.exchange.plain_text import guarded
from autograder.exchange.scores import Column, Export, awaiting_notes, counted, number, of

if TYPE_CHECKING:
    from autograder.gradebook.sheet import StudentGrades, StudentInfo, WorkGrade
    from autograder.policy import Decision

_HEADING = (
    "Name", "SID", "Email", "Sections", "Total Score", "Max Points", "Status", "Submission ID", "Submission Time",
    "Lateness (H:M:S)",
)  # fmt: skip


def gradescope_rows(grades: Sequence[StudentGrades], column: Column) -> Export:
    """A row per student: the score that counts, then the points of each exercise and question before any penalty."""
    items = item_columns(grades, column)
    questions = [
        f"{item.number or item.id}: {item.title} ({item.max_points:.1f} pts)" for item in items
    ]
    rows: list[tuple[str, ...]] = [(*_HEADING, *questions)]
    for grade in grades:
        who, work = grade.student, of(grade, column)
        rows.append(
            (
                *(guarded(text) for text in (who.name, _sid(who), who.email, who.section)),
                number(counted(work, column.max_points)),
                number(column.max_points),
                _status(work),
                *_submission(work.decision),
                *(number(points) for points in points_by_item(work, items)),
            )
        )
    return Export(tuple(rows), awaiting_notes(grades, [column]))


def _sid(who: StudentInfo) -> str:
    """Gradescope's id; those without one go by their address there, and so they may here."""
    return who.sis_user_id or (who.id if who.id != who.email else "")


def _status(work: WorkGrade) -> str:
    if counted(work) is None:
        return "Missing"
    return "Ungraded" if work.awaiting else "Graded"


def _submission(decision: Decision) -> tuple[str, str, str]:
    """Id, time on the clocks of the deadline, and lateness of the submission that counts."""
    attempt = decision.attempt
    if attempt is None:
        return "", "", ""
    if attempt.received is None:
        return str(attempt.id), "", "00:00:00"
    zone = decision.due.tzinfo if decision.due else UTC
    late = timedelta(0)
    if decision.due is not None:
        late = max(late, attempt.received.astimezone(UTC) - decision.due.astimezone(UTC))
    minutes, seconds = divmod(round(late.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    time = f"{attempt.received.astimezone(zone):%Y-%m-%d %H:%M:%S %z}"
    return str(attempt.id), time, f"{hours:02}:{minutes:02}:{seconds:02}"
