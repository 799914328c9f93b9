"""Finding what a person named; where nothing is called that, the nearest names are offered."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from autograder.gradebook import models
from autograder.gradebook.accounts import names
from autograder.gradebook.book import Gradebook
from autograder.gradebook.errors import GradebookError
from autograder.gradebook.sheet import ItemGrade
from autograder.settings import Assignment, Milestone, Settings


def find_student(session: Session, student: str) -> models.Student:
    """The row of a student, locked for a change; GradebookError names the nearest ids.

    An id in another case, an e-mail address, a login or a SIS number will do where it is one student's.
    """
    query = select(models.Student).where(models.Student.student == student)
    row = session.scalars(query.with_for_update()).one_or_none()
    if row is not None:
        return row
    rows = session.scalars(select(models.Student).order_by(models.Student.student)).all()
    if found := _called(student, rows):
        return session.get_one(models.Student, found.id, with_for_update=True)
    known = [row.student for row in rows]
    if not known:
        raise GradebookError(
            f"no student {student!r}: the gradebook is empty. Take over the roster "
            "(`autograder roster FILE`) or grade a class first."
        )
    near = nearest(student, known) or f"it holds {len(known)}"
    raise GradebookError(
        f"no student {student!r} in the gradebook; {near}. `autograder gradebook show` lists them all."
    )


def student_id(book: Gradebook, student: str) -> str:
    """The id of the student whom a person named; GradebookError as in `find_student`."""
    with book.reading() as session:
        return find_student(session, student).student


def _called(student: str, rows: Sequence[models.Student]) -> models.Student | None:
    """The only one of that name; who is on the roster comes before who is not."""
    name = student.strip().casefold()
    by_id = [row for row in rows if row.student.casefold() == name]
    by_account = [row for row in rows if name in names(row, row.student)]
    for alike in (by_id, by_account):
        alike = [row for row in alike if row.enrolled] or alike
        if len(alike) > 1:
            several = ", ".join(row.student for row in alike[:5])
            raise GradebookError(
                f"{student!r} may be any of {several}; write the id of one of them"
            )
        if alike:
            return alike[0]
    return None


def find_submission(session: Session, number: int) -> models.Submission:
    """The row of a submission, locked for a change; GradebookError says where the numbers stand."""
    row = None
    if number in range(1, 2**31):
        row = session.get(models.Submission, number, with_for_update=True)
    if row is None:
        raise GradebookError(
            f"no submission {number}; `autograder gradebook show STUDENT` lists theirs by number"
        )
    return row


def find_work(settings: Settings, work: str) -> Assignment | Milestone:
    """The assignment or milestone of an id; GradebookError lists those of course.toml."""
    works: list[Assignment | Milestone] = [*settings.assignments, *settings.project]
    for one in works:
        if one.id.casefold() == work.strip().casefold():
            return one
    known = [one.id for one in works]
    hint = nearest(work, known)
    listed = f"course.toml knows {', '.join(known)}" if known else "course.toml lists none"
    raise GradebookError(f"no work {work!r}; " + (f"{hint} ({listed})" if hint else listed))


def find_milestone(settings: Settings, milestone: str) -> Milestone:
    """The part of the project of an id; GradebookError lists them."""
    for one in settings.project:
        if one.id.casefold() == milestone.strip().casefold():
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
