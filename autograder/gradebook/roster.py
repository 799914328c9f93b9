"""Who is on the course, as a registrar or a learning platform says it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from autograder.gradebook.change import Change
from autograder.gradebook.errors import GradebookError
from autograder.gradebook.models import Student

_TOLD = ("name", "email", "section", "canvas_id", "sis_user_id", "sis_login_id")


class RosterLine(Protocol):
    """A person of a roster; "" where it does not say. Where it came from helps to tell what is wrong."""

    @property
    def id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def section(self) -> str: ...
    @property
    def canvas_id(self) -> str: ...
    @property
    def sis_user_id(self) -> str: ...
    @property
    def sis_login_id(self) -> str: ...


@dataclass(frozen=True)
class RosterChange:
    """Ids that a roster added, changed and left as they were; and those of earlier rosters that it lacks."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    missing: tuple[str, ...]  # they stay on the course: rosters may come a section at a time


def has_roster(session: Session) -> bool:
    """Whether a roster was ever taken over: only then somebody can be missing on it."""
    return bool(session.scalar(select(exists().where(Student.enrolled))))


def take_over(change: Change, entries: Sequence[RosterLine]) -> RosterChange:
    """Add and change students as a roster says it. What it leaves blank stays as it is known."""
    _refuse_duplicates(entries)
    query = select(Student).order_by(Student.id).with_for_update()  # in order: two imports queue
    rows = {row.student: row for row in change.session.scalars(query)}
    done: dict[str, list[str]] = {"added": [], "changed": [], "unchanged": []}
    for entry in sorted(entries, key=lambda entry: entry.id):
        row = rows.get(entry.id)
        if row is None:
            row = Student(student=entry.id, since=datetime.now(UTC), enrolled=False)
            change.session.add(row)
        kind = "added" if not row.enrolled else "changed"
        told = {name: getattr(entry, name) for name in _TOLD if getattr(entry, name)}
        news = {name: value for name, value in told.items() if getattr(row, name) != value}
        if row.enrolled and not news:
            done["unchanged"].append(entry.id)
            continue
        old = _shown({name: getattr(row, name) or "" for name in news})
        for name, value in news.items():
            setattr(row, name, value)
        row.enrolled = True
        change.student = entry.id
        change.also("roster", kind, old, _shown(news))
        done[kind].append(entry.id)
    change.made = False  # each student's row tells it
    named = {entry.id for entry in entries}
    missing = sorted(
        row.student for row in rows.values() if row.enrolled and row.student not in named
    )
    return RosterChange(
        tuple(done["added"]), tuple(done["changed"]), tuple(done["unchanged"]), tuple(missing)
    )


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
