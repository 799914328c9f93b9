"""`autograder gradebook received`, `assign`, `withdraw`: what people decide about a submission."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.course import RootOption, root_and_settings
from autograder.cli.database import DatabaseOption, WhoOption, open_book
from autograder.cli.errors import fail
from autograder.cli.gradebook_decisions import EPILOG, Lift, Student, Why, one_of

if TYPE_CHECKING:
    from autograder.gradebook.reception import Reception

Number = Annotated[
    int, typer.Argument(metavar="SUBMISSION", help="Its number, as `show STUDENT` lists it.")
]


def register(group: typer.Typer) -> None:
    """Add the commands to the group `gradebook`."""
    group.command("received", epilog=EPILOG)(received)
    group.command("assign", epilog=EPILOG)(assign)
    group.command("withdraw", epilog=EPILOG)(withdraw)


def received(
    submission: Number,
    why: Why,
    when: Annotated[
        str | None, typer.Argument(metavar="WHEN", help="2026-09-25T23:40, on the course's clocks.")
    ] = None,
    lift: Lift = False,
    who: WhoOption = None,
    db: DatabaseOption = None,
    root: RootOption = None,
) -> None:
    """Say when a submission was really handed in."""
    wanted = one_of(when, lift, "WHEN")
    _at_reception(root, db, who, lambda desk: desk.correct_time(submission, wanted, why))


def assign(
    submission: Number,
    student: Student,
    why: Why,
    who: WhoOption = None,
    db: DatabaseOption = None,
    root: RootOption = None,
) -> None:
    """Say whose a submission is; it stays theirs when the same folder is graded again."""
    _at_reception(root, db, who, lambda desk: desk.assign(submission, student, why))


def withdraw(
    submission: Number,
    why: Why,
    lift: Lift = False,
    who: WhoOption = None,
    db: DatabaseOption = None,
    root: RootOption = None,
) -> None:
    """Let a submission never count, such as a test upload; it is kept all the same."""
    _at_reception(root, db, who, lambda desk: desk.withdraw(submission, why, lift=lift))


def _at_reception(
    root: Path | None, db: str | None, who: str | None, decide: Callable[[Reception], str]
) -> None:
    place, settings = root_and_settings(root)
    book = open_book(place, settings, db, new=False)
    from autograder.gradebook.change import login_name
    from autograder.gradebook.errors import GradebookError
    from autograder.gradebook.reception import Reception

    with book:
        try:
            typer.echo(decide(Reception(book, settings, who if who is not None else login_name())))
        except GradebookError as error:
            fail(error)
