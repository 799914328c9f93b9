"""The trained tasks as the repository ships them, drawn from the seed that everybody may know."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.source import Source, SourceError
from autograder.trained.task import DEVELOPMENT_SEED, UnknownTaskError, find_task

if TYPE_CHECKING:
    from course_lib.data.view_task import ViewTask

TASKS = Path("assets/data/trained")
_LEVELS, _POSES = 2 / 255, 1e-5  # what machines may differ by


def task_path(notebook: str, task_id: str) -> Path:
    """The public file of a task, relative to the root."""
    return TASKS / notebook / f"{task_id}.safetensors"


def task_paths(source: Source) -> dict[str, Path]:
    """The public files of a notebook's trained tasks by id."""
    ids = [task.id for task in source.tasks if task.kind == "trained"]
    return {task_id: task_path(source.name, task_id) for task_id in ids}


def unknown_tasks(source: Source) -> list[SourceError]:
    """A mistake per trained exercise whose task nobody has declared."""
    return list(_unknown(source))


def _unknown(source: Source) -> Iterator[SourceError]:
    for cell in source.cells:
        if cell.task is not None and cell.task.kind == "trained":
            try:
                find_task(cell.task.id)
            except UnknownTaskError as error:
                yield SourceError(source.path, cell.line, str(error))


def draw_public(task_id: str) -> ViewTask:
    """A task as everybody may draw it."""
    from autograder.trained.drawn import draw_task

    return draw_task(find_task(task_id), DEVELOPMENT_SEED).public


def task_drift(root: Path, path: Path, drawn: ViewTask) -> str:
    """How the committed file differs from the drawn task, beyond what machines may; "" if it does not."""
    from course_lib.data.manifest import AssetError
    from course_lib.data.view_task import ViewTask

    if not (root / path).is_file():
        return "missing"
    try:
        committed = ViewTask.load(root / path)
    except AssetError as error:
        return f"unreadable: {error}"
    if committed.fingerprint != drawn.fingerprint:
        return "drawn by another version of the task"
    old, new = committed.train, drawn.train
    if old.images.shape != new.images.shape or committed.hidden_shape != drawn.hidden_shape:
        return "another number or size of views"
    poses = [
        (old.world_from_camera - new.world_from_camera).abs().max(),
        (committed.world_from_camera - drawn.world_from_camera).abs().max(),
        (committed.K - drawn.K).abs().max(),
    ]
    if max(map(float, poses)) > _POSES or (old.near, old.far) != (new.near, new.far):
        return "other cameras"
    changed = ((old.images - new.images).abs() > _LEVELS).float().mean()
    if float(changed) > 1e-3:  # a pixel at an edge may fall to either side
        return f"other photographs ({float(changed):.1%} of all numbers)"
    return ""


def write_task(root: Path, path: Path, drawn: ViewTask) -> bool:
    """Write a task's file unless the committed one agrees; whether it was written."""
    if not task_drift(root, path, drawn):
        return False
    drawn.save(root / path)
    return True
