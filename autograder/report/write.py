"""Write the report: index.html, students/ID.html, results/ID.json, gradebook.csv and perhaps a leaderboard.

Every page works offline.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder.catalogue import Catalogue
from autograder.grading.private_file import write_private
from autograder.grading.record import Outcome, slim, to_json
from autograder.grading.submission import file_name
from autograder.report.charts import histogram
from autograder.report.feedback import Feedback
from autograder.report.leaderboard import leaderboard_csv, leaderboards
from autograder.report.statistics import class_statistics
from autograder.report.table import class_csv
from autograder.results import CheckResult, Evidence, Status

# A sign and a word beside every colour: the page must read without colours, too.
_SIGNS = {
    Status.PASSED: ("✓", "passed"),
    Status.FAILED: ("✗", "failed"),
    Status.COULD_NOT_RUN: ("–", "could not run"),
}


def write_report(
    out: Path,
    catalogue: Catalogue,
    pages: Iterable[Feedback],
    course: str,
    assignment: str,
) -> tuple[Path, list[Feedback]]:
    """All pages of a class, one after the other; the path of its index, and what it shows, slimmed."""
    students, data = out / "students", out / "results"
    for folder in (students, data):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o700)
    environment = _environment()
    shared = {"course": course, "assignment": assignment, "catalogue": catalogue}
    page = environment.get_template("student.html")
    rows: list[Feedback] = []
    for feedback in pages:
        name = file_name(feedback.result.student)
        write_private(students / f"{name}.html", page.render(**shared, **_fields(feedback)))
        write_private(data / f"{name}.json", to_json(feedback.result))
        rows.append(replace(feedback, result=slim(feedback.result)))
    results = [row.result for row in rows]
    _forget_others(students, data, {file_name(result.student) for result in results})
    index = out / "index.html"
    statistics = class_statistics(catalogue, results)
    page = environment.get_template("index.html")
    boards = leaderboards(catalogue, rows)
    write_private(index, page.render(**shared, rows=rows, statistics=statistics, boards=boards))
    write_private(out / "gradebook.csv", class_csv(catalogue, rows))
    board_page, table = out / "leaderboard.html", out / "leaderboard.csv"
    if boards:
        page = environment.get_template("leaderboard.html")
        write_private(board_page, page.render(**shared, boards=boards))
        write_private(table, leaderboard_csv(boards))
    else:  # of an earlier run, from which everybody has withdrawn
        board_page.unlink(missing_ok=True)
        table.unlink(missing_ok=True)
    return index, rows


def _fields(feedback: Feedback) -> dict[str, Any]:
    more = {"awaiting": feedback.awaiting, "written_points": feedback.written_points}
    return {**vars(feedback), **more}


def _forget_others(students: Path, data: Path, kept: set[str]) -> None:
    """Remove the pages of students who are no longer in the class folder; the gradebook keeps all."""
    for path in (*students.glob("*.html"), *data.glob("*.json")):
        if path.stem not in kept:
            path.unlink()


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("autograder.report"),
        autoescape=True,  # everything a student wrote is text, never markup
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"histogram": histogram, "Status": Status, "Outcome": Outcome}
    filters: dict[str, Callable[..., Any]] = {
        "points": lambda value: f"{value:g}",
        "sign": lambda status: _SIGNS[status][0],
        "word": lambda status: _SIGNS[status][1],
        "slug": lambda status: status.value.replace(" ", "-"),
        "file_name": file_name,
        "data_url": lambda png: "data:image/png;base64," + base64.b64encode(png).decode(),
        "sentence": _sentence,
        "alike": _alike,
    }
    environment.filters |= filters
    return environment


def _sentence(text: str) -> Markup:
    """A message as a sentence, with its `code` set as code. Everything else in it stays text."""
    capital = text[:1].upper() + text[1:] if re.match(r"[a-z]+(?:[ ,]|$)", text) else text
    return Markup(re.sub(r"`([^`\n]+)`", r"<code>\1</code>", str(escape(capital))))


def _alike(checks: Sequence[CheckResult]) -> list[list[CheckResult]]:
    """The checks that did not pass, those with one and the same reason together."""
    groups: dict[tuple[Status, str, str, Evidence], list[CheckResult]] = {}
    for check in checks:
        if check.status != Status.PASSED:
            reason = (check.status, check.message, check.traceback, check.evidence)
            groups.setdefault(reason, []).append(check)
    return list(groups.values())
