"""Grades as Canvas, Gradescope and spreadsheets want them, from a class made by hand."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import openpyxl
import pytest

from autograder.exchange.canvas import canvas_rows, fill_template
from autograder.exchange.errors import ExchangeError
from autograder.exchange.gradescope import gradescope_rows
from autograder.exchange.overview import overview_rows
from autograder.exchange.scores import Column, columns
from autograder.exchange.spreadsheet import workbook_bytes
from autograder.exchange.table import Table, read_table
from autograder.exchange.write_file import csv_bytes
from autograder.gradebook.sheet import ItemGrade, StudentGrades, StudentInfo, WorkGrade
from autograder.policy import Attempt, Work, settle
from autograder.settings import LatePolicy

DUE = datetime(2026, 9, 25, 23, 59, tzinfo=timezone(timedelta(hours=-4)))
A1 = Column("a1", "Camera geometry", 94.0)


def grades(
    who: StudentInfo,
    share: float | None,
    late: timedelta = -timedelta(hours=1),
    awaiting: bool = False,
) -> StudentGrades:
    """A student with one assignment of 94 points handed in so late, and a report that nobody has."""
    attempts = () if share is None else (Attempt(17, DUE + late, share),)
    works = [
        Work("a1", "Camera geometry", 17.5, DUE, True, attempts),
        Work("report", "Project report", 10, None, False, ()),
    ]
    standing = settle(works, LatePolicy(1, 0.25))
    items = (
        ItemGrade(
            "homogenize",
            "1.1",
            "Homogenize",
            "exercise",
            0.0 if share is None else 90 * share,
            90.0,
        ),
        ItemGrade("why", "1.2", "Why?", "written", None if awaiting else 4.0, 4.0),
    )
    a1 = WorkGrade(
        "a1", "Camera geometry", 17.5, 94.0, None if share is None else 94 * share,
        () if share is None else items, standing.decisions[0], ("well done",),
    )  # fmt: skip
    report = WorkGrade("report", "Project report", 10, 100.0, None, (), standing.decisions[1], ())
    return StudentGrades(who, (a1, report), standing)


JANE = StudentInfo("jdoe", "Jane Doe", "jane@uni.edu", "Monday", "1001", "900001", "jdoe")
EVE = StudentInfo("eve", '=HYPERLINK("http://x")', "@eve", "+1", "1002", "", "eve")
BO = StudentInfo("bo", "Bo", canvas_id="1003")
CLASS = [
    grades(BO, None),
    grades(EVE, 0.5, timedelta(days=2)),  # one late day, one day penalised
    grades(JANE, 0.9, awaiting=True),
]


def table(text: str, tmp_path: Path) -> Table:
    (tmp_path / "canvas.csv").write_text(text)
    return read_table(tmp_path / "canvas.csv")


def test_only_graded_work_is_exported_unless_it_is_asked_for() -> None:
    assert columns(CLASS) == [A1]
    assert columns(CLASS, "report") == [Column("report", "Project report", 100.0)]
    with pytest.raises(ExchangeError, match=r"--assignment a9: course\.toml knows a1, report"):
        columns(CLASS, "a9")
    with pytest.raises(ExchangeError, match=r"knows no students yet\. Import a roster"):
        columns([])
    with pytest.raises(ExchangeError, match="nothing is graded yet"):
        columns(CLASS[:1])


def test_canvas_without_a_template() -> None:
    table = canvas_rows(CLASS, [A1])
    assert table.rows == (
        ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Camera geometry"),
        ("    Points Possible", "", "", "", "", "94"),
        ("Bo", "1003", "", "", "", ""),
        ('\'=HYPERLINK("http://x")', "1002", "", "eve", "'+1", "35.25"),
        ("Jane Doe", "1001", "900001", "jdoe", "Monday", "84.6"),
    )
    assert table.notes == (
        "a1: written answers of 1 student await points; what is exported is what counts so far",
    )
    stranger = canvas_rows([grades(StudentInfo("lee"), 1.0)], [A1])
    assert stranger.rows[2] == ("lee", "", "", "lee", "", "94")
    assert "1 of 1 students have no number of Canvas's" in stranger.notes[0]


TEMPLATE = """\
Student,ID,SIS User ID,SIS Login ID,Root Account,Section,Camera Geometry (4711),Other (4712),Final Score
    Points Possible,,,,,,94.00,10,(read only)
"Doe, Jane",77,900001,jdoe,uni.edu,Monday,12,5,1
"=Eve, Mal",1002,,other,uni.edu,,,,
"New, Nobody",1009,,nobody,uni.edu,,,,
"Student, Test",1099,,8f2c,,Monday,,,
"""


def test_a_template_keeps_its_rows_and_headings(tmp_path: Path) -> None:
    filled = fill_template(table(TEMPLATE, tmp_path), CLASS, [A1], {})
    assert filled.rows == (
        ("Student", "ID", "SIS User ID", "SIS Login ID", "Root Account", "Section", "Camera Geometry (4711)"),
        ("Points Possible", "", "", "", "", "", "94.00"),
        ("Doe, Jane", "77", "900001", "jdoe", "uni.edu", "Monday", "84.6"),  # by her SIS id
        ("'=Eve, Mal", "1002", "", "other", "uni.edu", "", "35.25"),  # by the number
        ("New, Nobody", "1009", "", "nobody", "uni.edu", "", ""),
        ("Student, Test", "1099", "", "8f2c", "", "Monday", ""),
    )  # fmt: skip
    assert filled.notes[1:] == ()  # Bo has nothing to lose


def test_scores_are_scaled_to_what_canvas_grades_out_of(tmp_path: Path) -> None:
    template = table(TEMPLATE.replace("94.00", '"100,0"'), tmp_path)
    filled = fill_template(template, CLASS, [A1], {})
    assert [row[-1] for row in filled.rows[2:4]] == ["90", "37.5"]
    assert "a1: Canvas grades it out of 100, so scores out of 94 are scaled" in filled.notes


def test_students_that_the_template_lacks_are_named(tmp_path: Path) -> None:
    lines = TEMPLATE.splitlines(keepends=True)
    filled = fill_template(table("".join(lines[:3]), tmp_path), CLASS, [A1], {})
    assert "not in canvas.csv, so not exported: eve. Import Canvas's roster" in filled.notes[-1]


def test_columns_are_found_by_id_or_as_said(tmp_path: Path) -> None:
    by_id = fill_template(
        table(TEMPLATE.replace("Camera Geometry", "A1"), tmp_path), CLASS, [A1], {}
    )
    assert by_id.rows[0][-1] == "A1 (4711)"
    said = fill_template(table(TEMPLATE, tmp_path), CLASS, [A1], {"a1": "Other"})
    assert said.rows[0][-1] == "Other (4712)"
    message = (
        r'has no column .*with --column a1="…"; its assignments are: Rays \(4711\), Other \(4712\)'
    )
    with pytest.raises(ExchangeError, match=message):
        fill_template(table(TEMPLATE.replace("Camera Geometry", "Rays"), tmp_path), CLASS, [A1], {})
    twice = TEMPLATE.replace("Other", "Camera geometry")
    with pytest.raises(ExchangeError, match="has several columns 'Camera geometry'"):
        fill_template(table(twice, tmp_path), CLASS, [A1], {})
    with pytest.raises(ExchangeError, match="not a gradebook exported from Canvas"):
        fill_template(table("id,name\na,b\n", tmp_path), CLASS, [A1], {})


def test_gradescope() -> None:
    rows = gradescope_rows(CLASS, A1).rows
    assert rows[0] == (
        "Name", "SID", "Email", "Sections", "Total Score", "Max Points", "Status", "Submission ID",
        "Submission Time", "Lateness (H:M:S)", "1.1: Homogenize (90.0 pts)", "1.2: Why? (4.0 pts)",
    )  # fmt: skip
    assert rows[1] == ("Bo", "bo", "", "", "", "94", "Missing", "", "", "", "", "")
    assert rows[2][2:10] == (
        "'@eve", "'+1", "35.25", "94", "Graded", "17", "2026-09-27 23:59:00 -0400", "48:00:00",
    )  # fmt: skip
    assert rows[3] == (
        "Jane Doe", "900001", "jane@uni.edu", "Monday", "84.6", "94", "Ungraded", "17",
        "2026-09-25 22:59:00 -0400", "00:00:00", "81", "",
    )  # fmt: skip


def test_an_extension_is_not_lateness() -> None:
    late = grades(JANE, 1.0, timedelta(hours=30))
    work = late.works[0]
    extended = replace(work.decision, due=DUE + timedelta(hours=24), days_late=1)
    student = replace(late, works=(replace(work, decision=extended), late.works[1]))
    assert gradescope_rows([student], A1).rows[1][9] == "06:00:00"


def test_a_zero_set_by_hand_is_a_grade() -> None:
    nothing = grades(BO, None)
    decision = replace(nothing.works[0].decision, by_hand=True)
    zero = replace(nothing, works=(replace(nothing.works[0], decision=decision), nothing.works[1]))
    assert canvas_rows([zero], [A1]).rows[2][-1] == "0"
    assert gradescope_rows([zero], A1).rows[1][4:7] == ("0", "94", "Graded")


def test_the_plain_table() -> None:
    table = overview_rows(CLASS, [A1])
    assert table.rows[0] == (
        "id", "name", "email", "section", "a1_points", "a1_max_points", "a1_days_late",
        "a1_late_days_spent", "a1_penalised_days", "late_days_left", "percent",
    )  # fmt: skip
    assert table.rows[2] == (
        "eve", "'=HYPERLINK(\"http://x\")", "'@eve", "'+1", "35.25", "94", "2", "1", "1", "0", "6.56",
    )  # fmt: skip


def test_no_cell_of_a_csv_file_is_a_formula() -> None:
    for rows in (
        canvas_rows(CLASS, [A1]).rows,
        gradescope_rows(CLASS, A1).rows,
        overview_rows(CLASS, [A1]).rows,
    ):
        for row in csv.reader(io.StringIO(csv_bytes(rows).decode(), newline="")):
            assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_the_spreadsheet() -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook_bytes(CLASS, [A1], "Course")))
    assert book.sheetnames == ["Overview", "a1 Camera geometry", "Late days"]
    overview = [[cell.value for cell in row] for row in book["Overview"].rows]
    assert overview[0][:6] == [
        "Id",
        "Name",
        "Email",
        "Section",
        "Camera geometry",
        "Late days left",
    ]
    assert overview[3][:6] == ["jdoe", "Jane Doe", "jane@uni.edu", "Monday", 0.9, 1]
    name = book["Overview"]["B3"]
    assert (name.value, name.data_type, name.quotePrefix) == ('=HYPERLINK("http://x")', "s", True)
    sheet = [[cell.value for cell in row] for row in book["a1 Camera geometry"].rows]
    assert sheet[0][-3:] == ["1.1 Homogenize (90)", "1.2 Why? (4)", "Comments"]
    assert sheet[3][-3:] == [81, None, "well done"]
    assert [c.value for c in list(book["Late days"].rows)[1]][:6] == [
        "eve", '=HYPERLINK("http://x")', "Camera geometry", 2, 1, 1,
    ]  # fmt: skip
    kinds = {cell.data_type for sheet in book for row in sheet.rows for cell in row}
    assert "f" not in kinds


@pytest.mark.parametrize("title", ["a/b:c*?[x]\\'", "", "x" * 80, "Late days", "\x07"])
def test_any_title_makes_a_sheet(title: str) -> None:
    content = workbook_bytes(CLASS, [Column("a1", title, 94.0), Column("a1", title, 94.0)], title)
    names = openpyxl.load_workbook(io.BytesIO(content)).sheetnames
    assert len(names) == len({name.lower() for name in names}) == 4
    assert all(0 < len(name) <= 31 for name in names)


def test_control_characters_do_not_break_a_workbook() -> None:
    rude = grades(replace(JANE, name="a\x00\x0bb\ud800"), 1.0)
    assert workbook_bytes([rude], [A1], "Course").startswith(b"PK")
