"""Insert a row unless it is there: one statement, so that of several graders exactly one inserts it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import inspect
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from autograder.gradebook.models import Base


def insert_if_new(session: Session, table: type[Base], **values: Any) -> bool:
    """Whether the row was inserted; False where a unique constraint says that it is there already."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table).values(values).on_conflict_do_nothing()
    inserted = session.execute(statement.returning(*inspect(table).primary_key))
    return inserted.first() is not None
