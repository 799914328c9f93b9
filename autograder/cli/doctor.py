"""`autograder doctor`: what this machine offers, and what is missing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from autograder.cli.errors import FOUND_PROBLEMS, fail

_EPILOG = "Exit codes: 0 this machine can grade, 1 something it needs is missing, 2 wrong usage."

_SIGNS = {True: "[green]ok[/]", False: "[red]missing[/]", None: "[yellow]note[/]"}


def register(app: typer.Typer) -> None:
    """Add the command `doctor`."""
    app.command("doctor", epilog=_EPILOG)(doctor)


def doctor(
    root: Annotated[
        Path | None,
        typer.Option("--root", metavar="DIR", help="The course; by default the nearest one."),
    ] = None,
) -> None:
    """Say what this machine offers for building and grading, and try the sandbox once."""
    if root is not None and not root.is_dir():
        fail(f"--root {root}: no such folder")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from autograder.grading.diagnosis import findings

    table = Table("", "what", "found", box=None, pad_edge=False)
    problems = 0
    with Console(stderr=True).status("looking around"):
        for finding in findings(root):
            table.add_row(_SIGNS[finding.good], finding.what, escape(finding.text))
            problems += finding.good is False
    Console().print(table)
    if problems:
        raise typer.Exit(FOUND_PROBLEMS)
