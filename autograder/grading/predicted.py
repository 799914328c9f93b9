"""The trained exercises of one submission: its predictions against the hidden views, one task after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from autograder.catalogue import Catalogue, TrainedExercise
from autograder.grading.record import TrainedScore
from autograder.grading.submission import Submission
from autograder.results import ExerciseResult, Status
from autograder.trained.drawn import Hidden
from autograder.trained.judge import judge, unscored


def judge_predictions(
    catalogue: Catalogue,
    submission: Submission,
    hidden: Mapping[str, Hidden],
    watch: Callable[[ExerciseResult], None] | None = None,
) -> tuple[dict[str, ExerciseResult], tuple[TrainedScore, ...]]:
    """A result per trained exercise, and the scores of those that could be scored. Runs no student code."""
    results: dict[str, ExerciseResult] = {}
    found: list[TrainedScore] = []
    for exercise in catalogue.trained:
        result, score = _judge(exercise, submission, hidden[exercise.id])
        results[exercise.id] = result
        found += [score] if score else []
        if watch:
            watch(result)
    return results, tuple(found)


def _judge(
    exercise: TrainedExercise, submission: Submission, hidden: Hidden
) -> tuple[ExerciseResult, TrainedScore | None]:
    handed_in = submission.predictions.get(exercise.id)
    try:
        judged = judge(exercise, handed_in.content if handed_in else None, hidden)
    except Exception as error:  # a file that nobody thought of
        why = (
            f"the grader itself broke on your predictions ({type(error).__name__}: {str(error)[:300]}). "
            "Please tell the course staff."
        )
        return unscored(exercise, Status.COULD_NOT_RUN, why, "not scored"), None
    if judged.scores is None:
        return judged.result, None
    psnr, ssim = judged.scores.psnr, judged.scores.ssim
    return judged.result, TrainedScore(exercise.id, psnr, ssim, judged.leaderboard_name)
