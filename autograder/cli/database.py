"""The option `--db` and the opening of the gradebook, shared by all commands that keep or read grades."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.errors import fail

if TYPE_CHECKING:
    from autograder.gradebook.book import Gradebook
    from autograder.settings import Settings

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--db",
        metavar="URL",
        envvar="AUTOGRADER_DB",
        help="The gradebook: a file, sqlite:///FILE or postgresql+psycopg://…; by default as in course.toml.",
    ),
]
WhoOption = Annotated[
    str | None,
    typer.Option("--who", metavar="NAME", help="Who does this; by default the login name."),
]


def open_book(root: Path, settings: Settings, db: str | None, *, new: bool = True) -> Gradebook:
    """The gradebook that `--db` names, else the one of course.toml; what is wrong with it ends the command.

    A relative file after `--db` is looked for here, one in course.toml beside course.toml. Where there is none
    it is made, unless not `new`: who looks for grades has mistyped the name.
    """
    try:
        from autograder.gradebook.book import Gradebook
        from autograder.gradebook.errors import GradebookError
        from autograder.gradebook.place import find_place
    except ModuleNotFoundError as error:
        fail(
            f"The gradebook needs {error.name}, which is not installed. "
            "Install it with: pip install 'inverse-graphics-course[grading]'"
        )
    try:
        asked = (db, Path.cwd()) if db is not None else (settings.gradebook.database, root)
        place = find_place(*asked)
        if not new and place.path is not None and not place.path.exists():
            fail(
                f"{place}: there is no gradebook yet. `autograder grade` makes it, and so does "
                "`autograder roster`; or name another with --db."
            )
        book = Gradebook.open(*asked)
    except GradebookError as error:
        fail(error)
    if book.upgraded_from is not None:
        typer.echo(
            f"{book.place}: upgraded to this version's tables; as it was before: {book.upgraded_from}",
            err=True,
        )
    return book
