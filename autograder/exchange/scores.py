"""What all exports share: which pieces of work there are, what counts for each student, and what to know about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.exchange.errors import ExchangeError
from autograder.policy.rounding import hundredths

if TYPE_CHECKING:
    from autograder.gradebook.sheet import StudentGrades, WorkGrade


@dataclass(frozen=True)
class Column:
    """A piece of work, as a column of a table."""

    id: str
    title: str
    max_points: float


@dataclass(frozen=True)
class Export:
    """A table to write, and what its reader should be told."""

    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()


def columns(grades: Sequence[StudentGrades], wanted: str | None = None) -> list[Column]:
    """The work to export: the one wanted, else all for which somebody has a grade."""
    if not grades:
        raise ExchangeError(
            "the gradebook knows no students yet. Import a roster (`autograder roster FILE`) "
            "or grade a class (`autograder grade FOLDER`) first."
        )
    every = [Column(work.id, work.title, work.max_points) for work in grades[0].works]
    if wanted is not None:
        if found := [column for column in every if column.id == wanted]:
            return found
        known = ", ".join(column.id for column in every)
        raise ExchangeError(f"--assignment {wanted}: course.toml knows {known}")
    graded = {w.id for student in grades for w in student.works if counted(w) is not None}
    if not graded:
        raise ExchangeError(
            "nothing is graded yet. Grade a class (`autograder grade FOLDER`), or name a piece of work "
            "with --assignment to export it empty."
        )
    return [column for column in every if column.id in graded]


def of(student: StudentGrades, column: Column) -> WorkGrade:
    """A student's grade for a column."""
    return next(work for work in student.works if work.id == column.id)


def counted(work: WorkGrade, out_of: float | None = None) -> float | None:
    """The points that count, after late days and penalties; None if nothing was handed in or decided."""
    if work.decision.attempt is None and not work.decision.by_hand:
        return None
    return round(work.decision.share * (work.max_points if out_of is None else out_of), 2)


def number(value: float | None) -> str:
    """Up to two decimals, with a point whatever the country; "" for None."""
    return "" if value is None else hundredths(value).rstrip("0").rstrip(".")


def awaiting_notes(grades: Sequence[StudentGrades], shown: Sequence[Column]) -> tuple[str, ...]:
    """A note per piece of work whose written questions are not all graded."""
    notes = []
    for column in shown:
        waiting = sum(1 for student in grades if of(student, column).awaiting)
        if waiting:
            notes.append(
                f"{column.id}: written answers of {waiting} student{'s' if waiting > 1 else ''} await points; "
                "what is exported is what counts so far"
            )
    return tuple(notes)
