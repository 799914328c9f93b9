"""Notebook 1: one submission cold, one in a warm grader and where its time goes, a class on two processes."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from autograder.gradebook.book import Gradebook
from autograder.gradebook.store import AssignmentStore
from autograder.grading.batch import grade_all
from autograder.grading.crew import LocalCrew
from autograder.grading.intake import Intake
from autograder.grading.job import Job, make_grader
from autograder.grading.submission import Submission
from autograder.sandbox.policy import Limits
from benchmarks.timing import Figure, median_seconds

ROOT = Path(__file__).parents[1]
SAMPLES = ROOT / "assets" / "sample_class"
NOTEBOOK = "01_camera_geometry"
_WORDS = {
    "fork": "fork a worker and shut it in",
    "plan": "read the notebook",
    "load": "run its definitions",
    "calls": "student code and the wire",
    "checks": "compare and judge",
    "end": "end the worker",
}


def figures() -> list[Figure]:
    """Cold: the command line from nothing to a report. Warm: one more submission of 16 exercises."""
    torch_alone = median_seconds(lambda: _python("-c", "import torch"), runs=3)
    cold = median_seconds(_grade_one_from_the_command_line, runs=3)
    job = Job(ROOT, NOTEBOOK, seed=1, limits=Limits())
    perfect, wrong = _submission("ada"), _submission("emil")
    grader = make_grader(job)
    try:
        warm = median_seconds(lambda: grader.grade(perfect))
        spent = grader.grade(perfect).spent
        again = median_seconds(lambda: grader.grade(wrong))
    finally:
        grader.close()
    return [
        Figure("grade one submission, cold start", cold, "s", 3.0, torch_alone, "import torch"),
        Figure("grade one submission, warm", warm, "s", 0.4),
        *(Figure(f"… of it: {_WORDS[name]}", spent[name], "s") for name in _WORDS),
        Figure("grade one with a wrong answer, warm", again, "s"),
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
        places = ["--out", f"{folder}/report", "--db", f"{folder}/gradebook.db"]
        _python("-m", "autograder", "grade", str(classroom), *places)


def _per_submission(job: Job, perfect: Submission, many: int = 40) -> float:
    """Seconds per submission beyond the start of the graders: the difference of two class sizes."""
    from dataclasses import replace

    def seconds(count: int) -> float:
        students = [replace(perfect, student=f"s{n:03}", digest=str(n)) for n in range(count)]
        with (
            tempfile.TemporaryDirectory() as folder,
            Gradebook.open(f"sqlite:///{folder}/gradebook.db") as book,
        ):
            store = AssignmentStore(book, "a1")
            start = time.perf_counter()
            grade_all(job, students, store, lambda _: LocalCrew(job, 2), lambda result: None)
            return time.perf_counter() - start

    return (seconds(many + 2) - seconds(2)) / many
