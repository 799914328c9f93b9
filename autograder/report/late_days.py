"""The course's late days as a student sees them: a row per piece of work, and what is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from autograder.gradebook.sheet import StudentGrades, WorkGrade
from autograder.policy import Decision
from autograder.settings import LatePolicy


@dataclass(frozen=True)
class LateRow:
    """One piece of work: when it was due, when it came, and what that cost."""

    title: str
    here: bool  # whether this page is about it
    due: str  # "26 September 23:59"; "" without a deadline
    came: str  # "on time", "2 days late", "not handed in", "set by hand"
    spent: int  # late days
    penalty: str  # "−25 %, 1 day"; "" if nothing was taken off


@dataclass(frozen=True)
class LateDays:
    """The whole account."""

    rows: tuple[LateRow, ...]
    granted: int
    left: int

    @property
    def spent(self) -> int:
        """Late days that are gone."""
        return self.granted - self.left


def late_days(grades: StudentGrades, work: str, late: LatePolicy) -> LateDays | None:
    """The account of one student; None where neither late days nor penalties are given."""
    if not late.late_days and not late.penalty:
        return None
    zone = _zone(grades.works)
    rows = [_row(one, one.id == work, late, zone) for one in grades.works if _told(one, work)]
    return LateDays(tuple(rows), late.late_days, grades.standing.late_days_left)


def _told(grade: WorkGrade, work: str) -> bool:
    """What is announced without a deadline, and not handed in, has nothing to tell yet."""
    decision = grade.decision
    return grade.id == work or decision.by_hand or bool(decision.attempt or decision.due)


def _row(grade: WorkGrade, here: bool, late: LatePolicy, zone: tzinfo) -> LateRow:
    decision = grade.decision
    return LateRow(
        grade.title,
        here,
        _moment(decision.due, zone),
        _came(decision, zone),
        decision.late_days_spent,
        _penalty(decision.penalised_days, late),
    )


def _came(decision: Decision, zone: tzinfo) -> str:
    if decision.by_hand:
        return "set by hand"
    if decision.attempt is None:
        return "not handed in"
    when = _moment(decision.attempt.received, zone)
    days = decision.days_late
    said = f"{days} day{'' if days == 1 else 's'} late" if days else "on time"
    return f"{when}, {said}" if when else said


def _penalty(days: int, late: LatePolicy) -> str:
    if not days or not late.penalty:
        return ""
    return f"−{min(1.0, days * late.penalty):.0%} for {days} day{'' if days == 1 else 's'}"


def _zone(works: Sequence[WorkGrade]) -> tzinfo:
    """The course's clocks, as its deadlines are written."""
    known = (work.decision.due for work in works)
    return next((due.tzinfo for due in known if due and due.tzinfo), UTC)


def _moment(moment: datetime | None, zone: tzinfo) -> str:
    if moment is None:
        return ""
    local = moment.astimezone(moment.tzinfo if moment.tzinfo not in (None, UTC) else zone)
    return f"{local.day} {local:%B %H:%M}"
