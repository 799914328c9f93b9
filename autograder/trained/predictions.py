"""The file that a student hands in: predicted views, what they are predictions of, and perhaps a name to show.

`predictions/TASK.safetensors` holds one tensor `images` (views, height, width, 3) of whole numbers 0 to 255, and the
texts `format`, `task`, `fingerprint` and, if its author wants to be on the leaderboard, `leaderboard_name`. Writer
and reader stand side by side here; the reader trusts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from autograder.catalogue import TrainedExercise
from autograder.trained.container import (
    MOST_HEADER_BYTES,
    Block,
    ContainerFault,
    pack,
    unpack,
)
from autograder.trained.names import clean_leaderboard_name

FOLDER = "predictions"
FORMAT = "1"
_IMAGES = "images"
_TEXTS = frozenset(["format", "task", "fingerprint", "leaderboard_name"])


class PredictionsError(ValueError):
    """Predictions that cannot be judged; the message tells their author what is wrong and what to do."""


@dataclass(frozen=True)
class Predictions:
    """Predicted views, row by row from the first view's upper left pixel, rgb."""

    task: str
    fingerprint: str  # of the drawn task that they belong to
    shape: tuple[int, ...]
    images: bytes
    leaderboard_name: str = ""

    def to_bytes(self) -> bytes:
        """The file; equal predictions give equal bytes."""
        texts = {"format": FORMAT, "task": self.task, "fingerprint": self.fingerprint}
        if self.leaderboard_name:
            texts["leaderboard_name"] = self.leaderboard_name
        return pack({_IMAGES: Block(self.shape, self.images)}, texts)


def file_name(task: str) -> str:
    """Where the predictions lie, seen from the notebook."""
    return f"{FOLDER}/{task}.safetensors"


def most_bytes(exercise: TrainedExercise) -> int:
    """No file of predictions in form is larger; more is not even read."""
    count, height, width = exercise.views
    return count * height * width * 3 + MOST_HEADER_BYTES + 8


def read_predictions(data: bytes, exercise: TrainedExercise) -> Predictions:
    """Predictions in the form that the exercise asks for; PredictionsError for anything else."""
    name = file_name(exercise.id)
    again = f"Run the cell that calls `export_predictions({exercise.id!r}, …)` again."
    if len(data) > most_bytes(exercise):
        raise PredictionsError(
            f"{name} is larger than the {most_bytes(exercise):,} bytes that "
            f"{_views(exercise)} can take. {again}"
        )
    try:
        blocks, texts = unpack(data)
    except ContainerFault as fault:
        raise PredictionsError(f"{name} is damaged: {fault}. {again}") from None
    if set(blocks) != {_IMAGES} or not set(texts) <= _TEXTS or texts.get("format") != FORMAT:
        raise PredictionsError(
            f"{name} was not written by `export_predictions` of this course: it holds "
            f"{_listed(blocks)} instead of `{_IMAGES}` alone, or is of another version. {again}"
        )
    if texts.get("task") != exercise.id:
        raise PredictionsError(
            f"{name} holds predictions for {texts.get('task', '')[:40]!r}, "
            f"not for {exercise.id!r}. {again}"
        )
    wanted = (*exercise.views, 3)
    block = blocks[_IMAGES]
    if block.shape != wanted:
        raise PredictionsError(
            f"{name} holds images of shape {block.shape}; {_views(exercise)} have shape {wanted}: "
            f"views, height, width, rgb. {again}"
        )
    return Predictions(
        exercise.id,
        _mark(texts.get("fingerprint", "")),
        block.shape,
        block.data,
        clean_leaderboard_name(texts.get("leaderboard_name", "")),
    )


def require_same_task(predictions: Predictions, fingerprint: str) -> None:
    """PredictionsError where predictions were made for another drawing of the task than the given one."""
    if predictions.fingerprint != fingerprint:
        raise PredictionsError(
            f"{file_name(predictions.task)} was made for another release of the task "
            f"(fingerprint {predictions.fingerprint[:16] or 'missing'!s}, this one has "
            f"{fingerprint[:16]}): its views look at another scene. Install the course's current "
            "version, train on its views and export again."
        )


def _mark(text: str) -> str:
    """A fingerprint as written; "" for a text that is none, which nobody needs to see."""
    return text if re.fullmatch(r"[0-9a-f]{1,64}", text) else ""


def _views(exercise: TrainedExercise) -> str:
    count, height, width = exercise.views
    return f"{count} views of {height}×{width}"


def _listed(names: Iterable[str]) -> str:
    found = [f"{name[:40]!r}" for name in list(names)[:5]]  # in quotes: it may be any text
    return ", ".join(found) or "no tensor"
