"""A class graded from folder to report, with a progress bar. Nothing here is imported before the command runs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.gradebook.book import Gradebook
    from autograder.gradebook.store import AssignmentStore
    from autograder.grading.crew import Crew
    from autograder.grading.early import Started
    from autograder.grading.job import Job
    from autograder.grading.record import SubmissionResult
    from autograder.grading.submission import Submission
    from autograder.report.feedback import Feedback
    from autograder.sandbox.policy import Limits
    from autograder.settings import Assignment, Settings


class RequestError(Exception):
    """What was asked for cannot be done; the message says why and what to do."""


class Stopped(Exception):
    """Ctrl-C; the message says what is kept."""


@dataclass(frozen=True)
class Request:
    """What is to be graded, where the report goes, and the course that it belongs to."""

    folder: Path
    out: Path
    root: Path
    settings: Settings
    assignment: Assignment
    notebook: str


def grade_class(
    request: Request,
    book: Gradebook,
    workers: int,
    cluster: str | None = None,
    early: Started | None = None,
    *,
    seed: int | None = None,
    fresh: bool = False,
) -> tuple[Path, list[Feedback]]:
    """Grade what is new, write the report of everything in the folder; its index and the results that count.

    `early` is a grading process that is getting warm already.
    """
    from autograder.catalogue import load_catalogue
    from autograder.gradebook.store import AssignmentStore
    from autograder.grading.cluster import ClusterError
    from autograder.grading.foreign import foreign_predictions
    from autograder.grading.job import Job
    from autograder.grading.limits import limits_of

    # Needed at the end, imported here, while the grading processes get warm.
    from autograder.report import collect, terminal, write  # noqa: F401
    from autograder.term.stale import StaleSecretError
    from autograder.term.stale_seed import refuse_stale_seed
    from autograder.trained.kept import KeptTaskError, hidden_views

    if seed is None:
        try:
            refuse_stale_seed(book, request.assignment)
        except StaleSecretError as error:
            raise RequestError(str(error)) from error
    store = AssignmentStore(book, request.assignment.id, fresh=fresh)
    limits = limits_of(request.settings.grading)
    hidden = (request.folder.resolve(), request.out.resolve())
    trained = load_catalogue(request.notebook).trained
    if trained and find_spec("autograder.trained.scores") is None:
        raise RequestError(
            "this autograder is the one that students install: it cannot compare predictions with hidden views. "
            "Grade with the course's repository, installed by `make setup`"
        )
    try:
        views = hidden_views(request.root, request.notebook, trained)
    except KeptTaskError as error:
        raise RequestError(str(error)) from error
    job = Job(request.root, request.notebook, store.seed(seed), limits, hidden, views=views)
    submissions = _read(request, book, limits)
    _warn(foreign_predictions(request.notebook, trained, views, submissions))
    try:
        results = _grade(job, submissions, store, _recruiter(job, workers, cluster, early))
    except ClusterError as error:
        raise RequestError(str(error)) from error
    return _report(request, book, submissions, results)


def _read(request: Request, book: Gradebook, limits: Limits) -> list[Submission]:
    from autograder.catalogue import load_catalogue
    from autograder.gradebook.class_folder import with_decisions
    from autograder.gradebook.everybody import everybody
    from autograder.grading.entry import LayoutError, known_ids
    from autograder.grading.intake import Intake
    from autograder.grading.lateness import after_the_deadline
    from autograder.trained.predictions import most_bytes

    known = everybody(book)
    roster = known_ids(known)
    sizes = (limits.notebook_mb, limits.source_mb)
    wanted = {e.id: most_bytes(e) for e in load_catalogue(request.notebook).trained}
    try:
        found = Intake(request.folder, request.notebook, *sizes, roster, wanted).submissions()
        found = after_the_deadline(found, request.assignment.due)
    except LayoutError as error:
        raise RequestError(str(error)) from error
    if not found:
        raise RequestError(
            f"{request.folder} holds no submissions (zips, notebooks, or a folder per student)"
        )
    if any(s.canvas_id for s in found) and not any(student.canvas_id for student in known):
        _advise_a_roster()
    counted = with_decisions(book, request.assignment.id, found)
    if not counted:
        raise RequestError(
            f"{request.folder}: all that it holds was withdrawn (see `autograder gradebook audit --decisions`)"
        )
    return counted


def _warn(sentences: list[str]) -> None:
    from rich.console import Console

    for sentence in sentences:
        Console(stderr=True, soft_wrap=True).print(f"warning: {sentence}", markup=False)


def _advise_a_roster() -> None:
    from rich.console import Console

    Console(stderr=True, soft_wrap=True).print(
        "These files come from Canvas, and the gradebook knows nobody's account there, so each counts for the "
        "student whose id stands in it. Import the roster to be certain: autograder roster FILE, with the "
        "gradebook that Canvas exports."
    )


def _recruiter(
    job: Job, workers: int, cluster: str | None, early: Started | None
) -> Callable[[int], Crew]:
    def recruit(count: int) -> Crew:
        from autograder.grading import cluster as dask
        from autograder.grading import crew

        if cluster is not None:
            return dask.ClusterCrew(job, cluster)
        return crew.LocalCrew(job, min(workers, count), early)

    return recruit


def _grade(
    job: Job,
    submissions: list[Submission],
    store: AssignmentStore,
    recruit: Callable[[int], Crew],
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

        try:
            results = grade_all(job, submissions, store, recruit, show)
        except KeyboardInterrupt:
            done = int(progress.tasks[bar].completed)
            raise Stopped(
                f"Stopped: {done} of {len(submissions)} submissions are graded and kept. "
                "The same command goes on from there."
            ) from None
        progress.update(bar, description="")
    return results


def _report(
    request: Request,
    book: Gradebook,
    submissions: list[Submission],
    results: list[SubmissionResult],
) -> tuple[Path, list[Feedback]]:
    from autograder.catalogue import load_catalogue
    from autograder.report.collect import by_student, class_feedback
    from autograder.report.write import write_report

    latest = by_student(results, [submission.superseded for submission in submissions])
    pages = class_feedback(book, request.settings, request.assignment.id, latest, request.root)
    catalogue, course = load_catalogue(request.notebook), request.settings.course.title
    return write_report(request.out, catalogue, pages, course, request.assignment.title)
