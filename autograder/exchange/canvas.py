"""Grades for Canvas's gradebook (Grades → Import): its own columns, one more per piece of work.

Canvas finds students by its number, their SIS ids or login, and assignments by their heading "Title (12345)". Both are
right for sure in a gradebook that was exported from Canvas; given one as a template its rows and headings are kept.
Columns of other assignments are left out: importing them would set back what was graded meanwhile.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from autograder.exchange.errors import ExchangeError
from autograder.exchange.plain_text import guarded
from autograder.exchange.scores import Column, Export, awaiting_notes, counted, number, of
from autograder.grading.entry import known_ids

if TYPE_CHECKING:
    from autograder.exchange.table import Row, Table
    from autograder.gradebook.sheet import StudentGrades

_HEADING = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_IDENTITY = (
    "student",
    "id",
    "sis user id",
    "sis login id",
    "integration id",
    "root account",
    "section",
)
_NUMBER = re.compile(r"\s*\(\d+\)$")


def canvas_rows(grades: Sequence[StudentGrades], shown: Sequence[Column]) -> Export:
    """Canvas's import file from what the roster says alone."""
    rows = [
        (*_HEADING, *(column.title for column in shown)),
        ("    Points Possible", "", "", "", "", *(number(column.max_points) for column in shown)),
    ]
    for grade in grades:
        who = grade.student
        login = who.sis_login_id or ("" if who.canvas_id or who.sis_user_id else who.id)
        cells = (who.name or who.id, who.canvas_id, who.sis_user_id, login, who.section)
        scores = (number(counted(of(grade, column), column.max_points)) for column in shown)
        rows.append((*(guarded(cell) for cell in cells), *scores))
    strangers = sum(
        1 for grade in grades if not (grade.student.canvas_id or grade.student.sis_user_id)
    )
    notes = list(awaiting_notes(grades, shown))
    if strangers:
        notes.append(
            f"{strangers} of {len(grades)} students have no number of Canvas's: it finds them by their login, which is "
            "taken to be their id here. Give the gradebook that Canvas exports as --template to be sure."
        )
    return Export(tuple(rows), tuple(notes))


def fill_template(
    template: Table,
    grades: Sequence[StudentGrades],
    shown: Sequence[Column],
    headings: Mapping[str, str],
) -> Export:
    """The rows of a gradebook exported from Canvas, in its order, with the scores of ours.

    `headings` says which of its columns a piece of work is (by id), where the title does not.
    """
    if not template.has("Student") or not template.has("ID"):
        raise ExchangeError(
            f"--template {template.name}: not a gradebook exported from Canvas (no columns Student and ID)"
        )
    kept = [i for i, name in enumerate(template.heading) if name.lower() in _IDENTITY]
    places = [_place(template, column, headings.get(column.id)) for column in shown]
    heads, students = _split(template)
    scales = [
        _points_possible(heads, place) or column.max_points
        for column, place in zip(shown, places, strict=True)
    ]
    by_id = {grade.student.id: grade for grade in grades}
    roster = known_ids(grade.student for grade in grades)
    rows = [tuple(template.heading[i] for i in [*kept, *places])]
    rows += [tuple(_cell(row, i) for i in [*kept, *places]) for row in heads]
    met: set[str] = set()
    for row in students:
        grade = by_id.get(_student(row, roster))
        scores = ["" for _ in shown]
        if grade is not None:
            met.add(grade.student.id)
            pairs = zip(shown, scales, strict=True)
            scores = [number(counted(of(grade, column), scale)) for column, scale in pairs]
        rows.append((*(guarded(_cell(row, i)) for i in kept), *scores))
    return Export(
        tuple(rows), (*awaiting_notes(grades, shown), *_notes(template, grades, shown, scales, met))
    )


def _split(template: Table) -> tuple[list[Row], list[Row]]:
    """The rows before the first student (points possible, posting), and the students."""
    identified = [bool(row.get("ID", "SIS User ID", "SIS Login ID")) for row in template.rows]
    first = identified.index(True) if True in identified else len(identified)
    return list(template.rows[:first]), list(template.rows[first:])


def _place(template: Table, column: Column, wanted: str | None) -> int:
    """Where in the template a piece of work stands: as said, else by its title or id."""
    names = {wanted.casefold()} if wanted else {column.title.casefold(), column.id.casefold()}
    fitting = [
        index
        for index, heading in enumerate(template.heading)
        if heading.casefold() in names or _NUMBER.sub("", heading).casefold() in names
    ]
    if len(fitting) == 1:
        return fitting[0]
    numbered = [heading for heading in template.heading if _NUMBER.search(heading)]
    what = "has no column" if not fitting else "has several columns"
    raise ExchangeError(
        f"--template {template.name} {what} {wanted or column.title!r}. Say which it is with "
        f'--column {column.id}="…"; its assignments are: {", ".join(numbered)[:400] or "none"}'
    )


def _points_possible(heads: Sequence[Row], place: int) -> float | None:
    for row in heads:
        if row.get("Student").lower().startswith("points possible"):
            try:
                return max(0.0, float(_cell(row, place).replace(",", "."))) or None
            except ValueError:
                return None
    return None


def _student(row: Row, roster: Mapping[str, str]) -> str:
    """The student of a row, by the surest of the ids that it gives."""
    user, login = row.get("SIS User ID").lower(), row.get("SIS Login ID").lower()
    keys = (
        row.get("ID").lower(), f"sis:{user}", f"login:{login}", f"id:{login}", f"email:{login}", f"id:{user}"
    )  # fmt: skip
    return next((roster[key] for key in keys if key in roster), "")


def _cell(row: Row, index: int) -> str:
    return row.cells[index] if index < len(row.cells) else ""


def _notes(
    template: Table,
    grades: Sequence[StudentGrades],
    shown: Sequence[Column],
    scales: Sequence[float],
    met: set[str],
) -> list[str]:
    notes = [
        f"{column.id}: Canvas grades it out of {number(scale)}, so scores out of {number(column.max_points)} are scaled"
        for column, scale in zip(shown, scales, strict=True)
        if abs(scale - column.max_points) > 1e-9
    ]
    lost = [
        grade.student.id
        for grade in grades
        if grade.student.id not in met and any(counted(of(grade, c)) is not None for c in shown)
    ]
    if lost:
        more = f" and {len(lost) - 10} more" if len(lost) > 10 else ""
        notes.append(
            f"not in {template.name}, so not exported: {', '.join(lost[:10])}{more}. "
            "Import Canvas's roster (`autograder roster`) if they go by another id there."
        )
    return notes
