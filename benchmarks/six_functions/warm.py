"""`python -m benchmarks.six_functions.warm COURSE CLASS`: one warm grader, what a submission costs in it, as JSON.

A program of its own, because the checks of the course in COURSE must be found from the start (AUTOGRADER_TOPICS).
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from autograder.catalogue import load_catalogue
from autograder.grading.batch import Job, make_grader
from autograder.grading.intake import Intake
from autograder.grading.record import SubmissionResult, to_json
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
    try:
        for run in range(_RUNS + 2):
            start = time.perf_counter()
            (submission,) = Intake(classroom, NOTEBOOK).submissions()
            read = time.perf_counter()
            result = grader.grade(submission)
            graded = time.perf_counter()
            write(result, catalogue)
            done = time.perf_counter()
            parts = {
                **result.spent,
                "read the file": read - start,
                "write result and page": done - graded,
            }
            parts |= {"all": done - start, "rest": graded - read - sum(result.spent.values())}
            for name, seconds in parts.items() if run >= 2 else ():
                times.setdefault(name, []).append(seconds)
    finally:
        grader.close()
    medians = {name: statistics.median(found) for name, found in times.items()}
    return medians | one_worker(job, submission.code) | {"points": result.points}


def write(result: SubmissionResult, catalogue: object) -> None:
    """The result as JSON, and the student's page."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "result.json").write_text(to_json(result), encoding="utf-8")
        write_report(Path(folder), catalogue, [result], "Six functions", "Six functions")


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
