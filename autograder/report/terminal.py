"""The last thing `autograder grade` prints: a line per student, and where the report lies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.grading.record import Outcome, SubmissionResult
from autograder.results import Status

_LONGEST_NAME = 24
_NUMBERS_WIDTH = 29  # of the columns between name and remark, with their gaps
_STYLES = {
    Outcome.GRADED: "",
    Outcome.NOT_GRADABLE: "yellow",
    Outcome.GRADER_ERROR: "red",
}


def print_summary(results: Sequence[SubmissionResult], index: Path) -> None:
    """A table of scores on stdout."""
    console = Console()
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("student", no_wrap=True)
    for name in ("points", "of", "✓", "✗", "–"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("first remark", no_wrap=True)
    names = [_short(result.student, _LONGEST_NAME) for result in results]
    room = max(console.width - max(map(len, [*names, "student"])) - _NUMBERS_WIDTH, 20)
    for name, result in zip(names, results, strict=True):
        counts = [sum(e.status == s for e in result.exercises) for s in Status]
        notes = [*result.problems, *result.remarks, *_exercise_remarks(result), ""]
        table.add_row(
            escape(name),
            f"{result.points:g}",
            f"{result.max_points:g}",
            *(str(count or "") for count in counts),
            escape(_short(notes[0], room)),
            style=_STYLES[result.outcome],
        )
    console.print(table)
    console.print("exercises: ✓ passed, ✗ failed, – could not run", style="dim")
    console.print(f"\nThe report: {escape(str(index))}", soft_wrap=True)


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _exercise_remarks(result: SubmissionResult) -> list[str]:
    return [remark for exercise in result.exercises for remark in exercise.remarks]
