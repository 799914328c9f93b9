"""`autograder term`: last year's secrets are refused, new ones are drawn, and a closed term is whole elsewhere."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from autograder.gradebook.book import Gradebook
from autograder.gradebook.models import Assignment as Kept
from autograder.gradebook.models import Audit
from autograder.settings import Assignment
from autograder.term.stale import StaleSecretError, is_stale, refuse_stale_file
from autograder.term.stale_seed import refuse_stale_seed
from tests.first_published import first_published
from tests.term_course import make_term, run

OPENS = datetime(2027, 9, 7, 9, tzinfo=UTC)
A1 = Assignment(
    "a1", "Camera geometry", 14, "01_camera_geometry", OPENS, OPENS + timedelta(days=17)
)


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course in the middle of its term, and we are in it."""
    root = make_term(tmp_path / "course")
    monkeypatch.chdir(root)
    monkeypatch.delenv("AUTOGRADER_DB", raising=False)
    return root


@pytest.mark.parametrize(
    ("drawn", "now", "stale"),
    [
        ("2026-09-25", "2027-09-25", True),  # last year's
        ("2027-08-01", "2027-09-25", False),  # a dry run some weeks ahead
        ("2027-09-25", "2027-10-25", False),
        ("2026-09-25", "2026-10-25", False),  # the dates are next year's already, nothing opens yet
        ("2027-05-29", "2027-08-09", True),
        ("2027-06-01", "2027-08-09", False),
    ],
)
def test_what_is_of_an_earlier_year(drawn: str, now: str, stale: bool) -> None:
    def at(day: str) -> datetime:
        return datetime.fromisoformat(f"{day}T12:00:00+00:00")

    assert is_stale(at(drawn), A1, at(now)) is stale


def test_an_announced_assignment_has_no_stale_secrets() -> None:
    assert not is_stale(datetime(2020, 1, 1, tzinfo=UTC), Assignment("a1", "A", 1))
    assert not is_stale(None, A1)


def opened_today(days_ago: int = 1) -> Assignment:
    opens = datetime.now(UTC) - timedelta(days=days_ago)
    return Assignment("a1", "A", 14, "01_camera_geometry", opens, opens + timedelta(days=9))


def drawn_long_ago(root: Path, days: int) -> None:
    """Let the gradebook's seed be that old; its audit trail refuses such a thing to everybody else."""
    with closing(sqlite3.connect(root / "gradebook.db")) as raw:
        for (trigger,) in raw.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            raw.execute(f"DROP TRIGGER {trigger}")
        at = (datetime.now(UTC) - timedelta(days=days)).replace(tzinfo=None)
        raw.execute("UPDATE audit SET at = ? WHERE action = 'seed'", (at.isoformat(" "),))
        raw.commit()


def test_last_year_s_numbers_are_refused_until_they_are_rotated(course: Path) -> None:
    drawn_long_ago(course, 300)
    with Gradebook.open("gradebook.db", course) as book:
        with pytest.raises(StaleSecretError) as told:
            refuse_stale_seed(book, opened_today())
        said = str(told.value)
        for words in ("gradebook.db is of an earlier term", "hidden numbers of a1 were drawn on",
                      "`autograder term close FOLDER`", "`autograder term rotate a1 --why TEXT`"):  # fmt: skip
            assert words in said, said
        refuse_stale_seed(book, Assignment("a2", "B", 1, "02_rendering", OPENS, OPENS))
    assert run("term", "rotate", "a1", "--why", "a new year")[0] == 0
    with Gradebook.open("gradebook.db", course) as book:
        refuse_stale_seed(book, opened_today())


def test_the_command_refuses_last_year_s_numbers_before_anything_is_graded(course: Path) -> None:
    drawn_long_ago(course, 300)
    opens = f"{datetime.now(UTC) - timedelta(days=2):%Y-%m-%dT09:00:00Z}"
    due = f"{datetime.now(UTC) + timedelta(days=9):%Y-%m-%dT09:00:00Z}"
    text = (course / "course.toml").read_text()
    text = text.replace("2026-09-08T09:00:00-04:00", opens).replace(
        "2026-09-25T23:59:00-04:00", due
    )
    (course / "course.toml").write_text(text)
    (course / "class").mkdir()
    code, said = run("grade", "class", "-a", "a1")
    assert code == 2
    assert "is of an earlier term" in said


def test_an_old_file_is_refused_by_name(course: Path) -> None:
    path = course / "secrets/gradescope-a1.seed"
    refuse_stale_file(path, opened_today())
    refuse_stale_file(course / "nothing", opened_today())
    long_ago = (datetime.now(UTC) - timedelta(days=200)).timestamp()
    os.utime(path, (long_ago, long_ago))
    with pytest.raises(
        StaleSecretError, match=r"gradescope-a1\.seed is of an earlier term: written on"
    ):
        refuse_stale_file(path, opened_today())
    code, said = run("term", "show")
    assert code == 0
    assert "hidden numbers of Gradescope's package" in said


def test_show_tells_what_is_secret_and_not_the_secret(course: Path) -> None:
    code, said = run("term", "show")
    assert code == 0
    assert [line.split()[0] for line in said.splitlines()] == ["work", "a1", "a1", "a1"]
    for words in (
        "hidden numbers, in",
        "hidden views of fit_a_scene",
        f"{datetime.now(UTC):%Y-%m}",
    ):
        assert words in said
    assert "1234" not in said
    assert "77" not in said


def test_show_where_nothing_is_drawn_yet(tmp_path: Path) -> None:
    root = first_published(tmp_path / "new")
    assert run("term", "show", "--root", root) == (
        0, "Nothing secret has been drawn yet. It will be when it is first needed.\n",
    )  # fmt: skip
    assert not (root / "gradebook.db").exists()


def test_rotating_keeps_the_old_seeds_and_says_what_to_do(course: Path) -> None:
    code, said = run("term", "rotate", "a1", "--why", "the package was shared", "--who", "grace")
    assert code == 0
    assert "a1: new hidden numbers. The next `autograder grade` grades everybody again" in said
    assert "autograder package gradescope -a a1" in said
    kept = {p.name.partition("-2")[0]: p for p in (course / "secrets/earlier").iterdir()}
    assert {name: path.read_text() for name, path in kept.items()} == {
        "a1": "1234\n",
        "gradescope-a1": "77\n",
    }
    assert all(path.stat().st_mode & 0o077 == 0 for path in kept.values())
    assert not (course / "secrets/gradescope-a1.seed").exists()
    with Gradebook.open("gradebook.db", course) as book, book.reading() as session:
        assert session.get_one(Kept, "a1").seed != "1234"
        last = session.scalars(select(Audit).order_by(Audit.id.desc())).first()
        assert last is not None
        assert (last.action, last.who, last.what) == (
            "seed",
            "grace",
            "rotated: the package was shared",
        )
        assert "1234" not in f"{last.old} {last.new}"


@pytest.mark.parametrize("unreadable", ["7\xfc\n".encode("latin-1"), b""])
def test_a_package_s_seed_is_put_away_whatever_it_holds(course: Path, unreadable: bytes) -> None:
    (course / "secrets/gradescope-a1.seed").write_bytes(unreadable)
    code, said = run("term", "rotate", "a1", "--why", "damaged")
    assert code == 0, said
    (kept,) = (course / "secrets/earlier").glob("gradescope-a1-*.seed")
    assert kept.read_bytes() == unreadable


@pytest.mark.parametrize("failing", ["pathlib.Path.rename", "autograder.term.rotate._keep"])
def test_a_failure_leaves_both_numbers_as_they_were(
    course: Path, monkeypatch: pytest.MonkeyPatch, failing: str
) -> None:
    def refused(path: Path, *_: object) -> None:
        raise OSError(30, "Read-only file system", str(path))

    with monkeypatch.context() as patched:
        patched.setattr(failing, refused)
        code, said = run("term", "rotate", "a1", "--why", "to be sure")
    assert code == 2
    assert "Read-only file system; the hidden numbers are as they were" in said
    assert (course / "secrets/gradescope-a1.seed").read_text() == "77\n"
    with Gradebook.open("gradebook.db", course) as book, book.reading() as session:
        assert session.get_one(Kept, "a1").seed == "1234"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("rotate", "a9", "--why", "x"), "no assignment 'a9'; known: a1"),
        (("rotate", "a1", "--why", " "), "--why: say in a few words why"),
        (("close", "missing/archive"), "there is no folder"),
        (("close", "course.toml"), "course.toml is there already; name a folder that is not"),
        (("close", "secrets"), "secrets is there already"),
        (("show", "--db", "none.db"), "there is no gradebook yet"),
    ],
)
def test_refused(course: Path, arguments: tuple[str, ...], words: str) -> None:
    code, said = run("term", *arguments)
    assert code == 2
    assert words in said, said
    assert (course / "gradebook.db").exists()
    assert (course / "secrets").is_dir()


def test_rotating_what_was_never_drawn(course: Path) -> None:
    code, said = run("term", "rotate", "a2", "--why", "to be sure")
    assert (code, said) == (
        0,
        "a2: no hidden numbers have been drawn yet; there is nothing to rotate\n",
    )
