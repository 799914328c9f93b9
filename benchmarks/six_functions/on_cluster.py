"""`python -m benchmarks.six_functions.on_cluster COURSE NOTEBOOK CLASS ADDRESS`: seconds a submission on Dask.

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

_WARMING = 0.2  # share of the class after which all workers are at full speed


class _Forgetful:
    """A store that keeps nothing and shares with nobody."""

    def load(self, submission: Submission, key: str) -> SubmissionResult | None:
        return None

    def save(self, submission: Submission, result: SubmissionResult) -> None:
        pass

    def claim(self, submission: Submission, key: str) -> bool:
        return True


def seconds_per_submission(root: Path, notebook: str, classroom: Path, address: str) -> float:
    """The time between results, in the long run; every submission must be right."""
    job = Job(root, notebook, seed=1, limits=Limits())
    submissions = Intake(classroom, notebook).submissions()
    arrivals: list[float] = []

    def note(result: SubmissionResult) -> None:
        if any(e.points != e.max_points for e in result.exercises) or not result.exercises:
            raise RuntimeError(f"{result.student} got {result.points:g}: {result.remarks}")
        arrivals.append(time.perf_counter())

    grade_all(job, submissions, _Forgetful(), lambda _: ClusterCrew(job, address), note)
    first = int(_WARMING * len(arrivals))
    return (arrivals[-1] - arrivals[first]) / (len(arrivals) - 1 - first)


if __name__ == "__main__":
    root, notebook, classroom, address = sys.argv[1:]
    print(seconds_per_submission(Path(root), notebook, Path(classroom), address))
