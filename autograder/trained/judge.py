"""Predictions against hidden views: a check that they are in form, then one for each band. Trusted processes only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import UInt8
from numpy.typing import NDArray

from autograder.catalogue import TrainedExercise
from autograder.results import CheckResult, Evidence, ExerciseResult, Status
from autograder.trained.drawn import Hidden
from autograder.trained.predictions import (
    Predictions,
    PredictionsError,
    file_name,
    read_predictions,
    require_same_task,
)
from autograder.trained.strip import strip_png

if TYPE_CHECKING:
    from autograder.trained.scores import Scores

ENTRANCE = "in_form"
ENTRANCE_TITLE = "The predictions are there and in form"


@dataclass(frozen=True)
class Judged:
    """A result, and what the leaderboard needs if the predictions could be scored."""

    result: ExerciseResult
    scores: Scores | None = None
    leaderboard_name: str = ""


def judge(exercise: TrainedExercise, handed_in: bytes | str | None, hidden: Hidden) -> Judged:
    """The result of a file of predictions; of a text, which says why there is none; or of None: none was handed in."""
    from autograder.trained.scores import (
        scores,
    )  # inside: students, who never judge, do not have it

    try:
        predictions = _read(exercise, handed_in)
        require_same_task(predictions, hidden.fingerprint)
    except PredictionsError as error:
        status = Status.COULD_NOT_RUN if handed_in is None else Status.FAILED
        return Judged(
            unscored(exercise, status, str(error), "not scored, since the check above did not pass")
        )
    expected = views_of(hidden.images, hidden.shape)
    predicted = views_of(predictions.images, hidden.shape)
    found, each = scores(expected, predicted)
    shown = views_of(hidden.shown, (-1, *hidden.shape[1:])) if hidden.shown else None
    picture = strip_png(expected, predicted, each, shown)
    mean = f"{len(each)} views; on average {found.psnr:.2f} dB, SSIM {found.ssim:.4f}"
    checks = [_check(exercise, ENTRANCE, ENTRANCE_TITLE, Status.PASSED, mean, picture)]
    for number, band in enumerate(exercise.bands, start=1):
        met = band.met_by(found.psnr, found.ssim)
        status = Status.PASSED if met else Status.FAILED
        said = band.measured(found.psnr, found.ssim)
        checks.append(_check(exercise, f"band_{number}", band.title, status, said))
    return Judged(_result(exercise, checks), found, predictions.leaderboard_name)


def views_of(images: bytes, shape: tuple[int, ...]) -> UInt8[NDArray[Any], "v h w 3"]:
    """Bytes, row by row, as views."""
    return np.frombuffer(images, np.uint8).reshape(shape)


def unscored(exercise: TrainedExercise, status: Status, why: str, bands: str) -> ExerciseResult:
    """A result without scores: the entrance with its reason, every band with its own."""
    checks = [_check(exercise, ENTRANCE, ENTRANCE_TITLE, status, why)]
    for number, band in enumerate(exercise.bands, start=1):
        name = f"band_{number}"
        checks.append(_check(exercise, name, band.title, Status.COULD_NOT_RUN, bands))
    return _result(exercise, checks)


def _read(exercise: TrainedExercise, handed_in: bytes | str | None) -> Predictions:
    if handed_in is None:
        raise PredictionsError(
            f"{file_name(exercise.id)} is not in the submission. Train, run the cell that calls "
            f"`export_predictions({exercise.id!r}, …)`, then `submit(…)`, and hand in its zip: "
            "the notebook alone does not hold predictions."
        )
    if isinstance(handed_in, str):
        raise PredictionsError(handed_in)
    return read_predictions(handed_in, exercise)


def _result(exercise: TrainedExercise, checks: list[CheckResult]) -> ExerciseResult:
    return ExerciseResult(exercise.id, exercise.title, exercise.points, tuple(checks))


def _check(
    exercise: TrainedExercise,
    name: str,
    title: str,
    status: Status,
    message: str,
    picture: bytes | None = None,
) -> CheckResult:
    evidence = Evidence(picture_png=picture)
    return CheckResult(exercise.id, name, title, name == ENTRANCE, status, message, evidence)
