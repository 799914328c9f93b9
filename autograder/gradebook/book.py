"""The gradebook: opened by address, read and changed in transactions, every change on the record."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from autograder.gradebook.change import Change, login_name
from autograder.gradebook.engine import WRITES, connect, use_write_ahead_log
from autograder.gradebook.errors import DATABASE_ERRORS, explain
from autograder.gradebook.place import Place, find_place
from autograder.gradebook.roster import RosterChange, RosterLine, take_over
from autograder.gradebook.schema import bring_up_to_date

BUSY_SECONDS = 15.0


class Gradebook:
    """An open gradebook. Everything raises GradebookError where the database fails."""

    def __init__(self, engine: Engine, place: Place, upgraded_from: Path | None) -> None:
        self._engine = engine
        self._writer = engine.execution_options(**{WRITES: True})
        # SQLite's readers see one state anyway; PostgreSQL's only if they ask for it.
        postgres = engine.dialect.name == "postgresql"
        level = {"isolation_level": "REPEATABLE READ"} if postgres else {}
        self._reader = engine.execution_options(**level)
        self.place = place
        self.upgraded_from = upgraded_from  # the backup, if opening it upgraded the tables

    @classmethod
    def open(
        cls, url: str, base: Path | None = None, busy_seconds: float = BUSY_SECONDS
    ) -> Gradebook:
        """Open, set up if it is new, upgrade if it is old. A relative file is looked for in `base` (here)."""
        place = find_place(url, base or Path.cwd())
        engine = connect(place, busy_seconds)
        try:
            if place.path is not None:
                use_write_ahead_log(engine, busy_seconds)
            return cls(engine, place, bring_up_to_date(engine, place))
        except DATABASE_ERRORS as error:
            engine.dispose()
            raise explain(error, str(place)) from error
        except BaseException:
            engine.dispose()
            raise

    @property
    def dialect(self) -> str:
        """The database behind it: "sqlite" or "postgresql"."""
        return self._engine.dialect.name

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the book throughout."""
        try:
            with Session(self._reader) as session:
                yield session
        except DATABASE_ERRORS as error:
            raise explain(error, str(self.place)) from error

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A transaction that leaves no trace but itself (claims); grades change in `changing`."""
        try:
            with Session(self._writer, expire_on_commit=False) as session, session.begin():
                yield session
        except DATABASE_ERRORS as error:
            raise explain(error, str(self.place)) from error

    @contextmanager
    def changing(
        self, who: str, action: str, student: str = "", work: str = ""
    ) -> Iterator[Change]:
        """A transaction with its row in the audit trail: both happen, or neither."""
        with self.writing() as session:
            change = Change(session, who, action, student, work)
            yield change
            change.record()

    def import_roster(self, entries: Sequence[RosterLine], who: str | None = None) -> RosterChange:
        """Take over who is on the course; all of it, or nothing where two lines are one person."""
        with self.changing(who or login_name(), "roster") as change:
            return take_over(change, entries)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def __enter__(self) -> Gradebook:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
