"""Who does the grading: this process, several processes here, or a cluster. All return futures."""

from __future__ import annotations

import multiprocessing
import os
import queue
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Protocol

from autograder.grading.job import Job, failed, make_grader
from autograder.grading.record import SubmissionResult
from autograder.grading.submission import Submission

if TYPE_CHECKING:
    from autograder.grading.grade_one import Grader

_START_SECONDS = 180.0


class GraderLost(Exception):
    """A grading process ended, hung or could not start; the submission may be tried again."""


class Crew(Protocol):
    """Grades submissions side by side."""

    size: int  # how many at a time

    def submit(self, submission: Submission, key: str) -> Future[SubmissionResult]:
        """Grade one; the future raises GraderLost where the process that graded it is gone."""

    def close(self) -> None:
        """End it with all its processes."""


def guarded(job: Job, grader: Grader, submission: Submission, key: str) -> SubmissionResult:
    """A fault of ours becomes a result that says so; the next submission is not its victim."""
    try:
        return grader.grade(submission, key)
    except Exception as error:
        return failed(job, submission, key, f"{type(error).__name__}: {str(error)[:1000]}")


class InlineCrew:
    """One grader, in this process: nothing to start, nothing to send."""

    size = 1

    def __init__(self, job: Job) -> None:
        self._job = job
        self._grader = make_grader(job)

    def submit(self, submission: Submission, key: str) -> Future[SubmissionResult]:
        """See `Crew.submit`; the future is done when it is returned."""
        future: Future[SubmissionResult] = Future()
        future.set_result(guarded(self._job, self._grader, submission, key))
        return future

    def close(self) -> None:
        """End the warm process."""
        self._grader.close()


class LocalCrew:
    """Grading processes on this machine, each replaced when it ends or takes too long.

    A thread waits for each process, so that a lost one costs its own submission and no other.
    """

    def __init__(self, job: Job, size: int) -> None:
        self.size = size
        self._idle: queue.SimpleQueue[GraderProcess] = queue.SimpleQueue()
        self._members = [GraderProcess(job) for _ in range(size)]
        for member in self._members:
            self._idle.put(member)
        self._threads = ThreadPoolExecutor(size)

    def submit(self, submission: Submission, key: str) -> Future[SubmissionResult]:
        """See `Crew.submit`."""
        return self._threads.submit(self._grade, submission, key)

    def close(self) -> None:
        """End all processes, also those at work."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for member in self._members:
            member.close()

    def _grade(self, submission: Submission, key: str) -> SubmissionResult:
        member = self._idle.get()
        try:
            return member.grade(submission, key)
        finally:
            self._idle.put(member)


class GraderProcess:
    """A process that grades one submission after the other."""

    def __init__(self, job: Job) -> None:
        self._job = job
        limits = job.limits
        # It keeps its own time; this is for when it does not.
        self._patience = limits.submission_seconds + 4 * limits.exercise_seconds + _START_SECONDS
        self._closed = False
        self._start()

    def grade(self, submission: Submission, key: str) -> SubmissionResult:
        """The result of one submission; GraderLost replaces the process and says what happened."""
        try:
            self._connection.send((submission, key))
            if not self._connection.poll(self._patience):
                raise GraderLost(f"it did not finish within {self._patience:g} seconds")
            answer = self._connection.recv()
        except (EOFError, OSError):
            self._process.join(1.0)
            code = self._process.exitcode
            self._restart()
            raise GraderLost(f"the grading process ended with status {code}") from None
        except GraderLost:
            self._restart()
            raise
        if isinstance(answer, str):
            self._restart()
            raise GraderLost(answer)
        return answer  # type: ignore[no-any-return]

    def close(self) -> None:
        """End it, whatever it does."""
        self._closed = True
        self._process.kill()
        self._process.join()
        self._connection.close()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._job), daemon=False)
        self._process.start()
        theirs.close()

    def _restart(self) -> None:
        if not self._closed:
            self._process.kill()
            self._process.join()
            self._connection.close()
            self._start()


def _serve(connection: Connection, job: Job) -> None:
    """In a grading process: grade what comes until the other end is closed."""
    from autograder.sandbox import kernel

    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if hasattr(kernel.libc(), "prctl"):
        kernel.forbid_inspection()
        kernel.die_with_parent(job.parent)  # a grader that is killed leaves nobody behind
    answer: Callable[[Submission, str], SubmissionResult | str]
    try:
        grader = make_grader(job)
    except Exception as error:
        reason = f"it could not start: {type(error).__name__}: {str(error)[:1000]}"
        answer = lambda submission, key: reason  # noqa: E731
    else:
        answer = lambda submission, key: guarded(job, grader, submission, key)  # noqa: E731
    with suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            connection.send(answer(*connection.recv()))
    os._exit(0)  # torch takes its time to say goodbye
