"""The bands of a trained exercise in a handout: written at its `{{bands ID}}`, so that text and grader agree."""

from __future__ import annotations

import re

from autograder.catalogue.bands import shares
from autograder.source import Cell, Source, SourceError
from autograder.trained.task import find_task

_PLACE = re.compile(r"\{\{\s*bands\s+(?P<id>\w+)\s*\}\}")


def with_bands(text: str, cell: Cell, source: Source) -> str:
    """The text with a table in place of each `{{bands ID}}`; SourceError for an id that names no trained exercise."""

    def table(match: re.Match[str]) -> str:
        points = {task.id: task.points for task in source.tasks if task.kind == "trained"}
        if match["id"] not in points:
            known = ", ".join(points) or "none"
            message = f"{match[0]} names no trained exercise of this notebook; known: {known}"
            raise SourceError(source.path, cell.line, message)
        return bands_table(points[match["id"]], match["id"])

    return _PLACE.sub(table, text)


def bands_table(points: float, task_id: str) -> str:
    """What earns how many points, as a table in Markdown."""
    rows = shares(points, find_task(task_id).bands)
    lines = [f"| {what} | {share:.3g} |" for what, share in rows]
    return "\n".join(["| hidden views, on average | points |", "|---|---|", *lines])
