"""Where a gradebook lies: the address people write, made exact, and never shown with its password."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from autograder.gradebook.errors import GradebookError

_EXAMPLES = "sqlite:///gradebook.db or postgresql+psycopg://user@host/course"
_POSTGRES = {"postgresql+psycopg", "postgresql", "postgres"}


@dataclass(frozen=True)
class Place:
    """A database's address; `path` is its file if it is SQLite."""

    url: URL
    path: Path | None

    def __str__(self) -> str:
        return str(self.path) if self.path else self.url.render_as_string(hide_password=True)


def find_place(text: str, base: Path) -> Place:
    """The place an address means; a relative file is looked for in `base`. A bare path means SQLite."""
    if "://" not in text:
        return _file(text, base)
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # the text may hold a password: it is not repeated
        raise GradebookError(f"this is no address of a database; write {_EXAMPLES}") from None
    if url.drivername in _POSTGRES:
        return Place(url.set(drivername="postgresql+psycopg"), None)
    if url.drivername not in ("sqlite", "sqlite+pysqlite"):
        raise GradebookError(
            f"{url.drivername}: the gradebook knows SQLite and PostgreSQL; write {_EXAMPLES}"
        )
    if url.query or url.host or (url.database or "").startswith("file:"):
        raise GradebookError(
            "an address of SQLite is sqlite:/// and a path, with nothing after it; "
            "an absolute path has four slashes: sqlite:////srv/course/gradebook.db"
        )
    if url.database in (None, "", ":memory:"):
        raise GradebookError(f"a gradebook in memory would be lost at the end; write {_EXAMPLES}")
    return _file(url.database, base)


def _file(text: str, base: Path) -> Place:
    path = (base / Path(text).expanduser()).absolute()
    if path.is_dir():
        raise GradebookError(
            f"{path} is a folder; name a file in it, such as {path / 'gradebook.db'}"
        )
    if not path.parent.is_dir():
        raise GradebookError(f"{path}: there is no folder {path.parent}; make it first")
    return Place(URL.create("sqlite", database=str(path)), path)
