"""A user's mistake ends a command with one clear message on stderr and exit code 2."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from autograder.settings import Settings

FOUND_PROBLEMS = 1
WRONG_USAGE = 2


def fail(message: object, code: int = WRONG_USAGE) -> NoReturn:
    """Print the message to stderr, as it is, and leave with the code."""
    typer.echo(str(message), err=True)
    raise typer.Exit(code)


def root_and_settings(root: Path | None) -> tuple[Path, Settings]:
    """The course's folder and its settings; a mistake in either ends the command."""
    from autograder.settings import SettingsError, find_root, load_settings

    try:
        if root is not None and not root.is_dir():
            raise SettingsError(f"--root {root}: no such folder")
        place = root.resolve() if root is not None else find_root()
        return place, load_settings(place)
    except SettingsError as error:
        fail(error)
