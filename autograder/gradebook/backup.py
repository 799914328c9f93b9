"""A whole, consistent copy of an SQLite file, taken while others go on writing."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path

from autograder.gradebook.errors import GradebookError
from autograder.gradebook.place import Place


def copy_database(source: Path, target: Path) -> None:
    """Copy to a new file of mode 0600 in one step; FileExistsError if `target` is there already."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
    if target.exists():
        raise FileExistsError(17, "it exists already", str(target))
    try:
        os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(partial)) as new:
            old.backup(new)
            new.execute("PRAGMA journal_mode = DELETE")  # one file, nothing beside it
        partial.rename(target)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink()


def back_up(place: Place, target: Path) -> None:
    """Copy a gradebook to a new file, or GradebookError; a PostgreSQL server has its own tool for that."""
    if place.path is None:
        raise GradebookError(
            f"{place} lies on a PostgreSQL server; copy it with: pg_dump --file={target} DATABASE"
        )
    try:
        copy_database(place.path, target)
    except FileExistsError:
        raise GradebookError(f"{target} is there already; name a new file") from None
    except OSError as error:
        raise GradebookError(
            f"{target} cannot be written: {error.strerror}; name another"
        ) from None
    except sqlite3.Error as error:
        raise GradebookError(
            f"{place} cannot be copied ({error}): the disk is full or the gradebook is damaged; "
            "`autograder gradebook check` tells"
        ) from None
