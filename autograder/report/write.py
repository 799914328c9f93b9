"""Write the report: index.html, students/ID.html and gradebook.csv. Every page stands alone and works offline."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from autograder.catalogue import Catalogue
from autograder.grading.gradebook import gradebook_csv
from autograder.grading.record import Outcome, SubmissionResult
from autograder.grading.store import write_private
from autograder.grading.submission import file_name
from autograder.report.charts import histogram
from autograder.report.statistics import class_statistics
from autograder.results import Status

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
    environment.filters |= {
        "points": lambda value: f"{value:g}",
        "sign": lambda status: _SIGNS[status][0],
        "word": lambda status: _SIGNS[status][1],
        "slug": lambda status: status.value.replace(" ", "-"),
        "file_name": file_name,
        "data_url": lambda png: "data:image/png;base64," + base64.b64encode(png).decode(),
        "once": _once,
    }
    return environment


def _once(checks: Sequence[object]) -> bool:
    """Whether all checks could not run for one and the same reason, which is then said once."""
    reasons = {(getattr(c, "status", None), getattr(c, "message", "")) for c in checks}
    return len(reasons) == 1 and next(iter(reasons))[0] == Status.COULD_NOT_RUN
