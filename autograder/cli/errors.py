"""A user's mistake ends a command with one clear message on stderr and exit code 2."""

from __future__ import annotations

from typing import NoReturn

import typer

FOUND_PROBLEMS = 1
WRONG_USAGE = 2


def fail(message: object, code: int = WRONG_USAGE) -> NoReturn:
    """Print the message to stderr, as it is, and leave with the code."""
    typer.echo(str(message), err=True)
    raise typer.Exit(code)
