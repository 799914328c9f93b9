"""`python -m benchmarks.six_functions.warm COURSE CLASS`: one warm grader, what a submission costs in it, as JSON.

A program of its own, because it runs with the packages of COURSE.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from autograder.catalogue import Catalogue, load_catalogue
from autograder.gradebook.book import Gradebook
from autograder.gradebook.store import AssignmentStore
from autograder.grading.intake import Intake
from autograder.grading.job import Job, make_grader
from autograder.grading.record import SubmissionResult
from autograder.report.feedback import Feedback
from autograder.report.write import write_report
from autograder.sandbox.policy import Limits
from autograder.sandbox.proxy import RemoteStudent
from autograder.sandbox.session import Session
from benchmarks.processes import tree_mb
from benchmarks.six_functions.course import NOTEBOOK

_RUNS = 15


def measure(root: Path, classroom: Path) -> dict[str, float]:
    """Medians in seconds: "all" from file to feedback page, and its parts; "fork" alone; "worker_mb"."""
    job = Job(root, NOTEBOOK, seed=1, limits=Limits())
    catalogue = load_catalogue(NOTEBOOK)
    times: dict[str, list[float]] = {}
    grader = make_grader(job)
    with tempfile.TemporaryDirectory() as folder:
        store = AssignmentStore(Gradebook.open("sqlite:///gradebook.db", Path(folder)), "six")
        try:
            for run in range(_RUNS + 2):
                marks = [time.perf_counter()]
                (submission,) = Intake(classroom, NOTEBOOK).submissions()
                marks.append(time.perf_counter())
                result = grader.grade(submission, key=f"{run:064}")
                marks.append(time.perf_counter())
                store.save(submission, result)
                marks.append(time.perf_counter())
                page = a_page(Path(folder, "report"), result, catalogue)
                for name, seconds in _parts(marks, page, result).items() if run >= 2 else ():
                    times.setdefault(name, []).append(seconds)
        finally:
            grader.close()
    medians = {name: statistics.median(found) for name, found in times.items()}
    return medians | one_worker(job, submission.code) | {"points": result.points}


def _parts(marks: Sequence[float], page: float, result: SubmissionResult) -> dict[str, float]:
    read, grade, save = (after - before for before, after in pairwise(marks))
    return {
        **result.spent,
        "read the file": read,
        "save in the gradebook": save,
        "write the feedback page": page,
        "rest": grade - sum(result.spent.values()),
        "all": marks[-1] - marks[0] + page,
    }


def a_page(out: Path, result: SubmissionResult, catalogue: Catalogue) -> float:
    """Seconds for one more student's page in a report: the difference of two class sizes."""
    times = []
    for many in (1, 11):
        pages = [Feedback(replace(result, student=f"s{n}"), {}) for n in range(many)]
        start = time.perf_counter()
        write_report(out, catalogue, pages, "Six functions", "Six functions")
        times.append(time.perf_counter() - start)
    return max(times[1] - times[0], 0.0) / 10


def one_worker(job: Job, code: list[tuple[int, str]]) -> dict[str, float]:
    """Seconds for a worker that does nothing, and MB that one at work adds to the warm process."""
    import torch

    from autograder.sandbox.launcher import Launcher

    launcher = Launcher(job.limits, (), (job.root,))
    forks, added = [], []
    try:
        _ = launcher.tier  # waits until it is warm
        for _ in range(_RUNS):
            start = time.perf_counter()
            with Session(launcher, job.limits) as session:
                session.plan((), {})
            forks.append(time.perf_counter() - start)
        for _ in range(5):
            before = tree_mb(os.getpid())
            with Session(launcher, job.limits) as session:
                plan = session.plan(code, {"softmax": ("softmax",)})["softmax"]
                _, missing = session.load(code, plan, ("softmax",))
                RemoteStudent(session, job.limits, missing).softmax(torch.randn(100, 100))
                added.append(tree_mb(os.getpid()) - before)
    finally:
        launcher.close()
    return {"one worker": statistics.median(forks), "worker_mb": statistics.median(added)}


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), Path(sys.argv[2]))))
