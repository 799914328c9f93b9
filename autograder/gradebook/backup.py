"""A whole, consistent copy of an SQLite file, taken while others go on writing."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from contextlib import closing
from pathlib import Path


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
