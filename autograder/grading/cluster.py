"""The same work on a Dask cluster, whose machines have the same course in the same place."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from autograder.grading.crew import GraderLost, guarded
from autograder.grading.job import Job, make_grader
from autograder.grading.record import SubmissionResult
from autograder.grading.submission import Submission

if TYPE_CHECKING:
    from autograder.grading.grade_one import Grader


class ClusterError(Exception):
    """The cluster cannot be used; the message says why and what to do."""


class ClusterCrew:
    """Grades on the workers of a Dask scheduler, which gives the work of a worker that dies to another."""

    def __init__(self, job: Job, address: str) -> None:
        try:
            import distributed
        except ModuleNotFoundError:
            raise ClusterError(
                "--cluster needs Dask. Install it with: pip install 'inverse-graphics-course[cluster]'"
            ) from None
        self._job = job
        try:
            make_client: Any = distributed.Client
            self._client: Any = make_client(address, timeout="15s", set_as_default=False)
            workers = self._client.scheduler_info(n_workers=-1)["workers"]
        except (OSError, ValueError, TimeoutError) as error:
            raise ClusterError(
                f"no Dask scheduler answers at {address} ({error}). Start one with `dask scheduler`, and on every "
                f"machine `dask worker {address} --nworkers N --nthreads 1` in an environment with this course."
            ) from error
        if not workers:
            self._client.close()
            raise ClusterError(
                f"the scheduler at {address} has no workers. "
                f"Start some: dask worker {address} --nworkers N --nthreads 1"
            )
        self.size = 2 * sum(info["nthreads"] for info in workers.values())  # one each in reserve

    def submit(self, submission: Submission, key: str) -> Future[SubmissionResult]:
        """See `Crew.submit`."""
        from distributed.scheduler import KilledWorker

        future: Future[SubmissionResult] = Future()
        # pure=False: grading is not a function of its arguments to Dask, so nothing is taken from a cache.
        remote = self._client.submit(_grade, self._job, submission, key, pure=False, retries=1)

        def settle(done: Any) -> None:
            error = done.exception() if done.status != "cancelled" else GraderLost("cancelled")
            with suppress(Exception):
                if error is None:
                    future.set_result(done.result())
                elif isinstance(error, KilledWorker):
                    future.set_exception(GraderLost("its cluster worker ended again and again"))
                else:
                    future.set_exception(GraderLost(f"{type(error).__name__}: {error}"))

        remote.add_done_callback(settle)
        return future

    def close(self) -> None:
        """Leave the cluster; its workers go on for others."""
        self._client.close()


_graders: dict[Job, Grader] = {}
_one_at_a_time = threading.Lock()  # a warm process serves one submission; workers may have threads


def _grade(job: Job, submission: Submission, key: str) -> SubmissionResult:
    """On a worker: by its own grader, which is made with the first submission of a job."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    with _one_at_a_time:
        if job not in _graders:
            for other in list(_graders):
                _graders.pop(other).close()  # one warm process at a time is enough for memory
            _graders[job] = make_grader(job)
        return guarded(job, _graders[job], submission, key)
