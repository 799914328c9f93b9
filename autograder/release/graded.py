"""The solved notebook and the empty handout, graded as a student's submission is: in the sandbox."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from autograder.catalogue import load_catalogue
from autograder.grading.handed_in import HandedIn
from autograder.grading.job import Job, make_grader
from autograder.grading.notebook_file import read_notebook
from autograder.grading.record import SubmissionResult
from autograder.grading.submission import Submission
from autograder.handouts.check import Finding
from autograder.handouts.files import handout_path
from autograder.handouts.notebook import solution_notebook, to_json
from autograder.release.outcome import Outcome
from autograder.results import ExerciseResult, Status
from autograder.sandbox.policy import Limits
from autograder.settings import Release
from autograder.source import Source
from autograder.trained.drawn import Hidden
from autograder.trained.predictions import Predictions

_SEED = 1


def graded_outcomes(root: Path, source: Source, release: Release, limits: Limits) -> list[Outcome]:
    """Whether the solution earns everything and the handout nothing."""
    job = Job(root, source.name, _SEED, limits)
    solved = to_json(solution_notebook(source, release)).encode()
    handed_out = (root / handout_path(source)).read_bytes()
    grader = make_grader(job)
    try:
        perfect = {task: _perfect(view) for task, view in grader.hidden.items()}
        best = grader.grade(replace(_submission("solution", solved, limits), predictions=perfect))
        worst = grader.grade(_submission("handout", handed_out, limits))
    finally:
        grader.close()
    points = sum(e.points for e in load_catalogue(source.name).graded)
    tier = f"in the sandbox, tier {best.tier}"
    return [
        Outcome(
            source.name,
            "the solution earns everything",
            f"{best.points:g} of {points:g} points {tier}",
            tuple(_lost(source, best)),
        ),
        Outcome(
            source.name,
            "the handout earns nothing",
            f"{worst.points:g} of {points:g} points {tier}",
            tuple(_given_away(source, worst)),
        ),
    ]


def _submission(student: str, notebook: bytes, limits: Limits) -> Submission:
    blank = Submission(student, "", f"{student}.ipynb", sha256(notebook).hexdigest())
    return replace(blank, cells=tuple(read_notebook(notebook, limits.source_mb)))


def _perfect(hidden: Hidden) -> HandedIn:
    """The file of a student who predicts every hidden view to the last bit."""
    predictions = Predictions(hidden.task, hidden.fingerprint, hidden.shape, hidden.images)
    return HandedIn.holding(predictions.to_bytes())


def _lost(source: Source, result: SubmissionResult) -> Iterator[Finding]:
    for exercise in result.exercises:
        if exercise.points < exercise.max_points or exercise.status != Status.PASSED:
            yield Finding(
                _place(source, exercise.exercise),
                f"graded as a submission, the solution of {exercise.exercise!r} earns "
                f"{exercise.points:g} of {exercise.max_points:g} points: {_complaint(exercise)}",
                "correct the solution or its checks; what else it needs goes into an `export` cell",
            )
    for remark in result.remarks:
        yield Finding(
            f"solutions/{source.path.name}", f"the grader remarks on the solution: {remark}"
        )


def _given_away(source: Source, result: SubmissionResult) -> Iterator[Finding]:
    for exercise in result.exercises:
        if exercise.points > 0:
            passed = [c.name for c in exercise.checks if c.status == Status.PASSED]
            yield Finding(
                str(handout_path(source)),
                f"without an answer, {exercise.exercise!r} earns {exercise.points:g} of "
                f"{exercise.max_points:g} points: {', '.join(passed)} passed",
                f"let the checks of {exercise.exercise!r} ask for the result, "
                "and mark its whole answer with # BEGIN SOLUTION",
            )


def _complaint(exercise: ExerciseResult) -> str:
    said = [f"{c.name}: {c.message}" for c in exercise.checks if c.status != Status.PASSED]
    return said[0] if said else "it has no checks"


def _place(source: Source, exercise: str) -> str:
    lines = [cell.line for cell in source.cells if cell.task and cell.task.id == exercise]
    return f"solutions/{source.path.name}:{lines[0] if lines else 1}"
