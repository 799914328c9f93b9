"""Connections: SQLite that waits its turn and forgets nothing, or PostgreSQL by address."""

from __future__ import annotations

import os
import sqlite3
import time
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from autograder.gradebook.errors import GradebookError
from autograder.gradebook.place import Place

WRITES = "gradebook_writes"  # the execution option of transactions that will write


def connect(place: Place, busy_seconds: float) -> Engine:
    """An engine for the place; a new SQLite file is made readable by its owner only."""
    if place.path is None:
        return _postgres(place, busy_seconds)
    _make_private(place)
    engine = create_engine(place.url, connect_args={"timeout": busy_seconds})
    event.listen(engine, "connect", _set_up_sqlite)
    event.listen(engine, "begin", _begin)
    return engine


def use_write_ahead_log(engine: Engine, busy_seconds: float) -> None:
    """Let readers read while one writes. Kept in the file; SQLite does not wait for this by itself."""
    end = time.monotonic() + busy_seconds
    while True:
        try:
            raw = engine.raw_connection()
            try:
                cursor = raw.cursor()
                if cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                    cursor.execute("PRAGMA journal_mode = WAL")
                return
            finally:
                raw.close()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
        time.sleep(0.05)


def _postgres(place: Place, busy_seconds: float) -> Engine:
    options = f"-c lock_timeout={int(busy_seconds * 1000)}"
    try:
        return create_engine(
            place.url,
            pool_pre_ping=True,  # a server that was restarted between two commands is no error
            connect_args={"options": options, "connect_timeout": max(2, int(busy_seconds))},
        )
    except ModuleNotFoundError:
        raise GradebookError(
            "PostgreSQL needs psycopg; install it with: pip install 'inverse-graphics-course[postgres]'"
        ) from None


def _make_private(place: Place) -> None:
    """Make the file before SQLite does, so that nobody else can read it, not even for a moment."""
    assert place.path is not None
    try:
        os.close(os.open(place.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        pass
    except OSError as error:
        raise GradebookError(
            f"{place}: it cannot be made there: {error.strerror}. "
            "Mend that, or name another database with --db."
        ) from None


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # transactions begin in `_begin`, not when the driver thinks
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA synchronous = FULL")  # a saved grade survives a power cut
    cursor.close()


def _begin(connection: Connection) -> None:
    """Writers queue at the beginning: a reader that starts to write half-way would be refused, not wait."""
    writes = connection.get_execution_options().get(WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
