"""Are the bands of a trained exercise fair? The hidden views reach them all, pictures that nobody trained for none."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.catalogue import TrainedExercise
from autograder.handouts.check import Finding
from autograder.handouts.exercise_list import catalogue_of
from autograder.handouts.files import handout_path
from autograder.release.outcome import Outcome
from autograder.results import Status
from autograder.source import Source
from autograder.trained.drawn import DrawnTask, draw_task
from autograder.trained.task import DEVELOPMENT_SEED, Task, find_task


def trained_outcomes(root: Path, source: Source, seeds: Sequence[int]) -> list[Outcome]:
    """Two outcomes per trained exercise: what its bands ask for, and whether the handout says so."""
    outcomes: list[Outcome] = []
    for exercise in catalogue_of(source).trained:
        examined, found = _fairness(exercise, find_task(exercise.id), seeds)
        title = f"{exercise.id}: the hidden views reach every band, a mean or a white image none"
        outcomes.append(Outcome(source.name, title, examined, tuple(found)))
        title = f"{exercise.id}: the handout states the bands"
        said = tuple(_unsaid(root, source, exercise))
        outcomes.append(Outcome(source.name, title, f"{len(exercise.bands)} bands", said))
    return outcomes


def _fairness(
    exercise: TrainedExercise, task: Task, seeds: Sequence[int]
) -> tuple[str, list[Finding]]:
    found: list[Finding] = []
    nearest: list[str] = []
    for seed in (DEVELOPMENT_SEED, *(f"verify {seed}" for seed in seeds)):
        drawn = draw_task(task, seed)
        found += _unfair(exercise, drawn)
        nearest.append(_told(exercise, drawn, _nearest_views(drawn)))
    examined = f"{1 + len(seeds)} drawings; the nearest training view: {'; '.join(nearest)}"
    return examined, found


def _unfair(exercise: TrainedExercise, drawn: DrawnTask) -> Iterator[Finding]:
    place = f"autograder/trained/tasks/{exercise.id}.py"
    images = {"the hidden views themselves": drawn.hidden.images}
    for name, predicted in (images | _untrained(drawn)).items():
        reached = _reached(exercise, drawn, predicted)
        truth = name in images
        if truth != bool(reached) or (truth and len(reached) < len(exercise.bands)):
            said = ", ".join(reached) or "none"
            yield Finding(
                place,
                f"drawn from {drawn.seed!r}, {name} of {exercise.id!r} reach these bands: {said}",
                "let every band be reached by the hidden views, and none by what needs no training",
            )


def _untrained(drawn: DrawnTask) -> dict[str, bytes]:
    """What somebody might hand in who has trained nothing: white, and the mean of the views that are shown."""
    import torch

    from autograder.trained.drawn import to_levels

    count = len(drawn.public)
    mean = drawn.public.train.flat().images.mean(0).expand(count, -1, -1, -1)
    return {
        "white images": to_levels(torch.ones_like(mean)),
        "mean training images": to_levels(mean),
    }


def _nearest_views(drawn: DrawnTask) -> bytes:
    """For every hidden view the one of the same object that was taken from nearest to it."""
    import torch

    from autograder.trained.drawn import to_levels

    train = drawn.public.train
    both = (drawn.public.world_from_camera, train.world_from_camera)
    hidden, shown = (poses.reshape(-1, *poses.shape[-3:]) for poses in both)  # objects, views, 4, 4
    nearest = torch.cdist(hidden[..., :3, 3], shown[..., :3, 3]).argmin(-1)
    images = train.images.reshape(*shown.shape[:2], *train.images.shape[-3:])
    return to_levels(images[torch.arange(len(shown))[:, None], nearest])


def _reached(exercise: TrainedExercise, drawn: DrawnTask, predicted: bytes) -> list[str]:
    """The bands that such predictions reach, as grading sees it."""
    from autograder.trained.judge import judge
    from autograder.trained.predictions import Predictions

    hidden = drawn.hidden
    handed_in = Predictions(exercise.id, hidden.fingerprint, hidden.shape, predicted)
    checks = judge(exercise, handed_in.to_bytes(), hidden).result.checks
    return [c.title for c in checks if c.status == Status.PASSED and not c.entrance]


def _told(exercise: TrainedExercise, drawn: DrawnTask, predicted: bytes) -> str:
    from autograder.trained.judge import views_of
    from autograder.trained.scores import scores

    hidden = drawn.hidden
    found, _ = scores(views_of(hidden.images, hidden.shape), views_of(predicted, hidden.shape))
    reached = len(_reached(exercise, drawn, predicted))
    return f"{found.psnr:.1f} dB, SSIM {found.ssim:.2f}, {reached} bands"


def _unsaid(root: Path, source: Source, exercise: TrainedExercise) -> Iterator[Finding]:
    path = handout_path(source)
    cells = json.loads((root / path).read_text(encoding="utf-8"))["cells"]
    text = "\n".join("".join(cell["source"]) for cell in cells)
    missing = [band.title for band in exercise.bands if band.title not in text]
    if missing and f'show_bands("{exercise.id}")' not in text:
        yield Finding(
            str(path),
            f"nowhere says that {exercise.id!r} asks for {', '.join(missing)}",
            f'write {{{{bands {exercise.id}}}}} into a text cell, or show_bands("{exercise.id}") into code',
        )
