"""`autograder handouts build` and `autograder handouts check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.course import RootOption, root_and_settings
from autograder.cli.errors import FOUND_PROBLEMS, fail

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autograder.handouts.check import Finding
    from autograder.settings import Settings

NotebookOption = Annotated[
    str | None,
    typer.Option("--notebook", metavar="NAME", help='Only this one, such as "01_camera_geometry".'),
]
ExecuteOption = Annotated[
    bool,
    typer.Option(
        "--execute", help="Also run each handout and its solution from top to bottom (minutes)."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the group `handouts` to the command line."""
    group = typer.Typer(
        help="Make notebooks, solved modules, exercise lists and references from solutions/.",
        no_args_is_help=True,
    )
    group.command(
        "build",
        epilog="Exit codes: 0 built, 1 a source has mistakes, 2 wrong usage or course.toml.",
    )(build)
    group.command(
        "check", epilog="Exit codes: 0 nothing to mend, 1 findings, 2 wrong usage or course.toml."
    )(check)
    app.add_typer(group, name="handouts")


def build(notebook: NotebookOption = None, root: RootOption = None) -> None:
    """Generate all files from the sources; files that are right already are left untouched."""
    place, settings = root_and_settings(root)
    from autograder.handouts.build import build as build_all
    from autograder.handouts.files import NoSourceError
    from autograder.source import InvalidSourceError

    try:
        for step in build_all(place, settings.release, notebook):
            note = f" ({step.note})" if step.note else ""
            typer.echo(f"{step.outcome:>9}  {step.path}{note}")
    except NoSourceError as error:
        fail(error)
    except InvalidSourceError as error:
        fail(error, FOUND_PROBLEMS)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}; mend that, then build again")


def check(
    notebook: NotebookOption = None, execute: ExecuteOption = False, root: RootOption = None
) -> None:
    """Tell what no longer agrees with its source, what leaks an answer, and how to mend it."""
    place, settings = root_and_settings(root)
    from autograder.handouts.check import check as check_all
    from autograder.handouts.files import NoSourceError

    try:
        count = _print_findings(check_all(place, settings.release, notebook))
    except NoSourceError as error:
        fail(error)
    if count and execute:
        typer.echo("The notebooks were not run; mend these first.", err=True)
    elif execute:
        count = _run_notebooks(place, settings, notebook)
    if count:
        fail(f"{count} {'finding' if count == 1 else 'findings'}", FOUND_PROBLEMS)
    typer.echo("All generated files agree with their sources.")


def _run_notebooks(root: Path, settings: Settings, notebook: str | None) -> int:
    from autograder.handouts.build import read_sources
    from autograder.handouts.execute import check_by_running
    from autograder.handouts.files import source_paths

    count = 0
    for source in read_sources(source_paths(root, notebook)):
        typer.echo(f"running {source.name} as a handout and with its answers …", err=True)
        count += _print_findings(check_by_running(root, source, settings.release))
    return count


def _print_findings(findings: Iterable[Finding]) -> int:
    """Print each finding to stderr as it comes; how many there were."""
    count = 0
    for finding in findings:
        count += 1
        typer.echo(f"{finding.place}: {finding.message}", err=True)
        for line in finding.details:
            typer.echo(f"    {line}", err=True)
        if finding.mend:
            typer.echo(f"  to mend it: {finding.mend}", err=True)
    return count
