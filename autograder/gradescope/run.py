"""`python -m autograder.gradescope.run`: grade /autograder/submission, write /autograder/results/results.json.

A results file is there from the first second and is rewritten after every exercise: Gradescope gives 0 points where
its own time limit strikes and no file is found. Exit code 0: the submission has its result, whatever that is.
1: the grader itself failed; results.json says so in the student's words, the traceback goes to the log that only
staff can read, and the exit code makes Gradescope's own log show a failed run instead of an honest zero.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

from autograder.catalogue import Catalogue, load_catalogue
from autograder.gradescope.container import (
    Container,
    ContainerError,
    Package,
    here,
    seed_of_upload,
    within_minutes,
)
from autograder.gradescope.intake import read_upload
from autograder.gradescope.metadata import read_metadata
from autograder.gradescope.results_json import (
    failure_results,
    partial_results,
    results_of,
    write_results,
)
from autograder.grading.job import Job, make_grader
from autograder.grading.limits import limits_of
from autograder.results import ExerciseResult
from autograder.sandbox.policy import Tier
from autograder.trained.kept import hidden_views
from autograder.trained.predictions import most_bytes

_MARGIN = 30.0  # seconds that we stop before Gradescope does
_START = 60.0  # seconds for torch and the warm process on half a core
_BEGUN = "Grading has begun. If this text stays, grading was cut off: the points are those earned until then."


class OutOfTime(BaseException):
    """Gradescope is about to end everything. No ordinary exception: nobody may take it for a check that broke."""


@dataclass
class Progress:
    """What is known so far, and the file that always says it."""

    container: Container
    start: float = field(default_factory=time.monotonic)
    catalogue: Catalogue | None = None
    notes: tuple[str, ...] = ()
    done: dict[str, ExerciseResult] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Since we were started."""
        return time.monotonic() - self.start

    def add(self, result: ExerciseResult) -> None:
        """Another exercise is graded, or one was graded again."""
        self.done[result.exercise] = result
        self.write(_BEGUN)

    def write(self, *notes: str) -> None:
        """Say what there is until now."""
        if self.catalogue is not None:
            said = (*notes, *self.notes)
            partial = partial_results(self.done, self.catalogue, said, self.seconds)
            write_results(self.container.results, partial)


def main() -> int:
    """Grade the submission that lies here; the exit code."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    progress = Progress(here())
    try:
        package = progress.container.package()
        progress.catalogue = load_catalogue(package.notebook)
        progress.write(_BEGUN)
        _stop_in_time(package.minutes * 60 - _MARGIN)
        _grade(package, progress)
    except OutOfTime:
        progress.write(
            f"Grading was cut off after {progress.seconds / 60:.0f} minutes: exercises without a result "
            "are marked. Does a cell of yours run for a long time? The points are those earned until then."
        )
    except Exception as error:
        signal.alarm(0)
        traceback.print_exc()
        reason = f"{type(error).__name__}: {str(error)[:1000]}"
        failed = failure_results(progress.done, progress.catalogue, reason, progress.seconds)
        try:
            write_results(progress.container.results, failed)
        except OSError as full:
            print(f"results.json cannot be written: {full}", file=sys.stderr)
        return 1
    return 0


def _grade(package: Package, progress: Progress) -> None:
    container = progress.container
    assert progress.catalogue is not None
    metadata = read_metadata(container.metadata)
    progress.notes = metadata.notes
    seed = container.seed()
    _close_to_others(container)
    seconds = package.minutes * 60 - _MARGIN - _START
    limits = within_minutes(limits_of(package.grading), seconds)
    _require_tier(package)
    trained = progress.catalogue.trained
    views = hidden_views(container.course, package.notebook, trained)
    wanted = {exercise.id: most_bytes(exercise) for exercise in trained}
    submission = read_upload(container.submission, package.notebook, limits, metadata, wanted)
    numbers = seed_of_upload(seed, submission.digest)
    hidden = (container.base,)
    job = Job(container.course, package.notebook, numbers, limits, hidden, views=views)
    grader = make_grader(job)
    try:
        result = grader.grade(submission, watch=progress.add)
    finally:
        grader.close()
    signal.alarm(0)
    whole = results_of(result, progress.catalogue, progress.notes, progress.seconds)
    write_results(container.results, whole)
    print(
        f"{result.outcome}: {result.points:g} points in {progress.seconds:.0f} s, tier {result.tier}"
    )


def _stop_in_time(seconds: float) -> None:
    def ring(number: int, frame: FrameType | None) -> None:
        raise OutOfTime

    signal.signal(signal.SIGALRM, ring)
    signal.signal(signal.SIGTERM, ring)
    signal.alarm(max(1, int(seconds)))


def _close_to_others(container: Container) -> None:
    """Answers and seed are ours alone, also where the sandbox is weak. Only their owner can see to it."""
    with suppress(OSError):
        container.results.parent.chmod(0o755)
        for private in (container.course / "solutions", container.source / "secret"):
            private.chmod(0o700)
        if (container.course / "secrets").is_dir():  # only where something is trained
            (container.course / "secrets").chmod(0o700)


def _require_tier(package: Package) -> None:
    minimum = package.grading.minimum_tier
    if minimum is None:
        return
    from autograder.sandbox.probe import probe_here

    tier = probe_here().tier
    if not tier.at_least(Tier(minimum)):
        raise ContainerError(
            f"course.toml asks for a sandbox of tier {minimum}, this container offers tier {tier} ({tier.meaning})"
        )


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # torch would take another third of a second to say goodbye
