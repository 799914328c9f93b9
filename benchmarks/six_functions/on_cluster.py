"""`python -m benchmarks.six_functions.on_cluster COURSE CLASS ADDRESS`: seconds per submission on a Dask cluster.

Grading alone, once every worker is warm: what the gradebook and the report cost is measured elsewhere.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from autograder.grading.batch import grade_all
from autograder.grading.cluster import ClusterCrew
from autograder.grading.intake import Intake
from autograder.grading.job import Job
from autograder.grading.record import SubmissionResult
from autograder.grading.submission import Submission
from autograder.sandbox.policy import Limits
from benchmarks.six_functions.course import NOTEBOOK

_WARMING = 0.2  # share of the class after which all workers are at full speed


class _Forgetful:
    """A store that keeps nothing and shares with nobody."""

    def load(self, submission: Submission, key: str) -> SubmissionResult | None:
        return None

    def save(self, submission: Submission, result: SubmissionResult) -> None:
        pass

    def claim(self, submission: Submission, key: str) -> bool:
        return True


def seconds_per_submission(root: Path, classroom: Path, address: str) -> float:
    """The time between results, in the long run."""
    job = Job(root, NOTEBOOK, seed=1, limits=Limits())
    submissions = Intake(classroom, NOTEBOOK).submissions()
    arrivals: list[float] = []

    def note(result: SubmissionResult) -> None:
        if result.points != 60:
            raise RuntimeError(f"{result.student} got {result.points:g} of 60: {result.remarks}")
        arrivals.append(time.perf_counter())

    grade_all(job, submissions, _Forgetful(), lambda _: ClusterCrew(job, address), note)
    first = int(_WARMING * len(arrivals))
    return (arrivals[-1] - arrivals[first]) / (len(arrivals) - 1 - first)


if __name__ == "__main__":
    print(seconds_per_submission(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]))
