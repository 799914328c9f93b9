"""The root of the command line: its options, its exit codes, and how errors reach a person."""

from __future__ import annotations

from typing import Annotated

import typer

from autograder.cli import (
    doctor,
    exchange,
    grade,
    gradebook,
    handouts,
    package,
    release,
    serve,
    similarity,
    term,
)

app = typer.Typer(
    name="autograder",
    help="Build handouts from their sources, grade submissions safely, write the reports.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # a bug shows Python's own traceback, a user error shows none
    epilog="Exit codes: 0 all well, 1 the command found problems, 2 wrong usage or configuration.",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        from autograder import __version__

        typer.echo(f"autograder {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and stop."
        ),
    ] = False,
) -> None:
    pass


handouts.register(app)
grade.register(app)
doctor.register(app)
exchange.register(app)
gradebook.register(app)
package.register(app)
release.register(app)
serve.register(app)
similarity.register(app)
term.register(app)
