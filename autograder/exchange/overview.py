"""The gradebook as one plain table: who, what counts for each piece of work, late days, percent of the final grade."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from autograder.exchange.plain_text import guarded
from autograder.exchange.scores import Column, Export, awaiting_notes, counted, number, of

if TYPE_CHECKING:
    from autograder.gradebook.sheet import StudentGrades

_WHO = ("id", "name", "email", "section")
_PER_WORK = ("points", "max_points", "days_late", "late_days_spent", "penalised_days")


def overview_rows(grades: Sequence[StudentGrades], shown: Sequence[Column]) -> Export:
    """A row per student; the headings of a piece of work begin with its id."""
    heading = [f"{column.id}_{what}" for column in shown for what in _PER_WORK]
    rows = [(*_WHO, *heading, "late_days_left", "percent")]
    for grade in grades:
        cells = [guarded(getattr(grade.student, field)) for field in _WHO]
        for column in shown:
            work = of(grade, column)
            decision = work.decision
            cells += [
                number(counted(work, column.max_points)),
                number(column.max_points),
                str(decision.days_late),
                str(decision.late_days_spent),
                str(decision.penalised_days),
            ]
        cells += [str(grade.standing.late_days_left), number(grade.standing.percent)]
        rows.append(tuple(cells))
    return Export(tuple(rows), awaiting_notes(grades, shown))
