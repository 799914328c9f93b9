"""The gradebook as a workbook: an overview, a sheet per piece of work, and the ledger of late days."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from autograder.exchange.items import item_columns, points_by_item
from autograder.exchange.scores import Column, counted, of
from autograder.grading.submission import clean_name

if TYPE_CHECKING:
    from autograder.gradebook.sheet import StudentGrades

Cell = str | int | float | None
_PERCENT, _POINTS = "0.0%", "0.##"
_WHO = ("Id", "Name", "Email", "Section")


def workbook_bytes(grades: Sequence[StudentGrades], shown: Sequence[Column], title: str) -> bytes:
    """An .xlsx file. Texts are texts, whatever they look like: no student's name is a formula."""
    from openpyxl import Workbook

    book = Workbook()
    book.properties.title = clean_name(title)
    book.remove(book.active)
    _fill(book, "Overview", *_overview(grades, shown))
    for column in shown:
        _fill(book, f"{column.id} {column.title}", *_work(grades, column))
    _fill(book, "Late days", *_ledger(grades, shown))
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


Sheet = tuple[
    Sequence[str], Iterable[Sequence[Cell]], Sequence[str]
]  # heading, rows, formats of the cells


def _overview(grades: Sequence[StudentGrades], shown: Sequence[Column]) -> Sheet:
    heading = [
        *_WHO,
        *(column.title for column in shown),
        "Late days left",
        "Percent of the grade",
        "Remarks",
    ]
    formats = ["@"] * len(_WHO) + [_PERCENT] * len(shown) + ["0", "0.00", "@"]
    rows: list[Sequence[Cell]] = []
    for grade in grades:
        works = [of(grade, column) for column in shown]
        shares = [None if counted(work) is None else work.decision.share for work in works]
        standing = grade.standing
        percent, remarks = round(standing.percent, 4), "; ".join(grade.remarks)
        rows.append([*_who(grade), *shares, standing.late_days_left, percent, remarks])
    return heading, rows, formats


def _work(grades: Sequence[StudentGrades], column: Column) -> Sheet:
    items = item_columns(grades, column)
    questions = [f"{i.number} {i.title} ({i.max_points:g})".strip() for i in items]
    heading = [
        *_WHO[:2],
        "Submission",
        "Handed in",
        "Days late",
        "Late days spent",
        "Days penalised",
    ]
    heading += [
        f"Points before the penalty (of {column.max_points:g})",
        "Share that counts",
        *questions,
        "Comments",
    ]
    formats = ["@", "@", "0", "@", "0", "0", "0", _POINTS, _PERCENT, *[_POINTS] * len(items), "@"]
    rows: list[Sequence[Cell]] = []
    for grade in grades:
        work = of(grade, column)
        decision, attempt = work.decision, work.decision.attempt
        handed_in: list[Cell] = [
            attempt.id if attempt else None,
            _time(attempt.received if attempt else None),
        ]
        late = [decision.days_late, decision.late_days_spent, decision.penalised_days]
        share = None if counted(work) is None else decision.share
        points = points_by_item(work, items)
        rows.append(
            [
                *_who(grade)[:2],
                *handed_in,
                *late,
                work.points,
                share,
                *points,
                " ".join(work.comments),
            ]
        )
    return heading, rows, formats


def _ledger(grades: Sequence[StudentGrades], shown: Sequence[Column]) -> Sheet:
    """Every piece of work that was late, and what that cost."""
    heading = [*_WHO[:2], "Work", "Days late", "Late days spent", "Days penalised", "In words"]
    rows: list[Sequence[Cell]] = []
    for grade in grades:
        for column in shown:
            decision = of(grade, column).decision
            if decision.days_late:
                late = (decision.days_late, decision.late_days_spent, decision.penalised_days)
                rows.append([*_who(grade)[:2], column.title, *late, " ".join(decision.lines)])
    return heading, rows, ["@", "@", "@", "0", "0", "0", "@"]


def _who(grade: StudentGrades) -> list[str]:
    who = grade.student
    return [who.id, who.name, who.email, who.section]


def _time(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M %z}"


def _fill(
    book: Any,
    name: str,
    heading: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    formats: Sequence[str],
) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(_sheet_name(name, book.sheetnames))
    widths = [6] * len(heading)
    for line, cells in enumerate((heading, *rows), start=1):
        for position, value in enumerate(cells, start=1):
            _put(sheet.cell(line, position), value, formats[position - 1] if line > 1 else "@")
            if isinstance(value, str):
                widths[position - 1] = max(widths[position - 1], len(value))
    for position, width in enumerate(widths, start=1):
        sheet.cell(1, position).font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(position)].width = min(width, 60) + 2
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = sheet.dimensions


def _put(cell: Any, value: Cell, number_format: str) -> None:
    if isinstance(value, str):
        text = "".join(c for c in value if c.isprintable() or c == "\n")[:32_000]
        if text:
            cell.value = text
            cell.data_type = "s"  # never a formula, though it begin with =
            if text[0] in "=+-@":
                cell.quotePrefix = True  # nor once somebody edits the cell
    elif value is not None:
        cell.value = value
        if isinstance(value, float):
            cell.number_format = number_format


def _sheet_name(name: str, taken: Sequence[str]) -> str:
    """At most 31 characters, none of those that Excel forbids, and no name twice."""
    clean = (
        "".join(" " if c in r"[]:*?/\'" else c for c in clean_name(name)).strip()[:31] or "Sheet"
    )
    number, unique = 2, clean
    while unique.lower() in (other.lower() for other in taken):
        unique = f"{clean[:27]} {number}"
        number += 1
    return unique
