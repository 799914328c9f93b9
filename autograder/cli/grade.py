"""`autograder grade`: a class folder in, gradebook and report out. The command's options and their errors."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autograder.cli.course import RootOption, root_and_settings
from autograder.cli.database import DatabaseOption, open_book
from autograder.cli.errors import FOUND_PROBLEMS, fail
from autograder.cli.grade_class import Request, RequestError, Stopped, grade_class
from autograder.cli.published import published_assignment

if TYPE_CHECKING:
    from autograder.grading.early import Started

INTERRUPTED = 130  # as shells count a Ctrl-C
_EPILOG = (
    "Exit codes: 0 every submission has its report (also those that cannot be graded), "
    "1 the grader itself failed on some, "
    "2 wrong usage or configuration, 130 stopped by Ctrl-C."
)
FolderArgument = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER",
        help="What was handed in: zips, notebooks or a folder per student; or a download from Canvas or Gradescope.",
    ),
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
    typer.Option(
        "--seed", help="Of the hidden inputs; by default drawn once and kept in the gradebook."
    ),
]
ClusterOption = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        metavar="ADDRESS",
        help="Grade on a Dask cluster: the scheduler's tcp://HOST:PORT.",
    ),
]
FreshOption = Annotated[bool, typer.Option("--fresh", help="Grade again what is graded already.")]


def register(app: typer.Typer) -> None:
    """Add the command `grade`."""
    app.command("grade", epilog=_EPILOG)(grade)


def grade(
    folder: FolderArgument,
    assignment: AssignmentOption = None,
    jobs: JobsOption = None,
    out: OutOption = Path("build/report"),
    db: DatabaseOption = None,
    cluster: ClusterOption = None,
    seed: SeedOption = None,
    fresh: FreshOption = False,
    root: RootOption = None,
) -> None:
    """Grade a class of submissions, keep the results in the gradebook and write their reports.

    Interrupt it at any moment: finished results are kept, and the next run goes on from there. Several graders
    may work on one class with one gradebook; they share the work.
    """
    place, settings = root_and_settings(root)
    if not folder.exists():
        fail(f"{folder}: no such folder. Name the folder that holds the submissions.")
    chosen, notebook = published_assignment(settings, assignment)
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch is imported anywhere
    try:
        out.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        fail(f"--out {out} is a file. Name a folder for the report; it is made if it is not there.")
    except OSError as error:
        fail(f"--out {out}: {error.strerror}. Name a folder that can be written.")
    if not (place / "solutions" / f"{notebook}.py").is_file():
        fail(
            f"{place / 'solutions' / notebook}.py is not here: "
            "grading needs the course's own repository, not a release."
        )
    _require_tier(settings.grading.minimum_tier)
    with ExitStack() as to_close:
        early = None
        if cluster is None:
            early = _start_early()  # gets warm while the rest is read
            to_close.callback(early.close)
        book = to_close.enter_context(open_book(place, settings, db))
        from autograder.gradebook.errors import GradebookError

        request = Request(folder, out, place, settings, chosen, notebook)
        workers = jobs or _cores()
        try:
            index, rows = grade_class(
                request, book, workers, cluster, early, seed=seed, fresh=fresh
            )
        except (GradebookError, RequestError) as error:
            fail(error)
        except Stopped as stopped:
            typer.echo(f"\n{stopped}", err=True)
            raise typer.Exit(INTERRUPTED) from None
        except OSError as error:
            fail(f"{error}. What was graded is kept; the same command goes on from there.")
    from autograder.report.terminal import print_summary

    print_summary(rows, index)
    if any(row.result.outcome == "grader error" for row in rows):
        raise typer.Exit(FOUND_PROBLEMS)


def _start_early() -> Started:
    from autograder.grading.early import start_early
    from autograder.sandbox.launcher import SandboxError

    try:
        return start_early()
    except (SandboxError, OSError) as error:
        fail(error)


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


def _cores() -> int:
    """The processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # macOS
        return os.cpu_count() or 1
