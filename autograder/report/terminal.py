"""The last thing `autograder grade` prints: a line per student, notes, and where the report lies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.grading.record import Outcome
from autograder.report.feedback import Feedback
from autograder.results import Status

_LONGEST_NAME = 24
_MOST_NOTES = 60
_STYLES = {
    Outcome.GRADED: "",
    Outcome.NOT_GRADABLE: "yellow",
    Outcome.GRADER_ERROR: "red",
}


def print_summary(rows: Sequence[Feedback], index: Path) -> None:
    """A table of scores on stdout, what a person should know about them in full, and where the report lies."""
    console = Console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("student", no_wrap=True)
    for name in ("points", "of", "✓", "✗", "–", "counts"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for row in rows:
        result = row.result
        done = [sum(e.status == s for e in result.exercises) for s in Status]
        table.add_row(
            escape(_short(result.student, _LONGEST_NAME)),
            f"{result.points:g}",
            f"{result.max_points:g}",
            *(str(count or "") for count in done),
            "" if row.counts is None else f"{row.counts:g}",
            " ".join([f"{row.days_late} d late"] * bool(row.days_late) + ["✎"] * bool(_notes(row))),
            style=_STYLES[result.outcome],
        )
    console.print(table)
    legend = "✓ passed, ✗ failed, – could not run; counts: with people's points, after late days; ✎ see below"
    console.print(legend, style="dim")
    lines = [
        f"{_short(r.result.student, _LONGEST_NAME)}: {note}" for r in rows for note in _notes(r)
    ]
    for line in lines[:_MOST_NOTES]:
        console.print(escape(line), highlight=False)
    if len(lines) > _MOST_NOTES:
        console.print(f"… and {len(lines) - _MOST_NOTES} more in the report")
    console.print(f"\nThe report: {escape(str(index))}", soft_wrap=True)


def _notes(row: Feedback) -> list[str]:
    """What a person should know about a submission as a whole; what is about an exercise stands on its page."""
    return [*row.result.problems, *row.result.remarks, *row.staff]


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
