"""`autograder term`: which secrets belong to this term, new ones within it, and the term put away when it is over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.course import RootOption, root_and_settings
from autograder.cli.database import DatabaseOption, WhoOption, open_book
from autograder.cli.errors import fail

if TYPE_CHECKING:
    from autograder.gradebook.book import Gradebook
    from autograder.settings import Settings

_EPILOG = "Exit codes: 0 done, 2 refused; the message says why."


def register(app: typer.Typer) -> None:
    """Add the group `term` to the command line."""
    group = typer.Typer(
        help="The secrets of a term: which there are, new ones, and the term put away when it is over.",
        no_args_is_help=True,
        epilog="A secret of an earlier year is refused when its assignment opens again. " + _EPILOG,
    )
    group.command("show", epilog=_EPILOG)(show)
    group.command("rotate", epilog=_EPILOG)(rotate)
    group.command("close", epilog=_EPILOG)(close)
    app.add_typer(group, name="term")


def show(db: DatabaseOption = None, root: RootOption = None) -> None:
    """What is secret, and since when. The secrets themselves are not shown."""
    place, settings = root_and_settings(root)
    book = _book_if_there(place, settings, db)
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from autograder.gradebook.errors import GradebookError
    from autograder.term.inventory import inventory

    table = Table("work", "opens", "secret", "since", "", box=None, pad_edge=False)
    try:
        found = inventory(place, settings, book)
    except GradebookError as error:
        fail(error)
    finally:
        if book is not None:
            book.close()
    for each in found:
        note = "[red]of an earlier term[/]" if each.stale else ""
        table.add_row(each.work, each.opens, escape(each.what), each.since, note)
    if found:
        Console().print(table)
    else:
        typer.echo("Nothing secret has been drawn yet. It will be when it is first needed.")


def rotate(
    work: Annotated[str, typer.Argument(metavar="WORK", help='As in course.toml: "a1".')],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, for the record.")],
    who: WhoOption = None,
    db: DatabaseOption = None,
    root: RootOption = None,
) -> None:
    """Draw new hidden numbers for an assignment, when the old ones are no longer secret.

    Nothing is lost: the old seeds go to secrets/earlier/, the gradings made with them stay in the gradebook.
    """
    place, settings = root_and_settings(root)
    from autograder.settings import SettingsError

    try:
        chosen = settings.assignment(work)
    except SettingsError as error:
        fail(error)
    if not why.strip():
        fail("--why: say in a few words why, for the record")
    with open_book(place, settings, db, new=False) as book:
        from autograder.gradebook.change import login_name
        from autograder.gradebook.errors import GradebookError
        from autograder.term.rotate import rotate as draw_anew

        try:
            for sentence in draw_anew(place, book, chosen.id, who or login_name(), why):
                typer.echo(sentence)
        except GradebookError as error:
            fail(error)
        except OSError as error:
            fail(f"{error.filename}: {error.strerror}; the hidden numbers are as they were")


def close(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Where to; a new folder beside the course.")
    ],
    who: WhoOption = None,
    db: DatabaseOption = None,
    root: RootOption = None,
) -> None:
    """Put a term away: move its gradebook and its secrets to a private folder, with the syllabus and a table of grades.

    Afterwards the course is as new: the next roster or grading begins a gradebook, the next release draws its scenes.
    `--db FOLDER/gradebook.db` looks into the old one at any time.
    """
    place, settings = root_and_settings(root)
    book = _book_if_there(place, settings, db)
    from autograder.exchange.errors import ExchangeError
    from autograder.gradebook.change import login_name
    from autograder.gradebook.errors import GradebookError
    from autograder.term.close import close_term
    from autograder.term.error import TermError

    try:
        closed = close_term(place, settings, book, folder, who or login_name())
    except (TermError, GradebookError, ExchangeError) as error:
        fail(error)
    except OSError as error:
        fail(f"{error.filename or folder}: {error.strerror}. The same command goes on from there.")
    finally:
        if book is not None:
            book.close()
    for note in closed.notes:
        typer.echo(f"Note: {note}", err=True)
    typer.echo(
        f"{folder}: {closed.students} students, {closed.submissions} submissions, {closed.secrets} secret files. "
        "Copy it to where you keep records; nobody else may read it."
    )
    if closed.left_on_server:
        typer.echo(
            f"{closed.left_on_server} is as it was, and copied to {folder / 'gradebook.db'}. "
            "Name a new database in course.toml under [gradebook] before the next term."
        )


def _book_if_there(place: Path, settings: Settings, db: str | None) -> Gradebook | None:
    """The gradebook, or None where its file was never made or has been put away; a name after --db must exist."""
    from autograder.gradebook.errors import GradebookError
    from autograder.gradebook.place import find_place

    if db is not None:
        return open_book(place, settings, db, new=False)
    try:
        path = find_place(settings.gradebook.database, place).path
    except GradebookError as error:
        fail(error)
    if path is not None and not path.exists():
        return None
    return open_book(place, settings, db, new=False)
