"""`autograder grade`: a class folder in, results, gradebook and report out."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.errors import FOUND_PROBLEMS, fail, root_and_settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograder.grading.batch import Job
    from autograder.grading.record import SubmissionResult
    from autograder.grading.store import ResultStore
    from autograder.grading.submission import Submission
    from autograder.sandbox.policy import Limits
    from autograder.settings import Assignment, GradingLimits, Settings

_EPILOG = (
    "Exit codes: 0 every submission has its report (also those that cannot be graded), "
    "1 the grader itself failed on some, 2 wrong usage or configuration."
)
FolderArgument = Annotated[
    Path, typer.Argument(metavar="FOLDER", help="Zips, notebooks, or a folder per student.")
]
AssignmentOption = Annotated[
    str | None,
    typer.Option("--assignment", "-a", metavar="ID", help='As in course.toml, such as "a1".'),
]
JobsOption = Annotated[
    int | None,
    typer.Option("--jobs", "-j", min=1, metavar="N", help="Processes; by default one per core."),
]
OutOption = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the report goes.")]
SeedOption = Annotated[
    int | None,
    typer.Option("--seed", help="Of the hidden inputs; by default drawn once per report folder."),
]
FreshOption = Annotated[bool, typer.Option("--fresh", help="Grade again what is graded already.")]
RootOption = Annotated[
    Path | None,
    typer.Option("--root", metavar="DIR", help="The course; by default the nearest course.toml."),
]


def register(app: typer.Typer) -> None:
    """Add the command `grade`."""
    app.command("grade", epilog=_EPILOG)(grade)


def grade(
    folder: FolderArgument,
    assignment: AssignmentOption = None,
    jobs: JobsOption = None,
    out: OutOption = Path("build/report"),
    seed: SeedOption = None,
    fresh: FreshOption = False,
    root: RootOption = None,
) -> None:
    """Grade a class of submissions and write their reports.

    Interrupt it at any moment: finished results are kept, and the next run goes on from there.
    """
    place, settings = root_and_settings(root)
    if folder.is_file():
        fail(f"{folder} is a file. Name the folder that holds the submissions: {folder.parent}")
    if not folder.is_dir():
        fail(f"{folder}: no such folder. Name the folder that holds the submissions.")
    chosen = _choose(settings, assignment)
    notebook = chosen.notebook
    assert notebook is not None
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported anywhere

    from autograder.catalogue import load_catalogue
    from autograder.grading.batch import Job
    from autograder.grading.store import ResultStore as Store

    try:
        catalogue = load_catalogue(notebook)
        out.mkdir(parents=True, exist_ok=True)
        store = Store(out, fresh)
    except FileExistsError:
        fail(f"--out {out} is a file. Name a folder for the report; it is made if it is not there.")
    except OSError as error:
        fail(error)
    limits = _limits(settings.grading)
    job = Job(place, notebook, store.seed(seed), limits, hidden=(folder.resolve(), out.resolve()))
    if not job.source.is_file():
        fail(f"{job.source} is not here: grading needs the course's own repository, not a release.")
    _require_tier(settings.grading.minimum_tier)
    submissions = _read(folder, notebook, job)
    results = _grade(job, submissions, store, jobs or _cores())
    store.forget_others({r.student for r in results})
    from autograder.report.write import write_report

    index = write_report(out, catalogue, results, settings.course.title, chosen.title)
    from autograder.report.terminal import print_summary

    print_summary(results, index)
    if any(result.outcome == "grader error" for result in results):
        raise typer.Exit(FOUND_PROBLEMS)


def _choose(settings: Settings, wanted: str | None) -> Assignment:
    """The assignment asked for, or the only one that is published."""
    from autograder.settings import SettingsError

    published = [a for a in settings.assignments if a.notebook is not None]
    if wanted is None and len(published) == 1:
        return published[0]
    if wanted is None:
        known = ", ".join(a.id for a in published) or "none"
        fail(f"--assignment is needed: course.toml publishes {known}")
    try:
        chosen = settings.assignment(wanted)
    except SettingsError as error:
        fail(error)
    if chosen.notebook is None:
        fail(f"assignment {wanted!r} has no notebook in course.toml yet; there is nothing to grade")
    return chosen


def _limits(grading: GradingLimits) -> Limits:
    from autograder.sandbox.policy import Limits

    return Limits(
        call_seconds=grading.call_seconds,
        load_seconds=min(20.0, grading.exercise_seconds),
        exercise_seconds=grading.exercise_seconds,
        submission_seconds=grading.submission_seconds,
        memory_mb=grading.memory_mb,
    )


def _require_tier(minimum: str | None) -> None:
    if minimum is None:
        return
    from autograder.sandbox.policy import Tier
    from autograder.sandbox.probe import probe_here

    tier = probe_here().tier
    if not tier.at_least(Tier(minimum)):
        fail(
            f"course.toml asks for a sandbox of tier {minimum}, this machine offers tier {tier} "
            f"({tier.meaning}). `autograder doctor` says what is missing."
        )


def _read(folder: Path, notebook: str, job: Job) -> list[Submission]:
    from autograder.grading.intake import Intake

    limits = job.limits
    found = Intake(folder, notebook, limits.notebook_mb, limits.source_mb).submissions()
    if not found:
        fail(f"{folder} holds no submissions (zips, notebooks, or a folder per student)")
    return found


def _grade(
    job: Job, submissions: Sequence[Submission], store: ResultStore, workers: int
) -> list[SubmissionResult]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from autograder.grading.batch import grade_all

    columns = (TextColumn("grading"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(
        *columns, TextColumn("{task.description}", markup=False), console=Console(stderr=True)
    ) as progress:
        bar = progress.add_task("warming up", total=len(submissions))

        def show(result: SubmissionResult) -> None:
            progress.update(bar, advance=1, description=result.student)

        results = grade_all(job, submissions, store, workers, show)
        progress.update(bar, description="")
    return results


def _cores() -> int:
    """The processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        return os.cpu_count() or 1
