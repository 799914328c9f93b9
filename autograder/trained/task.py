"""What a trained task is, and where to find one by its id: a module of autograder/trained/tasks."""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from autograder.catalogue.bands import Band

if TYPE_CHECKING:
    from course_lib.data import PosedViews

_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
_PACKAGE = "autograder.trained.tasks"
# The task in the repository is drawn from it. Whoever reads this can draw its hidden views: releases have another.
DEVELOPMENT_SEED = "development"


class UnknownTaskError(LookupError):
    """There is no task of that id; the message says where one is made."""


@dataclass(frozen=True)
class Drawn:
    """A task as a seed made it: what students are shown, and the views that they predict.

    Both are (views,) of one scene, or (objects, views) of the same objects in the same order.
    """

    train: PosedViews
    hidden: PosedViews


@dataclass(frozen=True)
class Task:
    """A trained task. `draw` may depend on its seed alone; it imports what is heavy itself.

    Raise `version` with every change that makes the same seed draw something else.
    """

    id: str
    version: int
    views: tuple[int, int, int]  # how many hidden views (of all objects), their height and width
    bands: tuple[Band, ...]
    draw: Callable[[str], Drawn]


def find_task(task_id: str) -> Task:
    """The task of that id; UnknownTaskError if no module declares it."""
    name = f"{_PACKAGE}.{task_id}"
    if not _ID.fullmatch(task_id) or find_spec(name) is None:
        raise UnknownTaskError(
            f"there is no trained task {task_id!r}; a module "
            f"autograder/trained/tasks/{task_id}.py would declare it as TASK"
        )
    task = importlib.import_module(name).TASK
    if not isinstance(task, Task) or task.id != task_id:
        raise UnknownTaskError(
            f"{name}.TASK must be a Task whose id is {task_id!r}; it is {task!r}"
        )
    return task
