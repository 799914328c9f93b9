"""`autograder package gradescope`: the zip that an instructor uploads to Gradescope."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.course import RootOption
from autograder.cli.errors import FOUND_PROBLEMS, fail
from autograder.cli.release import own_course, print_findings

if TYPE_CHECKING:
    from autograder.settings import Assignment, Settings

_EPILOG = "Exit codes: 0 packed, 1 generated files are stale, 2 wrong usage or course.toml."
AssignmentOption = Annotated[
    str, typer.Option("--assignment", "-a", metavar="ID", help='As in course.toml, such as "a1".')
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="The zip; by default build/gradescope/ID.zip."),
]
SeedOption = Annotated[
    int | None,
    typer.Option(
        "--seed", min=0, help="Of the hidden inputs; by default drawn once and kept in secrets/."
    ),
]
WheelhouseOption = Annotated[
    Path | None,
    typer.Option(
        "--wheelhouse",
        metavar="DIR",
        help="Wheels of everything but torch, to install without a package index.",
    ),
]
MinutesOption = Annotated[
    float,
    typer.Option("--minutes", min=3, max=40, help="The assignment's time limit on Gradescope."),
]


def register(app: typer.Typer) -> None:
    """Add the group `package` to the command line."""
    group = typer.Typer(
        help="Pack the grader for other platforms.", no_args_is_help=True, epilog=_EPILOG
    )
    group.callback()(_group)
    group.command("gradescope", epilog=_EPILOG)(gradescope)
    app.add_typer(group, name="package")


def _group() -> None:
    """Keeps `gradescope` a command of its own while the group has no other."""


def gradescope(
    assignment: AssignmentOption,
    out: OutOption = None,
    seed: SeedOption = None,
    wheelhouse: WheelhouseOption = None,
    minutes: MinutesOption = 10,
    root: RootOption = None,
) -> None:
    """Pack the grader of one assignment as Gradescope wants it: setup.sh, run_autograder and all they need.

    The zip holds the answers and the hidden seed: it goes to Gradescope's "Configure Autograder" and nowhere else.
    """
    place, settings = own_course(root)
    chosen = _published(settings, assignment)
    from autograder.gradescope.package import package_gradescope
    from autograder.gradescope.seed import package_seed, seed_path
    from autograder.handouts.files import NoSourceError
    from autograder.release.contents import ReleaseError, ReleaseRefused
    from autograder.term.stale import StaleSecretError, refuse_stale_file, refuse_stale_scenes

    target = out or place / "build" / "gradescope" / f"{chosen.id}.zip"
    try:
        if out is None:
            target.parent.mkdir(parents=True, exist_ok=True)
        refuse_stale_scenes(place, (chosen,))
        if seed is None:
            refuse_stale_file(seed_path(place, chosen.id), chosen)
        drawn = package_seed(place, chosen.id, seed)
        count = package_gradescope(place, settings, chosen, target, drawn, minutes, wheelhouse)
    except ReleaseRefused as refused:
        print_findings(refused.findings)
        fail("nothing was packed", FOUND_PROBLEMS)
    except (ReleaseError, NoSourceError, StaleSecretError) as error:
        fail(error)
    except OSError as error:
        fail(f"{error.filename or target}: {error.strerror}; nothing was packed")
    size = target.stat().st_size / 2**20
    typer.echo(f"{target}: {size:.1f} MB, {count} files, {chosen.title} ({chosen.notebook})")
    if wheelhouse is None:
        typer.echo(
            "Gradescope installs the pinned versions from the package index; see --wheelhouse."
        )
    typer.echo(
        f"On Gradescope choose at least 2 GB of memory and a time limit of {minutes:g} minutes."
    )
    typer.echo("It holds the answers and the hidden seed. Upload it; do not share it.")


def _published(settings: Settings, wanted: str) -> Assignment:
    from autograder.settings import SettingsError

    try:
        chosen = settings.assignment(wanted)
    except SettingsError as error:
        fail(error)
    if chosen.notebook is None:
        fail(f"assignment {wanted!r} has no notebook in course.toml yet; there is nothing to pack")
    return chosen
