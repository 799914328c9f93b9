"""Write the report: index.html, students/ID.html, results/ID.json, gradebook.csv and perhaps a leaderboard.

Every page works offline.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from autograder.catalogue import Catalogue
from autograder.grading.private_file import write_private
from autograder.grading.record import slim, to_json
from autograder.grading.submission import file_name
from autograder.report.environment import page_environment
from autograder.report.feedback import Feedback
from autograder.report.fit import fitting
from autograder.report.leaderboard import leaderboard_csv, leaderboards
from autograder.report.statistics import class_statistics
from autograder.report.table import class_csv


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
    environment = page_environment()
    shared = {"course": course, "assignment": assignment, "catalogue": catalogue}
    student_page = environment.get_template("student.html")
    rows: list[Feedback] = []
    for feedback in pages:
        name = file_name(feedback.result.student)
        html = fitting(lambda cut: student_page.render(**shared, **_fields(cut)), feedback)
        write_private(students / f"{name}.html", html)
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
