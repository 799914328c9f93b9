"""Who does the grading: this process, several processes here, or a cluster. All return futures."""

from __future__ import annotations

import os
import queue
import socket
from concurrent.futures import Future, ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Protocol

from autograder.grading.early import Started, start_early
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
    """One grader, in this process: for programs that have it anyway."""

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

    def __init__(self, job: Job, size: int, early: Started | None = None) -> None:
        self.size = size + 1  # one waits, so that nobody does while results are kept
        self._idle: queue.SimpleQueue[GraderProcess] = queue.SimpleQueue()
        self._members = [GraderProcess(job, early)] + [GraderProcess(job) for _ in range(size - 1)]
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


def _own_places() -> dict[str, str]:
    """Where this user's programs keep their caches and settings: a grader starts without and would share /tmp."""
    names = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "MPLCONFIGDIR")
    return {name: os.environ[name] for name in names if name in os.environ}


class GraderProcess:
    """A process that grades one submission after the other."""

    def __init__(self, job: Job, early: Started | None = None) -> None:
        self._job = job
        limits = job.limits
        # It keeps its own time; this is for when it does not.
        self._patience = limits.submission_seconds + 4 * limits.exercise_seconds + _START_SECONDS
        self._closed = False
        self._start(early)

    def grade(self, submission: Submission, key: str) -> SubmissionResult:
        """The result of one submission; GraderLost replaces the process and says what happened."""
        try:
            self._connection.send((submission, key))
            if not self._connection.poll(self._patience):
                raise GraderLost(f"it did not finish within {self._patience:g} seconds")
            answer = self._connection.recv()
        except (EOFError, OSError):
            self._restart()
            raise GraderLost("the grading process ended") from None
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
        self._started.close()

    def _start(self, early: Started | None = None) -> None:
        self._started = early or start_early()
        self._connection = self._started.connection
        self._connection.send((self._job, _own_places()))

    def _restart(self) -> None:
        if not self._closed:
            self._started.close()
            self._start()


def serve(connection: Connection, warm: socket.socket) -> None:
    """In a grading process: take the job, then grade what comes until the other end is closed."""
    job, places = connection.recv()
    os.environ.update(places)
    grader: Grader | None = None
    try:
        grader = make_grader(job, warm)
    except Exception as error:
        reason = f"it could not start: {type(error).__name__}: {str(error)[:1000]}"
    while True:
        submission, key = connection.recv()
        connection.send(guarded(job, grader, submission, key) if grader else reason)
