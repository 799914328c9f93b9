"""`autograder serve`: the review page for teaching assistants, on this machine only."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.course import RootOption, root_and_settings
from autograder.cli.database import DatabaseOption, WhoOption, open_book
from autograder.cli.errors import fail

_EPILOG = (
    "Exit codes: 0 stopped by Ctrl-C, 2 wrong usage, or it cannot start. From another machine: "
    "ssh -L 8765:127.0.0.1:8765 HOST, then open the link there."
)
FoldersArgument = Annotated[
    list[Path] | None,
    typer.Argument(
        metavar="[FOLDER]…",
        help="What was graded, for code and outputs: class folders, or downloads of Canvas or Gradescope.",
    ),
]
PortOption = Annotated[
    int, typer.Option("--port", min=0, max=65535, metavar="N", help="0 takes any free one.")
]
AnonymousOption = Annotated[
    bool, typer.Option("--anonymous", help="Hide names everywhere; no page can show them.")
]


def register(app: typer.Typer) -> None:
    """Add the command `serve`."""
    app.command("serve", epilog=_EPILOG)(serve)


def serve(
    folders: FoldersArgument = None,
    port: PortOption = 8765,
    anonymous: AnonymousOption = False,
    who: WhoOption = None,
    db: DatabaseOption = None,
    root: RootOption = None,
) -> None:
    """Review submissions in the browser: read code, outputs and answers, give points, comment.

    The page answers on this machine only, and only to the link that is printed. Every decision goes to the
    gradebook with your name.
    """
    place, settings = root_and_settings(root)
    for folder in folders or ():
        if not folder.exists():
            fail(f"{folder}: no such folder. Name the folder that `autograder grade` was given.")
    try:
        from autograder.review.server import PortError
        from autograder.review.server import serve as serve_pages
    except ModuleNotFoundError as error:
        fail(
            f"The review page needs {error.name}, which is not installed. "
            "Install it with: pip install 'inverse-graphics-course[grading,web]'"
        )
    book = open_book(place, settings, db, new=False)
    from autograder.gradebook.change import login_name
    from autograder.gradebook.errors import GradebookError
    from autograder.gradebook.everybody import everybody
    from autograder.grading.entry import LayoutError, known_ids
    from autograder.review.classroom import Classroom
    from autograder.review.files import ClassFiles

    name = (who if who is not None else login_name()).strip()
    if not name:
        fail("who decides? Give a name with --who")

    def ready(link: str) -> None:
        typer.echo(
            f"The review page, for {name}: open this link (it works until Ctrl-C)\n\n  {link}\n"
        )
        if not folders:
            typer.echo(
                "No folder was named: marks and answers are shown, code and outputs are not."
            )

    with book:
        try:
            files = ClassFiles(folders or [], known_ids(everybody(book)))
            try:
                serve_pages(
                    Classroom(book, settings, place, name, files),
                    port,
                    anonymous=anonymous,
                    ready=ready,
                )
            except KeyboardInterrupt:
                typer.echo("\nStopped. Everything that was saved is in the gradebook.")
            finally:
                files.close()
        except (GradebookError, LayoutError, PortError) as error:
            fail(error)
