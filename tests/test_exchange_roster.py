"""Rosters as Canvas, Gradescope, registrars and spreadsheets write them, and what is wrong with some."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.exchange.errors import ExchangeError
from autograder.exchange.plain_text import guarded, unguarded
from autograder.exchange.roster import RosterEntry, read_roster
from autograder.exchange.table import read_table
from autograder.exchange.write_file import csv_bytes, write_file

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Root Account,Section,"Homework 1: Rays, part 1 (201)",Current Score
    Points Possible,,,,,,100.00,(read only)
,,,,,,Manual Posting,
"Doe, Jane",1001,900001,jdoe,uni.edu,Monday,90.0,90
"van der Berg, Jr., Al",1002,900002,al@uni.edu,uni.edu,"Monday and Tuesday",,
Madonna,1003,,,uni.edu,,,
"Student, Test",1099,,8f2c,,Monday,,
"""
GRADESCOPE = """\
First Name,Last Name,SID,Email,Role,Sections
Jane,Doe,900001,jane@uni.edu,Student,Monday
Al,Berg,,al@uni.edu,Student,
Terry,Ayes,900009,ta@uni.edu,TA,Monday
"""


def read(folder: Path, content: str | bytes) -> list[RosterEntry]:
    path = folder / "roster.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_roster(path)


def test_canvas(tmp_path: Path) -> None:
    assert read(tmp_path, CANVAS) == [
        RosterEntry("jdoe", "Jane Doe", "", "Monday", "1001", "900001", "jdoe", "line 4"),
        RosterEntry(
            "al@uni.edu", "van der Berg, Jr., Al", "al@uni.edu", "Monday and Tuesday",
            "1002", "900002", "al@uni.edu", "line 5",
        ),
        RosterEntry("1003", "Madonna", "", "", "1003", where="line 6"),
    ]  # fmt: skip


def test_gradescope_without_its_staff(tmp_path: Path) -> None:
    assert read(tmp_path, GRADESCOPE) == [
        RosterEntry("900001", "Jane Doe", "jane@uni.edu", "Monday", "", "900001", where="line 2"),
        RosterEntry("al@uni.edu", "Al Berg", "al@uni.edu", where="line 3"),
    ]


OWN = "id,name,email,section\njdoe,Jané Doe,jane@uni.edu,Monday\nal,Al,,\n"


@pytest.mark.parametrize(
    "content",
    [
        OWN.encode(),
        b"\xef\xbb\xbf" + OWN.encode(),
        OWN.replace(",", ";").encode(),
        OWN.replace(",", "\t").encode(),
        OWN.replace("\n", "\r\n").encode(),
        OWN.replace("\n", "\r").encode(),
        OWN.encode("utf-16"),
        ("sep=;\r\n" + OWN.replace(",", ";")).encode(),
        OWN.replace("id,name", "ID , Name").encode(),
        OWN.replace("jdoe", ' "jdoe"').replace(' "', '"').encode(),
        OWN.replace("al,Al,,", "al,Al").encode() + b"\n\n,,,\n",
        b"\r\n" + OWN.replace(",", ";").encode(),
    ],
)
def test_ones_own_table_however_it_was_saved(tmp_path: Path, content: bytes) -> None:
    found = read(tmp_path, content)
    assert [(e.id, e.name, e.email, e.section) for e in found] == [
        ("jdoe", "Jané Doe", "jane@uni.edu", "Monday"),
        ("al", "Al", "", ""),
    ]


def test_lines_are_counted_as_an_editor_counts(tmp_path: Path) -> None:
    found = read(tmp_path, 'id,name\na,"two\nlines"\n\nb,B\n')
    assert [(e.where, e.name) for e in found] == [("line 2", "two lines"), ("line 5", "B")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "roster.csv: the file is empty"),
        ("id,name\n", "roster.csv: names no students"),
        ("surname;matriculation\nDoe;7\n", "no column tells the students' ids. .*surname, matriculation.*Wanted"),
        ("id,name\na,A\nb,B\nA,C\n", "\n  line 4: the id 'A' of C is on line 2 already \\(A\\)"),
        ("id,name\n,Jane\n,\nx,X\n", "nothing was imported:\n  line 2: no id for Jane"),
        (CANVAS + '"Nobody, Nemo",,,,,Monday,,\n', "line 8: no id for Nemo Nobody"),
        ("id,canvas_id\na,1\nb,1\n", "line 3: the Canvas number '1' of nobody is on line 2 already"),
        ("id,name\n1.23457E+08,A\n", "line 2: the id '1.23457E\\+08' was shortened by a spreadsheet"),
        ("id,name\na,Doe, Jane\n", "line 2: 3 cells under a heading of 2. Put names with a comma in quotation"),
        ('id,name\na,"open\nb,B\n', "line 3: not a table .*Is a quotation mark left open"),
        (b"id,name\na,J\xf6rg\n", "line 2: not UTF-8 text. Save it again as CSV"),
        (b"PK\x03\x04rest", "a spreadsheet or zip, not text. Save the sheet as CSV"),
        (b"id\0,name\n", "zero bytes"),
        ("id\n" + "a\n" * 20, "and 11 more"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, content: str | bytes, message: str
) -> None:
    with pytest.raises(ExchangeError, match=f"(?s){message}"):
        read(tmp_path, content)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ExchangeError, match="cannot be read: No such file"):
        read_roster(tmp_path / "none.csv")


def test_ids_are_one_printable_line(tmp_path: Path) -> None:
    (entry,) = read(tmp_path, "id,name\n\x1b[31mjdoe,\u202eevil\n")
    assert entry.id.isprintable()
    assert entry.name == "evil"


@settings(deadline=None)
@given(st.text())
def test_no_text_is_a_formula_and_none_is_lost(text: str) -> None:
    cell = guarded(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not plain.startswith("'"):
        assert unguarded(cell) == plain


@settings(deadline=None)
@given(st.lists(st.lists(st.text("a,;\"'\n =é", max_size=5), min_size=2, max_size=2), min_size=1))
def test_a_table_comes_back_as_it_was_written(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    path = tmp_path_factory.mktemp("table") / "t.csv"
    write_file(path, csv_bytes([["one", "two"], *rows], mark=True))
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    expected = [tuple(unguarded(c.strip()) for c in row) for row in rows]
    assert [row.cells for row in read_table(path).rows] == [row for row in expected if any(row)]
    standard = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline="")))
    assert standard[1:] == rows


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ExchangeError, match=r"--out .*grades\.csv: .*file is a file, not a folder"):
        write_file(tmp_path / "file" / "grades.csv", b"x")


def test_a_failed_write_leaves_the_earlier_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "grades.csv"
    path.write_text("earlier")

    def full_disk(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full_disk)
    with pytest.raises(ExchangeError, match="No space left"):
        write_file(path, b"new")
    assert [p.name for p in tmp_path.iterdir()] == ["grades.csv"]
    assert path.read_text() == "earlier"
