"""The tables' version: made where there are none, upgraded after a backup, refused where they are too new."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from autograder.gradebook.backup import copy_database
from autograder.gradebook.engine import WRITES
from autograder.gradebook.errors import GradebookError
from autograder.gradebook.place import Place

if TYPE_CHECKING:
    from alembic.config import Config

VERSION = "v0003"  # of the tables in models.py and people.py; migrations/versions/ leads there
VERSION_TABLE = "gradebook_version"
MIGRATIONS = Path(__file__).with_name("migrations")
_LOCK = 0x67_72_61_64  # PostgreSQL's name for "one upgrade at a time"


def bring_up_to_date(engine: Engine, place: Place) -> Path | None:
    """Make or upgrade the tables; the backup that was made before an upgrade of a file."""
    with engine.connect() as connection:
        if current_version(connection, place) == VERSION:
            return None
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        version = current_version(connection, place)  # again: another process may have been first
        if version == VERSION:
            return None
        _refuse_unknown(version, place)
        backup = _back_up(place, version) if version and place.path else None
        migrate(connection, VERSION)
        return backup


def current_version(connection: Connection, place: Place) -> str | None:
    """The version of the tables, or None where there are none yet; somebody else's tables are refused."""
    tables = inspect(connection).get_table_names()
    if VERSION_TABLE in tables:
        version = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()
        return None if version is None else str(version)
    if tables:
        raise GradebookError(
            f"{place} is not a gradebook: it holds other tables ({', '.join(sorted(tables)[:3])}). "
            "Nothing was changed. Name another database with --db; an empty one is set up by itself."
        )
    return None


def migrate(connection: Connection, version: str) -> None:
    """Run the migrations up to a version within the connection's transaction."""
    from alembic import command

    command.upgrade(_configuration(connection), version)


def known_versions() -> list[str]:
    """All versions that there are migrations for, oldest first."""
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory(str(MIGRATIONS))
    return [script.revision for script in scripts.walk_revisions()][::-1]


def _configuration(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _refuse_unknown(version: str | None, place: Place) -> None:
    if version is not None and version not in known_versions():
        raise GradebookError(
            f"{place} was made by a newer version of the course (its tables are {version}, this "
            f"version knows them up to {VERSION}). Nothing was changed. Update the course "
            "(git pull, then make setup), or name another database with --db."
        )


def _back_up(place: Place, version: str) -> Path:
    assert place.path is not None
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    target = place.path.with_name(f"{place.path.name}.{version}-{moment}.backup")
    try:
        copy_database(place.path, target)
    except (OSError, sqlite3.Error) as error:
        raise GradebookError(
            f"{place} needs an upgrade, but no backup can be made before it ({error}). "
            "Nothing was changed. Free some space beside it, then run the command again."
        ) from None
    return target
