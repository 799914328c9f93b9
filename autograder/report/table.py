"""The class as a CSV table: one row a student, one column an exercise, for any learning platform."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from autograder.catalogue import Catalogue
from autograder.report.feedback import Feedback

_FORMULA = ("=", "+", "-", "@", "\t")


def class_csv(catalogue: Catalogue, rows: Sequence[Feedback]) -> str:
    """Columns: student, name, points, max_points, exercises, written questions, awaiting, counts, outcome, remarks."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    exercises = [e.id for e in catalogue.graded]
    written = [w.id for w in catalogue.written]
    writer.writerow(
        [
            "student",
            "name",
            "points",
            "max_points",
            *exercises,
            *written,
            "awaiting",
            "counts",
            "outcome",
            "remarks",
        ]
    )
    for row in rows:
        result = row.result
        earned = {e.exercise: e.points for e in result.exercises}
        notes = [*result.problems, *result.remarks]
        writer.writerow(
            [
                harmless(result.student),
                harmless(row.name or result.name),
                f"{result.points:g}",
                f"{result.max_points:g}",
                *(f"{earned.get(e, 0):g}" for e in exercises),
                *(_given(row, question) for question in written),
                f"{row.awaiting:g}",
                "" if row.counts is None else f"{row.counts:g}",
                result.outcome,
                harmless("; ".join(notes)),
            ]
        )
    return text.getvalue()


def _given(row: Feedback, question: str) -> str:
    """A person's points for a written answer; nothing while it waits."""
    points = row.manual.get(question)
    return "" if points is None else f"{points.points:g}"


def harmless(text: str) -> str:
    """Spreadsheets run cells that start like a formula; a quote in front makes them text."""
    return "'" + text if text.startswith(_FORMULA) else text
