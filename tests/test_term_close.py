"""`autograder term close`: whatever happens on the way, each file of the old term is in one of two places."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import delete
from typer.testing import CliRunner

from autograder.cli.app import app
from autograder.gradebook.book import Gradebook
from autograder.gradebook.models import Claim
from autograder.gradebook.store import AssignmentStore
from autograder.settings import load_settings
from tests.gradebook_grader import submission
from tests.term_course import make_term, run


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course in the middle of its term, and we are in it."""
    root = make_term(tmp_path / "course")
    monkeypatch.chdir(root)
    monkeypatch.delenv("AUTOGRADER_DB", raising=False)
    return root


def test_a_closed_term_is_whole_and_the_course_is_as_new(course: Path) -> None:
    before = run("gradebook", "show")[1]
    code, said = run("term", "close", "../2026", "--who", "grace")
    assert code == 0
    assert "../2026: 3 students, 3 submissions, 2 secret files" in said
    folder = course.parent / "2026"
    assert not (course / "gradebook.db").exists()
    assert not (course / "secrets").exists()
    assert run("gradebook", "show", "--db", folder / "gradebook.db")[1] == before
    assert (folder / "secrets/gradescope-a1.seed").read_text() == "77\n"
    assert (folder / "course.toml").read_text() == (course / "course.toml").read_text()
    assert (folder / ".gitignore").read_text() == "*\n"
    assert folder.stat().st_mode & 0o077 == 0
    summary = json.loads((folder / "term.json").read_text())
    course_title = load_settings(course).course.title
    assert (summary["course"], summary["by"], summary["submissions"]) == (course_title, "grace", 3)
    rows = (folder / "grades.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [row.split(",")[0] for row in rows] == ["id", "s000", "s001", "s002"]
    with Gradebook.open("gradebook.db", course) as book:
        assert AssignmentStore(book, "a1").seed(None) != 1234


def test_a_gradebook_on_a_server_is_copied_and_stays(
    course: Path, postgres: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = postgres()
    assert run("gradebook", "copy", address)[0] == 0
    before = run("gradebook", "show")[1]
    with monkeypatch.context() as patched:
        patched.setattr("autograder.term.close.copy_book", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            CliRunner().invoke(
                app, ["term", "close", "../2026", "--db", address], catch_exceptions=False
            )
    code, said = run("term", "close", "../2026", "--db", address)
    assert code == 0, said
    assert "is as it was, and copied to ../2026/gradebook.db" in said
    assert "Name a new database in course.toml under [gradebook]" in said
    assert run("gradebook", "show", "--db", address)[1] == before
    assert run("gradebook", "show", "--db", "../2026/gradebook.db")[1] == before
    assert {p.name for p in (course.parent / "2026").iterdir()} == {
        ".gitignore", "course.toml", "gradebook.db", "grades.csv", "secrets", "term.json",
    }  # fmt: skip
    assert run("term", "close", "../2026", "--db", address)[0] == 2


def test_closing_twice_tells_that_there_is_nothing_left(course: Path) -> None:
    assert run("term", "close", "../2026")[0] == 0
    code, said = run("term", "close", "../2026-again")
    assert code == 2
    assert "neither a gradebook nor secrets/ is here" in said
    assert not (course.parent / "2026-again").exists()


def test_an_earlier_archive_is_never_written_over(course: Path) -> None:
    assert run("term", "close", "../2026")[0] == 0
    old = (course.parent / "2026/gradebook.db").read_bytes()
    with Gradebook.open("gradebook.db", course) as book:
        AssignmentStore(book, "a1").seed(5)
    code, said = run("term", "close", "../2026")
    assert code == 2
    assert "holds the gradebook.db of a term already; name another folder" in said
    assert (course.parent / "2026/gradebook.db").read_bytes() == old


def test_what_was_cut_off_goes_on_with_the_same_command(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(*_: object) -> int:
        raise OSError(28, "No space left on device", "secrets")

    with monkeypatch.context() as patched:
        patched.setattr("autograder.term.close._move_secrets", cut_off)
        code, said = run("term", "close", "../2026")
    assert code == 2
    assert "secrets: No space left on device. The same command goes on from there." in said
    assert (course / "secrets").is_dir()
    assert (course.parent / "2026/gradebook.db").is_file()
    assert run("term", "close", "../2026")[0] == 0
    assert (course.parent / "2026/secrets/gradescope-a1.seed").is_file()


def test_a_gradebook_that_is_open_elsewhere_is_not_moved(course: Path) -> None:
    with closing(sqlite3.connect(course / "gradebook.db")) as other:
        other.execute("SELECT count(*) FROM students").fetchone()
        code, said = run("term", "close", "../2026")
        assert code == 2
        assert "another program has it open" in said
        assert (course / "gradebook.db").exists()
    assert run("term", "close", "../2026")[0] == 0
    assert not (course / "gradebook.db").exists()


def test_nobody_s_grading_is_cut_in_two(course: Path) -> None:
    with Gradebook.open("gradebook.db", course) as book:
        assert AssignmentStore(book, "a1").claim(submission(9), "key")
        code, said = run("term", "close", "../2026")
    assert code == 2
    assert "somebody is grading. Nothing was done" in said
    assert (course / "gradebook.db").exists()


def test_what_was_refused_while_somebody_graded_is_done_with_the_same_command(course: Path) -> None:
    with Gradebook.open("gradebook.db", course) as book:
        assert AssignmentStore(book, "a1").claim(submission(9), "key")
        assert run("term", "close", "../2026")[0] == 2
        assert not (course.parent / "2026").exists()
        with book.writing() as session:
            session.execute(delete(Claim))
    assert run("term", "close", "../2026")[0] == 0


@pytest.mark.parametrize("failing", ["course_grades", "_commit"])
def test_a_folder_that_was_only_begun_is_gone_on_with(
    course: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "2026")

    with monkeypatch.context() as patched:
        patched.setattr(f"autograder.term.close.{failing}", full)
        code, said = run("term", "close", "../2026")
    assert (code, "The same command goes on from there." in said) == (2, True)
    (course.parent / "2026/.gradebook.db.partial-wal").touch()
    code, said = run("term", "close", "../2026")
    assert code == 0, said


@pytest.mark.parametrize("name", ["notes.txt", "course.toml", ".gitignore"])
def test_a_folder_with_somebody_elses_files_is_left_alone(course: Path, name: str) -> None:
    (course.parent / "mine").mkdir()
    (course.parent / "mine" / name).write_text("mine\n")
    code, said = run("term", "close", "../mine")
    assert code == 2
    assert "../mine is there already; name a folder that is not" in said
    assert [path.name for path in (course.parent / "mine").iterdir()] == [name]


def copied_and_cut_off(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gradebook on a server, put away, but for its secrets: there is no room left for them."""

    def cut_off(*_: object) -> int:
        raise OSError(28, "No space left on device", "secrets")

    assert run("gradebook", "copy", address)[0] == 0
    with monkeypatch.context() as patched:
        patched.setattr("autograder.term.close._move_secrets", cut_off)
        assert run("term", "close", "../2026", "--db", address)[0] == 2


def test_a_server_s_secrets_follow_with_the_same_command(
    course: Path, postgres: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = postgres()
    copied_and_cut_off(address, monkeypatch)
    copy = (course.parent / "2026/gradebook.db").read_bytes()
    code, said = run("term", "close", "../2026", "--db", address)
    assert code == 0, said
    assert "3 submissions, 2 secret files" in said
    assert (course.parent / "2026/gradebook.db").read_bytes() == copy


def test_a_server_that_went_on_meanwhile_is_not_taken_for_the_copy(
    course: Path, postgres: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = postgres()
    copied_and_cut_off(address, monkeypatch)
    with Gradebook.open(address) as book:
        AssignmentStore(book, "a2", who="grace").seed(5)
    code, said = run("term", "close", "../2026", "--db", address)
    assert code == 2
    assert "holds the gradebook.db of a term already; name another folder" in said
    assert (course / "secrets").is_dir()


@pytest.mark.parametrize("place", ["secrets/2026", "secrets/../secrets/trained/2026"])
def test_a_folder_among_the_secrets_is_refused_before_anything_moves(
    course: Path, place: str
) -> None:
    code, said = run("term", "close", place)
    assert code == 2
    assert "secrets, which is to be moved itself; name a folder beside the course" in said
    assert "such as ../2026" in said
    assert (course / "gradebook.db").exists()
    assert not (course / place).exists()


def test_also_an_empty_folder_becomes_private(course: Path) -> None:
    (course.parent / "2026").mkdir(mode=0o755)
    assert run("term", "close", "../2026")[0] == 0
    assert (course.parent / "2026").stat().st_mode & 0o777 == 0o700


def test_backups_of_upgrades_go_with_their_gradebook(course: Path) -> None:
    (course / "gradebook.db.0003-20260901T000000.000000Z.backup").write_bytes(b"as it was")
    (course / "another.db.0003-20260901T000000.000000Z.backup").touch()
    assert run("term", "close", "../2026")[0] == 0
    moved = course.parent / "2026/gradebook.db.0003-20260901T000000.000000Z.backup"
    assert moved.read_bytes() == b"as it was"
    assert [path.name for path in course.glob("*.backup")] == [
        "another.db.0003-20260901T000000.000000Z.backup"
    ]
