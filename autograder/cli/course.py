"""Which course a command means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.errors import fail

if TYPE_CHECKING:
    from autograder.settings import Settings

RootOption = Annotated[
    Path | None,
    typer.Option("--root", metavar="DIR", help="The course; by default the nearest course.toml."),
]


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
