"""`autograder gradebook score`, `comment`, `extend`, `override`, `milestone`: what people decide about a student."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.course import RootOption, root_and_settings
from autograder.cli.database import DatabaseOption, WhoOption, open_book
from autograder.cli.errors import fail

if TYPE_CHECKING:
    from autograder.gradebook.desk import Desk

Student = Annotated[
    str, typer.Argument(metavar="STUDENT", help="An id, an e-mail address or a login.")
]
Work = Annotated[str, typer.Argument(metavar="WORK", help='As in course.toml: "a1", "report".')]
Points = Annotated[
    str | None,
    typer.Argument(metavar="POINTS", help="7.5, or 3/4 or 90% of what there is to earn."),
]
Item = Annotated[str, typer.Argument(metavar="ITEM", help='An id or a number: "look_at", "1.5".')]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, for the record.")]
Reason = Annotated[str, typer.Option("--why", metavar="TEXT", help="A reason, for the record.")]
Lift = Annotated[bool, typer.Option("--lift", help="Take the decision back.")]
Beyond = Annotated[bool, typer.Option("--beyond", help="Allow more points than there are to earn.")]


EPILOG = "Exit codes: 0 decided and on the record, 2 refused: wrong usage, or the gradebook cannot be changed."
_NEGATIVE = {"ignore_unknown_options": True}  # "-1" is refused as points, not as an option


def register(group: typer.Typer) -> None:
    """Add the commands to the group `gradebook`."""
    group.command("score", epilog=EPILOG, context_settings=_NEGATIVE)(score)
    group.command("comment", epilog=EPILOG)(comment)
    group.command("extend", epilog=EPILOG)(extend)
    group.command("override", epilog=EPILOG, context_settings=_NEGATIVE)(override)
    group.command("milestone", epilog=EPILOG, context_settings=_NEGATIVE)(milestone)


def score(
    student: Student,
    work: Work,
    item: Item,
    points: Points = None,
    said: Annotated[
        str | None, typer.Option("--comment", metavar="TEXT", help="Tell the student why.")
    ] = None,
    why: Reason = "",
    lift: Lift = False,
    beyond: Beyond = False,
    who: WhoOption = None,
    db: DatabaseOption = None,
    root: RootOption = None,
) -> None:
    """Give points for a written question, or instead of the checks' for an exercise."""
    wanted = one_of(points, lift, "POINTS")

    def decide(desk: Desk) -> list[str]:
        told = [desk.score(student, work, item, wanted, why, beyond=beyond)]
        if said is not None:
            told.append(desk.comment(student, work, said, item))
        return told

    _at_desk(root, db, who, decide)


def comment(
    student: Student,
    work: Work,
    text: Annotated[str, typer.Argument(metavar="TEXT", help='What to tell them; "" for nothing.')],
    item: Annotated[
        str | None,
        typer.Option("--item", metavar="ITEM", help="On this; by default the whole work."),
    ] = None,
    who: WhoOption = None,
    db: DatabaseOption = None,
    root: RootOption = None,
) -> None:
    """Tell a student something; it stands in their report."""
    _at_desk(root, db, who, lambda desk: [desk.comment(student, work, text, item)])


def extend(
    student: Student,
    work: Work,
    why: Why,
    until: Annotated[
        str | None,
        typer.Argument(
            metavar="UNTIL", help="2026-09-30, 2026-09-30T18:00, or +2d after the deadline."
        ),
    ] = None,
    lift: Lift = False,
    who: WhoOption = None,
    db: DatabaseOption = None,
    root: RootOption = None,
) -> None:
    """Give a student a later deadline. Late days are counted from there."""
    wanted = one_of(until, lift, "UNTIL")
    _at_desk(root, db, who, lambda desk: [desk.extend(student, work, wanted, why)])


def override(
    student: Student,
    work: Work,
    why: Why,
    points: Points = None,
    lift: Lift = False,
    beyond: Beyond = False,
    who: WhoOption = None,
    db: DatabaseOption = None,
    root: RootOption = None,
) -> None:
    """Set what a work counts, whatever was handed in and when."""
    wanted = one_of(points, lift, "POINTS")
    _at_desk(root, db, who, lambda desk: [desk.override(student, work, wanted, why, beyond=beyond)])


def milestone(
    student: Student,
    milestone: Annotated[str, typer.Argument(metavar="MILESTONE", help='"proposal", "report" …')],
    points: Annotated[
        str | None,
        typer.Argument(metavar="POINTS", help="Out of 100; 4.5/5 and 90% mean the same."),
    ] = None,
    when: Annotated[
        str | None,
        typer.Option("--received", metavar="WHEN", help="When it was handed in, if that matters."),
    ] = None,
    why: Reason = "",
    lift: Lift = False,
    who: WhoOption = None,
    db: DatabaseOption = None,
    root: RootOption = None,
) -> None:
    """Grade a part of the project."""
    wanted = one_of(points, lift, "POINTS")
    _at_desk(root, db, who, lambda desk: [desk.milestone(student, milestone, wanted, when, why)])


def one_of(value: str | None, lift: bool, name: str) -> str | None:
    """The value, or None to take a decision back; exactly one of both is wanted."""
    if lift and value is not None:
        fail(f"{name} or --lift, not both")
    if not lift and value is None:
        fail(f"{name} is missing (or --lift, to take the decision back)")
    return value


def _at_desk(
    root: Path | None, db: str | None, who: str | None, decide: Callable[[Desk], list[str]]
) -> None:
    place, settings = root_and_settings(root)
    book = open_book(place, settings, db, new=False)
    from autograder.gradebook.change import login_name
    from autograder.gradebook.desk import Desk
    from autograder.gradebook.errors import GradebookError

    with book:
        try:
            for line in decide(Desk(book, settings, who if who is not None else login_name())):
                typer.echo(line)
        except GradebookError as error:
            fail(error)
