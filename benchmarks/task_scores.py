"""What a model gets for a trained exercise: codes searched from one drawing's photographs, scored as graders do."""

from __future__ import annotations

from autograder.trained.drawn import draw_task, to_levels
from autograder.trained.judge import views_of
from autograder.trained.scores import Scores, scores
from autograder.trained.task import find_task
from benchmarks.scene_networks import Trained
from course_lib.solved.auto_decoding import explain, pictures


def task_scores(task_id: str, trained: Trained, search: int) -> Scores:
    """The scores of a task's hidden views after `search` steps from the middle of all codes."""
    task = draw_task(find_task(task_id), "a drawing of the benchmark")
    truth = views_of(task.hidden.images, (-1, *task.public.resolution, 3))
    z = explain(trained.model, task.public.train, trained.codes.mean(0), search)
    predicted = pictures(trained.model, z, task.public.K, task.public.world_from_camera)
    return scores(truth, views_of(to_levels(predicted), truth.shape))[0]
