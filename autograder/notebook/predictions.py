"""`export_predictions("fit_a_scene", images)`: predicted views into the file that `submit()` packs."""

from __future__ import annotations

import contextlib
import difflib
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.catalogue import TrainedExercise, all_notebooks, load_catalogue
from autograder.results import ExerciseResult, Status
from autograder.trained.judge import unscored
from autograder.trained.names import LONGEST, clean_leaderboard_name
from autograder.trained.predictions import (
    Predictions,
    PredictionsError,
    file_name,
    most_bytes,
    read_predictions,
    require_same_task,
)

if TYPE_CHECKING:
    from course_lib.shapes import Float, Tensor

LATER = "decided in grading, on hidden views"


def export_predictions(
    task: str,
    images: Float[Tensor, "*b h w 3"],
    leaderboard_name: str | None = None,
    *,
    folder: str | Path = ".",
) -> Path:
    """Write predicted views, in the order of the task's hidden poses, and return the file's path.

    `images` are "n h w 3", of several objects also "objects n h w 3"; float, rgb, in [0, 1], on any device. They
    are kept with 8 bits a colour. Whoever gives a `leaderboard_name` is listed under it, with their scores; nobody
    else is. `submit()` packs the file.

    Raises:
        PredictionsError: unknown task, wrong type, shape, dtype, range or count, NaN; nothing is written.
    """
    from autograder.notebook.predictions_in_form import in_form
    from autograder.trained.drawn import to_levels
    from course_lib.data.view_task import load_task

    exercise = find_trained(task)
    public = load_task(task)
    name = _leaderboard_name(leaderboard_name)
    views = in_form(images, public)
    predictions = Predictions(task, public.fingerprint, tuple(views.shape), to_levels(views), name)
    path = Path(folder).expanduser() / file_name(task)
    _write(path, predictions.to_bytes())
    count, height, width = exercise.views
    listed = f"you are listed as {name!r}" if name else "you are not listed"
    print(
        f"Wrote {file_name(task)}: {count} views of {height}×{width}. On the leaderboard {listed}. "
        "submit() packs the file."
    )
    return path


def find_trained(task: str) -> TrainedExercise:
    """The trained exercise of that id, in any notebook; PredictionsError suggests the nearest."""
    known = {e.id: e for e in all_trained()}
    if task not in known:
        near = difflib.get_close_matches(str(task), known, n=1)
        advice = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known) or 'none'}."
        raise PredictionsError(f"There is no trained exercise called {task!r}. {advice}")
    return known[task]


def all_trained() -> Iterator[TrainedExercise]:
    """Every trained exercise of the course."""
    for notebook in all_notebooks():
        yield from load_catalogue(notebook).trained


def check_predictions(exercise: TrainedExercise, folder: Path) -> ExerciseResult:
    """Whether predictions are there and in form, as far as that can be told without the hidden views."""
    try:
        read_exported(exercise, folder)
    except FileNotFoundError:
        missing = (
            f"{file_name(exercise.id)} is not there yet: train, then run the cell that calls "
            f"`export_predictions({exercise.id!r}, …)`"
        )
        return unscored(exercise, Status.COULD_NOT_RUN, missing, LATER)
    except PredictionsError as error:
        return unscored(exercise, Status.FAILED, str(error), LATER)
    return unscored(exercise, Status.PASSED, "", LATER)


def read_exported(exercise: TrainedExercise, folder: Path) -> Predictions:
    """What was exported; FileNotFoundError, or PredictionsError where it would not be graded."""
    from course_lib.data.view_task import load_task

    with (folder / file_name(exercise.id)).open("rb") as file:
        predictions = read_predictions(file.read(most_bytes(exercise) + 1), exercise)
    require_same_task(predictions, load_task(exercise.id).fingerprint)
    return predictions


def _leaderboard_name(given: object) -> str:
    if given is None:
        return ""
    if not isinstance(given, str):
        raise PredictionsError(
            f"leaderboard_name is text, or None to stay off the leaderboard; got {given!r:.80}"
        )
    name = clean_leaderboard_name(given)
    if given.strip() and not name:
        raise PredictionsError(
            f"leaderboard_name {given!r:.80} has no letter that can be shown; choose another"
        )
    if len(" ".join(given.split())) > LONGEST:
        print(f"leaderboard_name is longer than {LONGEST} characters; it was cut to {name!r}.")
    return name


def _write(path: Path, data: bytes) -> None:
    """By renaming: an interrupted export leaves the file as it was."""
    # Two tabs may export at once: a name that nobody else draws.
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(data)
        partial.replace(path)
    except OSError as error:
        kept = f" The file that was exported before, {path}, is whole." if path.is_file() else ""
        raise PredictionsError(
            f"{path.name} cannot be written into {path.parent.resolve()}: {error.strerror or error}. Free some "
            f"space, or give another `folder`.{kept}"
        ) from None
    finally:
        with contextlib.suppress(OSError):  # it was renamed, or never made
            partial.unlink()
