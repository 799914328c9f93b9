"""A gradebook copied to another database: everything arrives, and what cannot is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from autograder.cli.app import app
from autograder.gradebook import transfer
from autograder.gradebook.book import Gradebook
from autograder.gradebook.desk import Desk
from autograder.gradebook.errors import GradebookError
from autograder.gradebook.grades import course_grades
from autograder.gradebook.store import AssignmentStore
from autograder.gradebook.transfer import copy_book, kept_tables
from autograder.settings import load_settings
from tests.first_published import first_published
from tests.gradebook_grader import KEY, result, submission


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A gradebook with gradings and decisions of every kind."""
    root = first_published(tmp_path / "course")
    monkeypatch.chdir(root)
    monkeypatch.delenv("AUTOGRADER_DB", raising=False)
    with Gradebook.open("gradebook.db", root) as book:
        store = AssignmentStore(book, "a1")
        store.seed(None)
        for number in range(3):
            store.save(submission(number), result(number))
        desk = Desk(book, load_settings(root), "grace")
        desk.comment("s001", "a1", "Schön, ≥ 3", None)
        desk.extend("s001", "a1", "+2d", "ill")
        desk.override("s002", "a1", "50%", "agreed")
        desk.milestone("s000", "proposal", "9/10", None, "")
    return root


def everything(book: Gradebook) -> dict[str, list[tuple[object, ...]]]:
    """All rows of all tables, as Python sees them."""
    with book.reading() as session:
        return {
            table.name: [tuple(row) for row in session.execute(select(table).order_by(*table.primary_key.columns))]
            for table in kept_tables()
        }  # fmt: skip


def test_every_row_arrives_and_the_copy_goes_on(course: Path, database: str) -> None:
    settings = load_settings(course)
    with Gradebook.open("gradebook.db", course) as old, Gradebook.open(database) as new:
        counts = copy_book(old, new)
        assert everything(new) == everything(old)
        assert (counts["submissions"], counts["gradings"], counts["comments"]) == (3, 3, 1)
        assert course_grades(new, settings) == course_grades(old, settings)
        store = AssignmentStore(new, "a1")
        assert store.seed(None) == AssignmentStore(old, "a1").seed(None)
        assert store.load(submission(1), KEY) is not None
        store.save(submission(7), result(7))  # numbers go on after the copied ones
        Desk(new, settings, "grace").comment("s007", "a1", "Welcome.", None)


def test_and_back_into_a_file(course: Path, database: str, tmp_path: Path) -> None:
    with Gradebook.open("gradebook.db", course) as old, Gradebook.open(database) as middle:
        copy_book(old, middle)
        with Gradebook.open("back.db", tmp_path) as new:
            copy_book(middle, new)
            assert everything(new) == everything(old)


def test_a_gradebook_that_holds_something_is_refused(course: Path) -> None:
    code, said = run("other.db")
    assert code == 0
    assert "rows of 1" in said
    assert "name it in course.toml under [gradebook]" in said
    code, said = run("other.db")
    assert code == 2
    assert "other.db holds a gradebook already (" in said
    assert run("gradebook.db")[0] == 2


def run(to: str) -> tuple[int, str]:
    said = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["gradebook", "copy", to])
    return said.exit_code, said.output


def test_a_row_that_changes_on_the_way_is_noticed_and_nothing_stays(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = transfer._rows

    def falsified(table, session):  # type: ignore[no-untyped-def]
        for row in rows(table, session):
            if table.name == "students" and str(session.get_bind().engine.url).endswith("new.db"):
                row["name"] = "Somebody"
            yield row

    monkeypatch.setattr(transfer, "_rows", falsified)
    with Gradebook.open("gradebook.db", course) as old, Gradebook.open("new.db", course) as new:
        with pytest.raises(GradebookError, match="a row of students did not arrive as it was"):
            copy_book(old, new)
        assert not any(everything(new).values())


def test_nothing_is_copied_while_somebody_grades(course: Path) -> None:
    with Gradebook.open("gradebook.db", course) as old, Gradebook.open("new.db", course) as new:
        assert AssignmentStore(old, "a1").claim(submission(9), KEY)
        with pytest.raises(GradebookError, match="somebody is grading"):
            copy_book(old, new)
