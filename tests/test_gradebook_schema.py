"""The tables over time: made, upgraded after a backup, refused where they are newer or somebody else's."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from autograder.gradebook import schema
from autograder.gradebook.book import Gradebook
from autograder.gradebook.errors import GradebookError
from autograder.gradebook.history import audit_trail, gradings_of
from autograder.gradebook.people import Decided
from autograder.gradebook.schema import VERSION, VERSION_TABLE, known_versions
from autograder.gradebook.store import AssignmentStore

VERSION_1 = Path(__file__).parent / "golden" / "gradebook_v0001.sql"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A gradebook as the first version of the tables left it: ada regraded once, and ben."""
    path = tmp_path / "grades.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(VERSION_1.read_text(encoding="utf-8"))
    path.chmod(0o600)
    return path


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_the_migrations_lead_to_the_models(database: str) -> None:
    Gradebook.open(database).close()
    engine = create_engine(database)
    with engine.connect() as connection:
        options = {"compare_type": True, "version_table": VERSION_TABLE}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Decided.metadata) == []
        assert context.get_current_revision() == VERSION
    engine.dispose()
    assert known_versions()[-1] == VERSION
    assert known_versions()[0] == "v0001"


def test_a_new_file_is_private_and_waits_its_turn(tmp_path: Path) -> None:
    with Gradebook.open("grades.db", tmp_path) as book, book.reading() as session:
        connection = session.connection()
        answers = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous", "busy_timeout")
        }
        assert answers == {
            "journal_mode": "wal", "foreign_keys": 1, "synchronous": 2, "busy_timeout": 15000,
        }  # fmt: skip
        for path in tmp_path.iterdir():  # with what SQLite keeps beside it
            assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


def test_an_old_gradebook_is_upgraded_after_a_backup(old: Path) -> None:
    before = dump(old)
    with Gradebook.open(str(old)) as book:
        assert book.upgraded_from is not None
        assert dump(book.upgraded_from) == before
        assert stat.S_IMODE(book.upgraded_from.stat().st_mode) == 0o600
        kept = [(e.points, e.counts) for e in gradings_of(book, "ada")]
        assert kept == [(6.0, False), (8.0, True)]
        assert [e.action for e in audit_trail(book)] == ["seed", "graded", "graded", "graded"]
        assert AssignmentStore(book, "a1").seed(None) == 42
    data = [line for line in before if line.startswith("INSERT") and VERSION_TABLE not in line]
    assert set(data) <= set(dump(old)), "the upgrade lost or changed a row"
    with Gradebook.open(str(old)) as book:
        assert book.upgraded_from is None
    assert len(list(old.parent.glob("*.backup"))) == 1


def test_an_upgrade_that_fails_changes_nothing(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, migrate = dump(old), schema.migrate

    def fail_at_the_end(*arguments: object) -> None:
        migrate(*arguments)  # type: ignore[arg-type]
        raise KeyboardInterrupt

    monkeypatch.setattr(schema, "migrate", fail_at_the_end)
    with pytest.raises(KeyboardInterrupt):
        Gradebook.open(str(old))
    assert dump(old) == before
    monkeypatch.undo()
    Gradebook.open(str(old)).close()


def test_no_upgrade_without_a_backup(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = dump(old)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(schema, "copy_database", full)
    with pytest.raises(GradebookError, match=r"no backup can be made .*No space left.*Free some"):
        Gradebook.open(str(old))
    assert dump(old) == before


def test_a_newer_gradebook_is_refused_and_left_alone(database: str, tmp_path: Path) -> None:
    with Gradebook.open(database) as book, book.writing() as session:
        session.connection().exec_driver_sql(f"UPDATE {VERSION_TABLE} SET version_num = 'v0099'")
    with pytest.raises(GradebookError) as caught:
        Gradebook.open(database)
    said = str(caught.value)
    assert "made by a newer version of the course (its tables are v0099" in said
    assert f"up to {VERSION}). Nothing was changed. Update the course" in said
    assert not list(tmp_path.glob("*.backup"))


def test_somebody_elses_database_is_refused_and_left_alone(database: str) -> None:
    engine = create_engine(database)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE customers (name text)")
    engine.dispose()
    with pytest.raises(GradebookError, match=r"is not a gradebook: it holds other tables \(cust"):
        Gradebook.open(database)
    engine = create_engine(database)
    with engine.connect() as connection:
        assert MigrationContext.configure(connection).get_current_heads() == ()
    engine.dispose()


def test_an_empty_file_is_set_up(tmp_path: Path) -> None:
    (tmp_path / "grades.db").touch()
    with Gradebook.open("grades.db", tmp_path) as book:
        assert audit_trail(book) == []
