"""`autograder verify` and `autograder release`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.course import RootOption, root_and_settings
from autograder.cli.errors import FOUND_PROBLEMS, fail

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from autograder.handouts.check import Finding
    from autograder.release.outcome import Outcome
    from autograder.release.verify import Wanted
    from autograder.settings import Settings

_VERIFY_EPILOG = "Exit codes: 0 fit for release, 1 findings, 2 wrong usage or course.toml."
_RELEASE_EPILOG = (
    "Exit codes: 0 released, 1 the course is not fit for release, 2 wrong usage or course.toml. "
    "SOURCE_DATE_EPOCH dates the files."
)
NotebookOption = Annotated[
    str | None,
    typer.Option("--notebook", metavar="NAME", help='Only this one, such as "01_camera_geometry".'),
]
SeedsOption = Annotated[
    int, typer.Option("--seeds", min=1, max=1000, help="How many sets of hidden numbers to try.")
]
JobsOption = Annotated[
    int | None,
    typer.Option("--jobs", "-j", min=1, metavar="N", help="Processes; by default one per core."),
]
JsonOption = Annotated[
    Path | None, typer.Option("--json", metavar="FILE", help="Also write everything found there.")
]
StageOption = Annotated[
    int, typer.Option("--stage", min=1, metavar="N", help="Open notebooks 1 to N to students.")
]
OutOption = Annotated[
    Path | None,
    typer.Option("--out", metavar="DIR", help="Where to; by default build/release/stage-N."),
]


def register(app: typer.Typer) -> None:
    """Add the commands `verify` and `release`."""
    app.command("verify", epilog=_VERIFY_EPILOG)(verify)
    app.command("release", epilog=_RELEASE_EPILOG)(release)


def verify(
    notebook: NotebookOption = None,
    seeds: SeedsOption = 2,
    jobs: JobsOption = None,
    json_file: JsonOption = None,
    root: RootOption = None,
) -> None:
    """Is the course fit for release? Run every answer through its checks, and look for leaks.

    Solutions earn everything, handouts nothing, every wrong answer of the answer bank is caught and every other
    right one accepted, on public and hidden numbers alike; no release shows an answer.
    """
    place, settings = own_course(root)
    from autograder.grading.limits import limits_of
    from autograder.handouts.files import NoSourceError
    from autograder.release.outcome import count_findings
    from autograder.release.verify import Wanted, hidden_seeds

    if json_file is not None and not json_file.absolute().parent.is_dir():
        fail(f"--json {json_file}: there is no folder {json_file.absolute().parent}; make it first")
    limits = limits_of(settings.grading)
    workers = jobs or os.cpu_count() or 1
    wanted = Wanted(place, settings, limits, hidden_seeds(seeds), workers, notebook)
    try:
        outcomes = _perform(wanted)
    except NoSourceError as error:
        fail(error)
    _print_table(outcomes)
    if json_file is not None:
        _write_json(json_file, outcomes, wanted.seeds)
    count = count_findings(outcomes)
    if count:
        print_findings(finding for outcome in outcomes for finding in outcome.findings)
        fail(f"{count} {'finding' if count == 1 else 'findings'}", FOUND_PROBLEMS)
    typer.echo("The course is fit for release.")


def release(stage: StageOption, out: OutOption = None, root: RootOption = None) -> None:
    """Build the folder and the wheel that students get: notebooks 1 to N, answers of those before N.

    Refuses to publish stale files or a line of an answer. Two builds are the same to the byte.
    """
    place, settings = own_course(root)
    from rich.console import Console

    from autograder.handouts.files import NoSourceError
    from autograder.release.contents import ReleaseError, ReleaseRefused, early_answers
    from autograder.release.publish import release as publish
    from autograder.source import InvalidSourceError

    target = out or place / "build" / "release" / f"stage-{stage}"
    _refuse_old_scenes(place, settings)
    try:
        with Console(stderr=True).status("releasing") as status:
            built = publish(place, settings, stage, target, status.update)
    except (ReleaseError, NoSourceError) as error:
        fail(error)
    except InvalidSourceError as error:
        fail(error, FOUND_PROBLEMS)
    except ReleaseRefused as refused:
        print_findings(refused.findings)
        count = len(refused.findings)
        fail(
            f"{count} {'finding' if count == 1 else 'findings'}; nothing was released",
            FOUND_PROBLEMS,
        )
    except OSError as error:
        fail(f"{error.filename or target}: {error.strerror}; nothing was released")
    for sentence in early_answers(settings, built.contents):
        typer.echo(f"note: {sentence}", err=True)
    for path in built.private:
        typer.echo(
            f"note: {path} holds the hidden views of this release. Keep a copy beside the gradebook's: "
            "without it nothing handed in for this release can be graded",
            err=True,
        )
    typer.echo(
        f"{built.folder}: {built.files} files, notebooks {', '.join(built.contents.notebooks)}"
    )
    solved = ", ".join(built.contents.closed) or "none"
    typer.echo(f"{built.wheel}: answers published: {solved}")


def _refuse_old_scenes(place: Path, settings: Settings) -> None:
    from autograder.term.stale import StaleSecretError, refuse_stale_scenes

    try:
        refuse_stale_scenes(place, settings.assignments)
    except StaleSecretError as error:
        fail(error)


def own_course(root: Path | None) -> tuple[Path, Settings]:
    """The course; if its own autograder is not the one running, that one does the work."""
    place, settings = root_and_settings(root)
    from autograder.release.own_code import rerun_by_own_code

    code = rerun_by_own_code(place)
    if code is not None:
        raise typer.Exit(code)
    return place, settings


def _perform(wanted: Wanted) -> list[Outcome]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from autograder.release.verify import perform, steps

    outcomes: list[Outcome] = []
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as progress:
        for step in steps(wanted):
            bar = progress.add_task(step.title, total=None)

            def advance(done: int, total: int, bar: object = bar) -> None:
                progress.update(bar, completed=done, total=total)  # type: ignore[arg-type]

            outcomes += perform(step, advance)
            task = progress.tasks[bar]
            progress.update(bar, completed=task.total or 1, total=task.total or 1)
    return outcomes


def _print_table(outcomes: Sequence[Outcome]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("", "notebook", "property", "examined", box=None, pad_edge=False)
    for outcome in outcomes:
        count = len(outcome.findings)
        sign = f"[red]{count} to mend[/]" if count else "[green]ok[/]"
        table.add_row(sign, outcome.notebook, outcome.property, escape(outcome.examined))
    Console().print(table)


def print_findings(findings: Iterable[Finding]) -> None:
    """Where, what, and how to mend it, a finding after the other on stderr."""
    for finding in findings:
        typer.echo(f"{finding.place}: {finding.message}", err=True)
        for line in finding.details:
            typer.echo(f"    {line}", err=True)
        if finding.mend:
            typer.echo(f"  to mend it: {finding.mend}", err=True)


def _write_json(path: Path, outcomes: Sequence[Outcome], seeds: Sequence[int]) -> None:
    import json

    from autograder.handouts.files import write_if_changed
    from autograder.release.outcome import to_report

    text = json.dumps(to_report(outcomes, seeds), indent=1, ensure_ascii=False) + "\n"
    try:
        write_if_changed(path, text)
    except OSError as error:
        fail(f"--json {path}: {error.strerror}")
