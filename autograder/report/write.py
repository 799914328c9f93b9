"""Write the report: index.html, students/ID.html and gradebook.csv. Every page stands alone and works offline."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from autograder.catalogue import Catalogue
from autograder.grading.gradebook import gradebook_csv
from autograder.grading.record import Outcome, SubmissionResult
from autograder.grading.store import write_private
from autograder.grading.submission import file_name
from autograder.report.charts import histogram
from autograder.report.statistics import class_statistics
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
    results: Sequence[SubmissionResult],
    course: str,
    assignment: str,
) -> Path:
    """All pages of a class; the path of its index."""
    students = out / "students"
    students.mkdir(parents=True, exist_ok=True)
    environment = _environment()
    shared = {"course": course, "assignment": assignment, "catalogue": catalogue}
    page = environment.get_template("student.html")
    written: set[Path] = set()
    for result in results:
        path = students / f"{file_name(result.student)}.html"
        write_private(path, page.render(**shared, result=result))
        written.add(path)
    for path in students.glob("*.html"):
        if path not in written:
            path.unlink()  # a student who is no longer in the class folder
    index = out / "index.html"
    statistics = class_statistics(catalogue, results)
    page = environment.get_template("index.html")
    write_private(index, page.render(**shared, results=results, statistics=statistics))
    write_private(out / "gradebook.csv", gradebook_csv(catalogue, results))
    return index


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
