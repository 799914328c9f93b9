"""Who is on the course, as a registrar or a learning platform says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from autograder.gradebook.accounts import bring_home, same_person
from autograder.gradebook.change import Change
from autograder.gradebook.errors import GradebookError
from autograder.gradebook.models import Student
from autograder.grading.entry import Person

_TOLD = ("name", "email", "section", "canvas_id", "sis_user_id", "sis_login_id")


class RosterLine(Person, Protocol):
    """A person of a roster; "" where it does not say. Where it came from helps to tell what is wrong."""

    @property
    def name(self) -> str: ...
    @property
    def section(self) -> str: ...


@dataclass(frozen=True)
class RosterChange:
    """Ids that a roster added, changed and left as they were; and those of earlier rosters that it lacks."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    missing: tuple[str, ...]  # they stay on the course: rosters may come a section at a time
    moved: tuple[str, ...] = ()  # whose work is now known to be whose, a sentence each


def has_roster(session: Session) -> bool:
    """Whether a roster was ever taken over: only then somebody can be missing on it."""
    return bool(session.scalar(select(exists().where(Student.enrolled))))


def take_over(change: Change, entries: Sequence[RosterLine]) -> RosterChange:
    """Add and change students as a roster says it. What it leaves blank stays as it is known.

    Somebody whom an earlier roster knows by another id keeps that id. What was handed in under an account
    before anybody knew whose it is goes to its owner.
    """
    _refuse_duplicates(entries)
    query = select(Student).order_by(Student.id).with_for_update()  # in order: two imports queue
    rows = list(change.session.scalars(query))
    named: dict[str, RosterLine] = {}
    done: dict[str, list[str]] = {"added": [], "changed": [], "unchanged": []}
    known = {entry.id: _known_as(entry, rows) for entry in entries}
    for entry in sorted(entries, key=lambda entry: entry.id):
        row = known[entry.id]
        if row is None:
            row = Student(student=entry.id, since=datetime.now(UTC), enrolled=False)
            row.name = row.email = row.section = ""
            row.canvas_id = row.sis_user_id = row.sis_login_id = ""
            change.session.add(row)
            rows.append(row)
        elif row.student in named:
            raise GradebookError(
                f"the roster's {_told(named[row.student])} and {_told(entry)} both have accounts of "
                f"{row.student!r}. Mend one of them; nothing was imported."
            )
        named[row.student] = entry
        done[_write_down(change, row, entry)].append(row.student)
    change.made = False  # each student's row tells it
    change.session.flush()
    moved = bring_home(change, rows)
    missing = sorted(row.student for row in rows if row.enrolled and row.student not in named)
    return RosterChange(
        tuple(done["added"]),
        tuple(done["changed"]),
        tuple(done["unchanged"]),
        tuple(missing),
        tuple(moved),
    )


def _known_as(entry: RosterLine, rows: Sequence[Student]) -> Student | None:
    """Who of the gradebook a line is about: whom an earlier roster listed, by id or else by account."""
    by_id = next((row for row in rows if row.student == entry.id), None)
    if by_id is not None and by_id.enrolled:
        return by_id
    alike = same_person(entry, entry.id, (row for row in rows if row.enrolled))
    if len(alike) > 1:
        both = " and ".join(repr(row.student) for row in alike[:4])
        raise GradebookError(
            f"the roster's {_told(entry)} has accounts of several students of the gradebook: {both}. "
            "Give the line the id of one of them, or mend its numbers and addresses; nothing was imported."
        )
    return alike[0] if alike else by_id


def _write_down(change: Change, row: Student, entry: RosterLine) -> str:
    """Put what a line says into a student's row; "added", "changed" or "unchanged"."""
    kind = "changed" if row.enrolled else "added"
    told = {name: getattr(entry, name) for name in _TOLD if getattr(entry, name)}
    if row.student != entry.id:  # another platform's roster: it only fills what is blank
        told = {name: value for name, value in told.items() if not getattr(row, name)}
    news = {name: value for name, value in told.items() if getattr(row, name) != value}
    if row.enrolled and not news:
        return "unchanged"
    old = _shown({name: getattr(row, name) or "" for name in news})
    for name, value in news.items():
        setattr(row, name, value)
    row.enrolled = True
    change.student = row.student
    change.also("roster", kind, old, _shown(news))
    return kind


def _told(entry: RosterLine) -> str:
    where = str(getattr(entry, "where", "") or f"entry {entry.id!r}")
    return f"{where} ({entry.name or entry.id})"


def _refuse_duplicates(entries: Sequence[RosterLine]) -> None:
    """One id twice, also in another case, would be one person's grade for two."""
    first: dict[str, tuple[str, RosterLine]] = {}
    for position, entry in enumerate(entries, start=1):
        where = str(getattr(entry, "where", "") or f"entry {position}")
        if not entry.id.strip():
            raise GradebookError(
                f"the roster's {where} ({entry.name or 'no name'}) has no id. Nothing was imported."
            )
        if entry.id.casefold() in first:
            earlier, other = first[entry.id.casefold()]
            raise GradebookError(
                f"the roster names {entry.id!r} twice: {earlier} ({other.name or 'no name'}) and "
                f"{where} ({entry.name or 'no name'}). Mend one of them; nothing was imported."
            )
        first[entry.id.casefold()] = (where, entry)


def _shown(values: dict[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items() if value)
