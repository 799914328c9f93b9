"""A whole gradebook into an empty one, from SQLite to PostgreSQL or back: every row of every table, or nothing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from sqlalchemy import Integer, Table, func, insert, select, text
from sqlalchemy.orm import Session

from autograder.gradebook import models, people
from autograder.gradebook.book import Gradebook
from autograder.gradebook.errors import GradebookError
from autograder.gradebook.holder import is_gone
from autograder.gradebook.store import database_time

_AT_ONCE = 500  # rows; gradings are long


def copy_book(source: Gradebook, target: Gradebook) -> dict[str, int]:
    """Copy all that is kept to a gradebook that holds nothing; how many rows of each table. Claims stay behind.

    GradebookError where somebody is grading, where the target is not empty, and where a row does not arrive as it was.
    """
    refuse_while_grading(source)
    counts = {}
    with source.reading() as old, target.writing() as new:
        for table in kept_tables():
            if new.execute(select(func.count()).select_from(table)).scalar_one():
                raise GradebookError(
                    f"{target.place} holds a gradebook already ({table.name}); nothing was copied. "
                    "Name an empty database, or a file that is not there yet."
                )
        for table in kept_tables():
            counts[table.name] = _copy(table, old, new)
            _count_on(table, new)
        for table in kept_tables():
            for one, other in zip_longest(_rows(table, old), _rows(table, new)):
                if one != other:
                    raise GradebookError(
                        f"{target.place}: a row of {table.name} did not arrive as it was; nothing was copied"
                    )
    return counts


def kept_tables() -> list[Table]:
    """The tables of a gradebook in the order of what refers to what; without those that only say who is grading."""
    tables = people.Decided.metadata.sorted_tables
    return [table for table in tables if table.name != models.Claim.__tablename__]


def count_rows(book: Gradebook) -> dict[str, int]:
    """How many rows each table has that is kept."""
    with book.reading() as session:
        return {
            table.name: session.execute(select(func.count()).select_from(table)).scalar_one()
            for table in kept_tables()
        }


def refuse_while_grading(book: Gradebook) -> None:
    """GradebookError where a grader is at work: what it is about to save would be left behind."""
    with book.reading() as session:
        now = database_time(session)
        claims = session.scalars(select(models.Claim)).all()
        if any(claim.until > now and not is_gone(claim.holder) for claim in claims):
            raise GradebookError(
                f"{book.place}: somebody is grading. Nothing was done; wait until they are done, then try again."
            )


def _copy(table: Table, old: Session, new: Session) -> int:
    count = 0
    batch: list[dict[str, Any]] = []
    for row in _rows(table, old):
        batch.append(row)
        count += 1
        if len(batch) == _AT_ONCE:
            new.execute(insert(table), batch)
            batch = []
    if batch:
        new.execute(insert(table), batch)
    return count


def _rows(table: Table, session: Session) -> Iterator[dict[str, Any]]:
    query = select(table).order_by(*table.primary_key.columns)
    for row in session.execute(query, execution_options={"yield_per": _AT_ONCE}):
        yield dict(row._mapping)


def _count_on(table: Table, session: Session) -> None:
    """Let PostgreSQL go on counting after the highest number; SQLite does so by itself."""
    keys = list(table.primary_key.columns)
    if session.get_bind().dialect.name != "postgresql" or len(keys) != 1:
        return
    (key,) = keys
    if not isinstance(key.type, Integer) or key.foreign_keys:
        return
    highest = session.execute(select(func.max(key))).scalar()
    if highest is not None:
        session.execute(
            text("SELECT setval(pg_get_serial_sequence(:table, :key), :highest)"),
            {"table": table.name, "key": key.name, "highest": highest},
        )
