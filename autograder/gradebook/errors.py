"""What can go wrong with a database, told to a person: what, where, what to do next."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError

# What the drivers raise; SQLite's own error comes bare while a connection is being set up.
DATABASE_ERRORS = (DBAPIError, sqlite3.Error)
_NOTHING_LOST = "What was saved before is still there; this step was not saved."


class GradebookError(Exception):
    """The gradebook cannot do what was asked; the message says what, where and what to do next."""


class DecidedMeanwhile(GradebookError):
    """What somebody decides about is no longer as they saw it: look again, then decide."""


def explain(error: DBAPIError | sqlite3.Error, place: str) -> GradebookError:
    """The driver's error as a message for the person at the keyboard."""
    original = error.orig if isinstance(error, DBAPIError) else error
    reason = str(original).strip().partition("\n")[0][:300] or type(error).__name__
    sqlite = getattr(original, "sqlite_errorname", None)
    told = _sqlite(str(sqlite)) if sqlite else _postgres(_state(original, reason))
    return GradebookError(f"{place}: {told.format(reason=reason)}")


def _sqlite(name: str) -> str:
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return (
            "another program has kept it locked for too long. Close what has it open (often a "
            f"database browser with unsaved changes), then run the command again. {_NOTHING_LOST}"
        )
    if name.startswith("SQLITE_READONLY"):
        return (
            "it cannot be written: the file or its folder is read-only for you. Change that "
            f"(chmod u+w), or name another database with --db. {_NOTHING_LOST}"
        )
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return (
            "this is not an SQLite database, or it is damaged ({reason}). Nothing was changed. Put a "
            "backup in its place (`autograder gradebook backup` makes them), or name another with --db."
        )
    if name.startswith("SQLITE_FULL"):
        return f"the disk is full. Free some space, then run the command again. {_NOTHING_LOST}"
    if name.startswith("SQLITE_IOERR"):
        return (
            "it cannot be read or written ({reason}): the disk is full, a quota is reached, or the "
            f"drive is gone. Mend that, then run the command again. {_NOTHING_LOST}"
        )
    if name.startswith("SQLITE_CANTOPEN"):
        return (
            "it cannot be opened. Its folder must exist, and you must be allowed to write in it; "
            "or name another database with --db."
        )
    return f"the database refused ({{reason}}). {_NOTHING_LOST}"


_POSTGRES = {
    "28": "the server does not let you in ({reason}). Check user and password in the address.",
    "3D": "there is no such database ({reason}). Make it once with `createdb`, then try again.",
    "42501": "you may not do that there ({reason}). Ask the database's owner for rights on it.",
    "53100": f"the server's disk is full. Free some space, then run the command again. {_NOTHING_LOST}",
    "53": f"the server has no room for this ({{reason}}). Try again in a while. {_NOTHING_LOST}",
    "55P03": "another program has kept a lock for too long. Let it end, then run the command again. "
    + _NOTHING_LOST,
    "25006": f"the database is read-only ({{reason}}). Name one that you may write with --db. {_NOTHING_LOST}",
    "40": f"two graders stood in each other's way ({{reason}}). Run the command again. {_NOTHING_LOST}",
}


_REFUSED = {  # before it lets anybody in, a server tells the reason in words only
    "permission denied": "42501",
    "authentication failed": "28",
    'role "': "28",
    'database "': "3D",
    "too many": "53",
}


def _state(original: object, reason: str) -> str:
    state = getattr(original, "sqlstate", None)
    if state:
        return str(state)
    _, refused, words = reason.partition("FATAL:")
    return next((code for word, code in _REFUSED.items() if refused and word in words), "")


def _postgres(state: str) -> str:
    for length in (5, 2):  # the exact condition, then its class
        if state[:length] in _POSTGRES:
            return _POSTGRES[state[:length]]
    if not state or state.startswith(("08", "57P")):
        return (
            "the database server cannot be reached ({reason}). Is it running, and is the address "
            f"right? {_NOTHING_LOST}"
        )
    return f"the database refused ({{reason}}). {_NOTHING_LOST}"
