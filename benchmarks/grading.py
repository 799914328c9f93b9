"""What grading costs: one submission with a cold start, one in a warm grader, a class on two processes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from autograder.grading.batch import Job, grade_all, make_grader
from autograder.grading.intake import Intake
from autograder.grading.store import ResultStore
from autograder.grading.submission import Submission
from autograder.sandbox.policy import Limits
from benchmarks.timing import Figure, median_seconds

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "assets" / "sample_class"
NOTEBOOK = "01_camera_geometry"


def figures() -> list[Figure]:
    """Cold: the command line from nothing to a report. Warm: one more submission of 16 exercises in 16 workers."""
    torch_alone = median_seconds(lambda: _python("-c", "import torch"), runs=3)
    cold = median_seconds(_grade_one_from_the_command_line, runs=3)
    job = Job(ROOT, NOTEBOOK, seed=1, limits=Limits())
    perfect, blank = _submission("ada"), _submission("chen")
    grader = make_grader(job)
    try:
        warm = median_seconds(lambda: grader.grade(perfect))
        forks = median_seconds(lambda: grader.grade(blank)) / 16
    finally:
        grader.close()
    return [
        Figure("grade one submission, cold start", cold, "s", 3.0, torch_alone, "import torch"),
        Figure("grade one submission, warm", warm, "s"),
        Figure("worker per exercise: fork, shut in, load, end", forks, "s"),
        Figure("grade a class, per correct submission, 2 processes", _per_submission(job, perfect)),
    ]


def _submission(student: str) -> Submission:
    found = Intake(SAMPLES, NOTEBOOK).submissions()
    return next(s for s in found if s.student == student)


def _python(*arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], check=True, capture_output=True, cwd=ROOT)


def _grade_one_from_the_command_line() -> None:
    with tempfile.TemporaryDirectory() as folder:
        classroom = Path(folder) / "class"
        classroom.mkdir()
        (classroom / "ada.zip").write_bytes((SAMPLES / "ada.zip").read_bytes())
        _python("-m", "autograder", "grade", str(classroom), "--out", str(Path(folder) / "report"))


def _per_submission(job: Job, perfect: Submission, many: int = 40) -> float:
    """Seconds per submission beyond the start of the graders: the difference of two class sizes."""
    from dataclasses import replace

    def seconds(count: int) -> float:
        students = [replace(perfect, student=f"s{n:03}") for n in range(count)]
        with tempfile.TemporaryDirectory() as folder:
            store = ResultStore(Path(folder))
            return median_seconds(
                lambda: grade_all(job, students, store, 2, lambda result: None), runs=1, warmups=0
            )

    return (seconds(many + 2) - seconds(2)) / many
