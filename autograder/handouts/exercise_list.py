"""From a source to its catalogue: what can earn points, as the grader and `check` read it."""

from __future__ import annotations

from autograder.catalogue import Catalogue, Exercise, TrainedExercise, WrittenQuestion
from autograder.source import Source, Task
from autograder.trained.task import find_task


def catalogue_of(source: Source) -> Catalogue:
    """The exercises, trained exercises and written questions of a source; UnknownTaskError for a task that is none."""
    exercises = tuple(
        Exercise(task.id, task.number, task.title, task.points, task.functions)
        for task in source.tasks
        if task.kind == "exercise"
    )
    written = tuple(
        WrittenQuestion(task.id, task.number, task.title, task.points)
        for task in source.tasks
        if task.kind == "written"
    )
    trained = tuple(_trained(task) for task in source.tasks if task.kind == "trained")
    return Catalogue(source.name, source.topic, source.title, exercises, written, trained)


def _trained(task: Task) -> TrainedExercise:
    declared = find_task(task.id)
    bands, views = declared.bands, declared.views
    return TrainedExercise(task.id, task.number, task.title, task.points, bands, views)
