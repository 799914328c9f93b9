"""Predictions for another drawing of a task than ours: a student's mistake, or a private file that was lost."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.catalogue import TrainedExercise
from autograder.grading.submission import Submission
from autograder.trained.drawn import Hidden, fingerprint
from autograder.trained.kept import kept_path
from autograder.trained.predictions import PredictionsError, read_predictions
from autograder.trained.task import DEVELOPMENT_SEED, find_task


def foreign_predictions(
    notebook: str,
    trained: Sequence[TrainedExercise],
    views: Sequence[Hidden],
    submissions: Sequence[Submission],
) -> list[str]:
    """A sentence per task that some predictions do not belong to, for whoever grades: they earn nothing there."""
    released = {view.task: view.fingerprint for view in views}
    warnings: list[str] = []
    for exercise in trained:
        ours = released.get(exercise.id) or fingerprint(find_task(exercise.id), DEVELOPMENT_SEED)
        found = [mark for s in submissions if (mark := _fingerprint(exercise, s))]
        foreign = [mark for mark in found if mark != ours]
        if foreign:
            common = max(sorted(set(foreign)), key=foreign.count)
            warnings.append(
                f"{len(foreign)} of {len(found)} predictions for {exercise.id!r} belong to another release "
                f"(most often {common}; this machine has {_named(exercise, notebook, ours, released)}) and "
                "earn nothing. If students have the right release, put back its private file and grade again."
            )
    return warnings


def _named(exercise: TrainedExercise, notebook: str, ours: str, released: dict[str, str]) -> str:
    path = kept_path(notebook, exercise.id)
    if exercise.id in released:
        return f"{ours}, in {path}"
    return f"{ours}, the one for development, as {path} is missing"


def _fingerprint(exercise: TrainedExercise, submission: Submission) -> str:
    handed_in = submission.predictions.get(exercise.id)
    content = handed_in.content if handed_in else ""
    if isinstance(content, str):
        return ""
    try:
        return read_predictions(content, exercise).fingerprint[:16]
    except PredictionsError:
        return ""
