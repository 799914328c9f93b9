"""`autograder gradebook`: look at the grades, decide about them, and keep the database well."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli import gradebook_decisions, gradebook_submissions
from autograder.cli.course import RootOption, root_and_settings
from autograder.cli.database import DatabaseOption, open_book
from autograder.cli.errors import FOUND_PROBLEMS, fail

_READ = "Exit codes: 0 shown, 2 wrong usage, or the gradebook cannot be read."
StudentOption = Annotated[
    str | None, typer.Argument(metavar="STUDENT", help="One student; by default all.")
]


def register(app: typer.Typer) -> None:
    """Add the group `gradebook` to the command line."""
    group = typer.Typer(
        help="Look at grades, decide about them, and keep the database well.",
        no_args_is_help=True,
        epilog="Every change is kept with who, when and why: `autograder gradebook audit`. "
        "Exit codes: 0 done, 1 `check` found something, 2 refused.",
    )
    group.command("show", epilog=_READ)(show)
    gradebook_decisions.register(group)
    gradebook_submissions.register(group)
    group.command("audit", epilog=_READ)(audit)
    group.command("check", epilog="Exit codes: 0 all well, 1 findings, 2 it cannot be read.")(check)
    group.command("backup", epilog="Exit codes: 0 copied, 2 it cannot be copied.")(backup)
    group.command("copy", epilog="Exit codes: 0 copied, 2 it cannot be copied.")(copy)
    app.add_typer(group, name="gradebook")


def show(student: StudentOption = None, db: DatabaseOption = None, root: RootOption = None) -> None:
    """The class at a glance, or all about one student: submissions, scores, decisions, comments."""
    place, settings = root_and_settings(root)
    book = open_book(place, settings, db, new=False)
    from autograder.cli.gradebook_tables import print_class, print_student
    from autograder.gradebook.errors import GradebookError

    with book:
        try:
            if student is None:
                print_class(book, settings)
            else:
                print_student(book, settings, student)
        except GradebookError as error:
            fail(error)


def audit(
    student: StudentOption = None,
    decisions: Annotated[
        bool, typer.Option("--decisions", help="Only what people decided: no grading, no roster.")
    ] = False,
    db: DatabaseOption = None,
    root: RootOption = None,
) -> None:
    """Who changed what, and when."""
    place, settings = root_and_settings(root)
    book = open_book(place, settings, db, new=False)
    from autograder.cli.gradebook_tables import print_audit
    from autograder.gradebook.errors import GradebookError

    with book:
        try:
            print_audit(book, student, decisions)
        except GradebookError as error:
            fail(error)


def check(db: DatabaseOption = None, root: RootOption = None) -> None:
    """Is the database whole, and does all in it agree?"""
    place, settings = root_and_settings(root)
    book = open_book(place, settings, db, new=False)
    from autograder.gradebook.errors import GradebookError
    from autograder.gradebook.health import findings, summary

    count = 0
    with book:
        try:
            for finding in findings(book, settings):
                count += 1
                typer.echo(finding, err=True)
            if count:
                fail(
                    f"{book.place}: {count} {'finding' if count == 1 else 'findings'}",
                    FOUND_PROBLEMS,
                )
            typer.echo(summary(book))
        except GradebookError as error:
            fail(error)


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The copy to make.")],
    db: DatabaseOption = None,
    root: RootOption = None,
) -> None:
    """Copy the whole gradebook to a file, also while others are grading."""
    place, settings = root_and_settings(root)
    book = open_book(place, settings, db, new=False)
    from autograder.gradebook.backup import back_up
    from autograder.gradebook.errors import GradebookError

    with book:
        try:
            back_up(book.place, file)
        except GradebookError as error:
            fail(error)
    typer.echo(
        f"{file}: a copy of {book.place}. To go back to it, name it with --db or copy it there."
    )


def copy(
    to: Annotated[
        str,
        typer.Argument(
            metavar="URL", help="An empty database: postgresql+psycopg://…, or a new file."
        ),
    ],
    db: DatabaseOption = None,
    root: RootOption = None,
) -> None:
    """Copy every row into an empty gradebook elsewhere: from a file to a PostgreSQL server, or back.

    The old one stays as it is. Name the new one in course.toml, and from then on that one is used.
    """
    place, settings = root_and_settings(root)
    book = open_book(place, settings, db, new=False)
    from autograder.gradebook.errors import GradebookError
    from autograder.gradebook.transfer import copy_book

    with book, open_book(place, settings, to) as target:
        try:
            counts = copy_book(book, target)
        except GradebookError as error:
            fail(error)
        typer.echo(
            f"{target.place}: {sum(counts.values())} rows of {len(counts)} tables, each compared with {book.place}. "
            "To use it, name it in course.toml under [gradebook]."
        )
