"""Finding what a person named; where nothing is called that, the nearest names are offered."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.gradebook import models
from autograder.gradebook.errors import GradebookError
from autograder.gradebook.sheet import ItemGrade
from autograder.settings import Assignment, Milestone, Settings


def find_student(session: Session, student: str) -> models.Student:
    """The row of a student, locked for a change; GradebookError names the nearest ids."""
    query = select(models.Student).where(models.Student.student == student)
    row = session.scalars(query.with_for_update()).one_or_none()
    if row is not None:
        return row
    known = session.scalars(select(models.Student.student)).all()
    if not known:
        raise GradebookError(
            f"no student {student!r}: the gradebook is empty. Take over the roster "
            "(`autograder roster FILE`) or grade a class first."
        )
    near = nearest(student, known) or f"it holds {len(known)}"
    raise GradebookError(
        f"no student {student!r} in the gradebook; {near}. `autograder gradebook show` lists them all."
    )


def find_work(settings: Settings, work: str) -> Assignment | Milestone:
    """The assignment or milestone of an id; GradebookError lists those of course.toml."""
    works: list[Assignment | Milestone] = [*settings.assignments, *settings.project]
    for one in works:
        if one.id == work:
            return one
    known = [one.id for one in works]
    hint = nearest(work, known)
    listed = f"course.toml knows {', '.join(known)}" if known else "course.toml lists none"
    raise GradebookError(f"no work {work!r}; " + (f"{hint} ({listed})" if hint else listed))


def find_milestone(settings: Settings, milestone: str) -> Milestone:
    """The part of the project of an id; GradebookError lists them."""
    for one in settings.project:
        if one.id == milestone:
            return one
    known = ", ".join(one.id for one in settings.project) or "none"
    raise GradebookError(
        f"no milestone {milestone!r}; course.toml lists {known}. "
        "Exercises and questions of assignments are scored with `autograder gradebook score`."
    )


def find_item(items: Iterable[ItemGrade], wanted: str, work: str) -> ItemGrade:
    """The exercise or question of an id or a number such as "1.6"."""
    items = list(items)
    for item in items:
        if wanted in (item.id, item.number):
            return item
    known = [item.id for item in items]
    hint = nearest(wanted, known) or f"{work} has {', '.join(known) or 'none'}"
    raise GradebookError(f"no exercise or question {wanted!r} in {work}; {hint}")


def nearest(word: str, known: Iterable[str]) -> str:
    """`nearest: ada, adam` for a misspelt word, or nothing where nothing is like it."""
    by_folded: dict[str, str] = {}
    for name in known:
        by_folded.setdefault(name.casefold(), name)
    close = difflib.get_close_matches(word.casefold(), by_folded, n=3, cutoff=0.5)
    return f"nearest: {', '.join(by_folded[name] for name in close)}" if close else ""
