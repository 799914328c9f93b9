"""From a source to its catalogue: what can earn points, as the grader and `check` read it."""

from __future__ import annotations

from autograder.catalogue import Catalogue, Exercise, WrittenQuestion
from autograder.source import Source


def catalogue_of(source: Source) -> Catalogue:
    """The exercises and written questions of a source, in order."""
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
    return Catalogue(source.name, source.topic, source.title, exercises, written)
