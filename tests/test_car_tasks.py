"""What all tasks of many objects promise: a seed draws the same again, and nobody reaches a band without training."""

from __future__ import annotations

import pytest

from autograder.catalogue import TrainedExercise
from autograder.release.trained_bands import _nearest_views, _reached, _untrained
from autograder.trained.drawn import draw_task
from autograder.trained.task import Task
from autograder.trained.tasks import one_glance, one_photograph, two_photographs

SECRET = "a secret of these tests"
TASKS = [
    pytest.param(module.TASK, id=module.TASK.id)
    for module in (one_photograph, two_photographs, one_glance)
]


@pytest.mark.parametrize("task", TASKS)
def test_a_seed_draws_the_same_and_another_seed_something_else(task: Task) -> None:
    drawn = draw_task(task, SECRET)
    again, other = draw_task(task, drawn.seed), draw_task(task, "another")
    assert again.hidden == drawn.hidden
    assert again.public.to_bytes() == drawn.public.to_bytes()
    assert other.hidden.images != drawn.hidden.images
    poses = (other.public.world_from_camera, drawn.public.world_from_camera)
    assert (poses[0] - poses[1]).abs().max() > 0.1


@pytest.mark.parametrize("task", TASKS)
def test_nothing_that_needs_no_training_reaches_a_band(task: Task) -> None:
    drawn = draw_task(task, SECRET)
    exercise = TrainedExercise(task.id, "1.1", "A task", 6, task.bands, task.views)
    candidates = _untrained(drawn) | {"the photographs": _nearest_views(drawn)}
    for name, predicted in candidates.items():
        assert _reached(exercise, drawn, predicted) == [], name
    assert len(_reached(exercise, drawn, drawn.hidden.images)) == len(task.bands)
