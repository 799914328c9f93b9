"""`autograder gradebook assign`, `withdraw`, `audit --decisions` and `check` as a person runs them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from autograder.cli.app import app
from autograder.gradebook import health
from autograder.gradebook.book import Gradebook
from tests.test_gradebook_commands import course, run

__all__ = ["course"]  # the fixture

STRANGER = "[red]mallory[/]"


def test_a_stranger_s_upload_is_given_to_its_author(course: Path) -> None:
    code, said = run("assign", "2", "BEN", "--why", "asked him", "--who", "grace")
    assert code == 0
    assert said == f"ben, a1, submission 2: ben's from now on (was: {STRANGER}'s)\n"
    lines = {line.split()[0]: line for line in run("show")[1].splitlines()}
    assert set(lines) == {"student", "ada", "ben", "Percent"}
    assert "…" in lines["ben"], "he has grades now"
    page = run("show", "ben")[1]
    assert "x.zip" in page
    assert "asked him" in page
    assert run("show", STRANGER)[0] == 0, "by name there is still a page, with nothing on it"


def test_a_withdrawn_upload_is_gone_from_the_lists_until_lifted(course: Path) -> None:
    before = run("show")[1]
    assert run("withdraw", "2", "--why", "test upload")[1] == (
        f"{STRANGER}, a1, submission 2: never counts\n"
    )
    assert "mallory" not in run("show")[1]
    assert "withdrawn" in run("show", STRANGER)[1]
    export = CliRunner().invoke(app, ["export", "csv", "--out", "grades.csv"])
    assert export.exit_code == 0, export.output
    assert "mallory" not in (course / "grades.csv").read_text(encoding="utf-8-sig")
    assert run("withdraw", "2", "--why", "it was real", "--lift")[0] == 0
    assert run("show")[1] == before


def test_the_roster_says_what_came_home(course: Path) -> None:
    (course / "roster.csv").write_text(f"id,sis_login_id\ncarl,{STRANGER}\n", encoding="utf-8")
    said = CliRunner().invoke(app, ["roster", "roster.csv"]).output
    assert f"1 submission of {STRANGER} now belongs to carl.\n" in said


def test_the_audit_of_decisions_alone(course: Path) -> None:
    run("milestone", "ada", "proposal", "90", "--why", "clear", "--who", "grace")
    run("withdraw", "2", "--why", "test upload", "--who", "grace")
    every, decisions = run("audit")[1], run("audit", "--decisions")[1]
    assert "graded" in every
    assert "roster" in every
    lines = decisions.splitlines()[1:]
    assert len(lines) == 2
    assert "milestone" in lines[0]
    assert "clear" in lines[0]
    assert "test upload" in lines[1]


def test_a_damaged_file_is_told_in_few_words(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = [f"Page {number} is never used" for number in range(94)]
    sqlite = health._sqlite

    def damaged(connection: object, path: str) -> Iterator[str]:
        class Stub:
            def exec_driver_sql(self, statement: str) -> list[tuple[str]]:
                return [("\n".join(told),)] if "integrity" in statement else []

        return sqlite(Stub(), path)  # type: ignore[arg-type]

    monkeypatch.setattr(health, "_sqlite", damaged)
    code, said = run("check")
    assert code == 1
    first = said.splitlines()[0]
    assert first.startswith(f"{course / 'gradebook.db'} is damaged: put a backup in its place")
    assert first.endswith("; Page 4 is never used; … and 89 more")
    assert said.count("is never used") == 5


def test_a_file_with_lost_pages_is_found_damaged(course: Path) -> None:
    with Gradebook.open("gradebook.db", course) as book:
        place = book.place.path
    assert place is not None
    with closing(sqlite3.connect(place)) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("DELETE FROM sqlite_master WHERE name = 'ix_audit_student'")
        connection.commit()
    code, said = run("check")
    assert code == 1
    assert f"{place} is damaged: put a backup in its place" in said
    assert "never used" in said
