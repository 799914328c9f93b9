"""A term put away: its gradebook and its secrets move into one private folder, beside what is needed to read them.

Moved, not copied and deleted: whatever happens on the way, each file is in one of the two places, and the same command
goes on from there.
"""

from __future__ import annotations

import json
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from glob import escape
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from autograder.exchange.errors import ExchangeError
from autograder.exchange.overview import overview_rows
from autograder.exchange.scores import columns
from autograder.exchange.write_file import csv_bytes, write_file
from autograder.gradebook import models
from autograder.gradebook.book import Gradebook
from autograder.gradebook.grades import course_grades
from autograder.gradebook.transfer import copy_book, count_rows, refuse_while_grading
from autograder.settings import FILE_NAME, Settings
from autograder.term.error import TermError
from autograder.term.folder import DATABASE, GRADES, PARTIAL, SECRETS, SUMMARY, make_folder

_BESIDE: Final = ("", "-wal", "-shm")  # SQLite's files of one database


@dataclass(frozen=True)
class Closed:
    """What was put away, and where."""

    folder: Path
    students: int
    submissions: int
    secrets: int  # files
    left_on_server: str = ""  # the address of a gradebook that cannot be moved
    notes: tuple[str, ...] = ()  # what a person should know about the final grades


def close_term(
    root: Path, settings: Settings, book: Gradebook | None, folder: Path, who: str
) -> Closed:
    """Put the term away. `book` is closed by it; None where the gradebook is put away already, or never was."""
    secrets = root / SECRETS
    if book is None and not secrets.is_dir():
        raise TermError(
            f"{root}: neither a gradebook nor {SECRETS}/ is here; there is nothing to put away"
        )
    if book is not None:
        refuse_while_grading(book)
    copied = book is not None and secrets.is_dir() and _is_copied(book, folder)
    make_folder(root, book.place if book else None, folder, copied)
    students = submissions = 0
    left = ""
    notes: tuple[str, ...] = ()
    if book is not None:
        students, submissions = _sizes(book)
        notes = _write_readable(root, settings, book, folder, who)
        left = str(book.place) if copied else _put_away(book, folder)
    count = _move_secrets(secrets, folder / SECRETS)
    return Closed(folder, students, submissions, count, left, notes)


def _sizes(book: Gradebook) -> tuple[int, int]:
    with book.reading() as session:
        students, submissions = (
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in (models.Student, models.Submission)
        )
    return students, submissions


def _write_readable(
    root: Path, settings: Settings, book: Gradebook, folder: Path, who: str
) -> tuple[str, ...]:
    """The syllabus, the final grades and a summary, which need no program; what to know about the grades."""
    notes: tuple[str, ...] = ()
    shutil.copyfile(root / FILE_NAME, folder / FILE_NAME)
    grades = course_grades(book, settings)
    with suppress(ExchangeError):  # nothing was graded: then there is no table of grades
        export = overview_rows(grades, columns(grades))
        write_file(folder / GRADES, csv_bytes(export.rows, mark=True))
        notes = export.notes
    students, submissions = _sizes(book)
    summary = {
        "course": settings.course.title,
        "version": settings.course.version,
        "closed": datetime.now(UTC).isoformat(timespec="seconds"),
        "by": who,
        "students": students,
        "submissions": submissions,
        "commit": _commit(root),
    }
    write_file(
        folder / SUMMARY, (json.dumps(summary, indent=2, ensure_ascii=False) + "\n").encode()
    )
    for path in folder.iterdir():
        if path.is_file():
            path.chmod(0o600)
    return notes


def _put_away(book: Gradebook, folder: Path) -> str:
    """Move the gradebook's file, or copy the database of a server; the server's address if it is one."""
    path = book.place.path
    if path is None:
        partial = folder / PARTIAL
        for suffix in _BESIDE:  # of a copy that was cut off
            partial.with_name(partial.name + suffix).unlink(missing_ok=True)
        with Gradebook.open(str(partial)) as archive:
            copy_book(book, archive)
        partial.rename(folder / DATABASE)
        book.close()
        return str(book.place)
    book.close()
    if path.with_name(path.name + "-wal").exists():  # SQLite removes it with the last connection
        raise TermError(
            f"{path}: another program has it open (`autograder serve`, or a grader). End that, then close the term "
            "with the same command; so far nothing was moved"
        )
    for backup in sorted(path.parent.glob(f"{escape(path.name)}.*.backup")):  # made before upgrades
        backup.rename(folder / f"{DATABASE}{backup.name.removeprefix(path.name)}")
    for suffix in reversed(_BESIDE):
        if (beside := path.with_name(path.name + suffix)).exists():
            beside.rename(folder / (DATABASE + suffix))
    return ""


def _is_copied(book: Gradebook, folder: Path) -> bool:
    """Whether the folder has all rows of a server's gradebook: the command was cut off after it had copied them.

    Nothing changes there without a new row of the audit trail, so counting tells.
    """
    if book.place.path is not None or not all((folder / n).is_file() for n in (SUMMARY, DATABASE)):
        return False
    with Gradebook.open(str((folder / DATABASE).absolute())) as archive:
        return count_rows(archive) == count_rows(book)


def _move_secrets(secrets: Path, target: Path) -> int:
    if not secrets.is_dir():
        return 0
    count = sum(path.is_file() for path in secrets.rglob("*"))
    secrets.rename(target)
    return count


def _commit(root: Path) -> str:
    """The commit of the course's code, where git knows; "" elsewhere."""
    from subprocess import DEVNULL, run

    environment = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = run(
            ["git", "rev-parse", "HEAD"], cwd=root, env=environment, capture_output=True, text=True, stdin=DEVNULL
        )  # fmt: skip
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
