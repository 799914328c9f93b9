"""Who is on the course: a gradebook exported from Canvas, a roster from Gradescope, or a table of one's own.

What tells them apart is the heading:
- Canvas: Student, ID, SIS User ID, SIS Login ID, Section, and any number of assignments
- Gradescope: Name (or First Name and Last Name), SID, Email, Role, Sections
- one's own: id, and as far as known name, email, section, canvas_id, sis_user_id, sis_login_id
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.exchange.errors import ExchangeError
from autograder.exchange.table import Row, Table, read_table
from autograder.grading.submission import clean_name

_MOST_COMPLAINTS = 8
_MANGLED = re.compile(r"\d[.,]\d+E\+\d+", re.IGNORECASE)  # a number that a spreadsheet shortened
_STUDENTS = ("", "student", "learner")  # what Gradescope calls them, blank where it does not say


@dataclass(frozen=True)
class RosterEntry:
    """A person of a roster, and the line that says so; "" for what it does not say."""

    id: str
    name: str = ""
    email: str = ""
    section: str = ""
    canvas_id: str = ""
    sis_user_id: str = ""
    sis_login_id: str = ""
    where: str = ""  # "line 7"


def read_roster(path: Path) -> list[RosterEntry]:
    """The students of a roster, in its order. ExchangeError names every line that is wrong."""
    table = read_table(path)
    entries = list(_reader(table)(table))
    if not entries:
        raise ExchangeError(f"{table.name}: names no students")
    complaints = [*_unusable(entries), *_repeated(entries)]
    if complaints:
        more = len(complaints) - _MOST_COMPLAINTS
        shown = complaints[:_MOST_COMPLAINTS] + ([f"and {more} more"] if more > 0 else [])
        listed = "".join(f"\n  {complaint}" for complaint in shown)
        raise ExchangeError(f"{table.name} cannot be used; nothing was imported:{listed}")
    return entries


def _reader(table: Table) -> Callable[[Table], Iterator[RosterEntry]]:
    if table.has("Student") and table.has("ID"):
        return _canvas
    if table.has("SID") or (table.has("Email") and table.has("Role")):
        return _gradescope
    if table.has("id"):
        return _own
    raise ExchangeError(
        f"{table.name}: no column tells the students' ids. Its heading is: {', '.join(table.heading)[:200]}. "
        "Wanted is a gradebook exported from Canvas (Student, ID, SIS Login ID, …), a roster from Gradescope "
        "(Name, SID, Email, …), or a table with the columns id, name, email, section."
    )


def _canvas(table: Table) -> Iterator[RosterEntry]:
    """Students go by their login, as they would sign; the rows before the first of them are headings."""
    begun = False
    for row in table.rows:
        canvas, user, login = row.get("ID"), row.get("SIS User ID"), row.get("SIS Login ID")
        if not (begun or canvas or user or login):
            continue  # "Points Possible", "Manual Posting"
        begun = True
        if row.get("Student").lower() in ("student, test", "test student"):
            continue  # Canvas's own
        yield RosterEntry(
            id=clean_name(login or user or canvas),
            name=clean_name(_first_name_first(row.get("Student"))),
            email=login if "@" in login else "",
            section=clean_name(row.get("Section")),
            canvas_id=canvas,
            sis_user_id=user,
            sis_login_id=login,
            where=_where(row),
        )


def _gradescope(table: Table) -> Iterator[RosterEntry]:
    """Students go by their SID, else their address, as in Gradescope's exports. Staff are left out."""
    for row in table.rows:
        if row.get("Role").lower() not in _STUDENTS:
            continue
        full = f"{row.get('First Name')} {row.get('Last Name')}"
        yield RosterEntry(
            id=clean_name(row.get("SID", "Email")),
            name=clean_name(row.get("Name", "Full Name") or full),
            email=row.get("Email"),
            section=clean_name(row.get("Sections", "Section")),
            sis_user_id=row.get("SID"),
            where=_where(row),
        )


def _own(table: Table) -> Iterator[RosterEntry]:
    for row in table.rows:
        yield RosterEntry(
            id=clean_name(row.get("id")),
            name=clean_name(row.get("name")),
            email=row.get("email"),
            section=clean_name(row.get("section")),
            canvas_id=row.get("canvas_id", "canvas id"),
            sis_user_id=row.get("sis_user_id", "sis user id"),
            sis_login_id=row.get("sis_login_id", "sis login id"),
            where=_where(row),
        )


def _unusable(entries: list[RosterEntry]) -> Iterator[str]:
    for entry in entries:
        if not entry.id:
            yield f"{entry.where}: no id for {entry.name or 'a student without a name'}"
        elif _MANGLED.fullmatch(entry.id):
            yield (
                f"{entry.where}: the id {entry.id!r} was shortened by a spreadsheet. "
                "Format the column as text before saving."
            )


def _repeated(entries: list[RosterEntry]) -> Iterator[str]:
    for kind, of in (("id", "id"), ("Canvas number", "canvas_id")):
        first: dict[str, RosterEntry] = {}
        for entry in entries:
            value: str = getattr(entry, of)
            earlier = first.setdefault(value.casefold(), entry)
            if value and earlier is not entry:
                yield (
                    f"{entry.where}: the {kind} {value!r} of {entry.name or 'nobody'} is on {earlier.where} already "
                    f"({earlier.name or 'no name'})"
                )


def _first_name_first(name: str) -> str:
    """Canvas sorts by "Doe, Jane"; people are called Jane Doe."""
    last, comma, first = name.partition(",")
    return f"{first.strip()} {last.strip()}" if comma and "," not in first else name


def _where(row: Row) -> str:
    return f"line {row.line}"
