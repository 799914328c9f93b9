"""One person under several names: whose accounts are the same, and work that comes home to the enrolled student."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from autograder.gradebook import models
from autograder.gradebook.change import Change
from autograder.gradebook.moving import move, move_decisions, twin_of, withdraw
from autograder.grading.entry import Accounts

_KINDS = ("canvas_id", "sis_user_id", "sis_login_id", "email")
_NAMES = ("sis_user_id", "sis_login_id", "email")  # that people write where an id is asked for


def account_keys(person: Accounts) -> set[str]:
    """What a platform says of somebody, each with its kind, in one case."""
    values = {kind: str(getattr(person, kind)).strip().casefold() for kind in _KINDS}
    return {f"{kind}:{value}" for kind, value in values.items() if value}


def names(person: Accounts, student: str) -> set[str]:
    """Everything that somebody may be called where an id is asked for, in one case."""
    values = {student, *(str(getattr(person, kind)) for kind in _NAMES)}
    return {value.strip().casefold() for value in values} - {""}


def same_person(
    person: Accounts, student: str, among: Iterable[models.Student]
) -> list[models.Student]:
    """Those who have an account of this person, or whose id names one; or whom this id names."""
    keys, called = account_keys(person), names(person, student)
    mine = student.strip().casefold()
    return [
        row
        for row in among
        if keys & account_keys(row)
        or mine in names(row, row.student)
        or row.student.casefold() in called
    ]


def bring_home(change: Change, students: Sequence[models.Student]) -> list[str]:
    """Move what strangers handed in to the enrolled students whose accounts they used; a sentence for each."""
    enrolled = [row for row in students if row.enrolled]
    told = []
    for stranger in students:
        if stranger.enrolled:
            continue
        # A platform's word on the account beats what somebody wrote as their id.
        called = stranger.student.casefold()
        owners = [row for row in enrolled if account_keys(row) & account_keys(stranger)] or [
            row
            for row in enrolled
            if called in names(row, row.student)
            and not (stranger.canvas_id and row.canvas_id)  # two accounts: not theirs
        ]
        if len(owners) == 1 and (moved := _move_all(change, stranger, owners[0])):
            told.append(moved)
    return told


def _move_all(change: Change, stranger: models.Student, home: models.Student) -> str:
    query = (
        select(models.Submission)
        .where(models.Submission.student_id == stranger.id)
        .order_by(models.Submission.id)
    )
    decisions = move_decisions(change, stranger, home)
    why = f"the account of {stranger.student} is that of {home.student} on the roster"
    count = 0
    for row in change.session.scalars(query.with_for_update()).all():
        twin = twin_of(change.session, row, home)
        if twin is None:
            move(change, row, home, why)
            count += 1
        elif withdraw(change, row, True, f"the same as submission {twin.id} of {home.student}"):
            count += 1
    if not count and not decisions:
        return ""
    numbers = ((count, "submission"), (decisions, "decision"))
    parts = " and ".join(f"{n} {word}{'' if n == 1 else 's'}" for n, word in numbers if n)
    change.student = home.student
    change.also("roster", parts, stranger.student, home.student)
    change.session.flush()
    belong = "belongs" if count + decisions == 1 else "belong"
    return f"{parts} of {stranger.student} now {belong} to {home.student}"
