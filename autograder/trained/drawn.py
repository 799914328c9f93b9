"""A task drawn from a seed: what is shown, what is hidden, and the fingerprint that ties predictions to it."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograder.trained.task import Task

if TYPE_CHECKING:
    from course_lib.data.view_task import ViewTask
    from course_lib.shapes import Float, Tensor


@dataclass(frozen=True)
class Hidden:
    """The views that predictions are compared with. Trusted processes only."""

    task: str
    fingerprint: str
    shape: tuple[int, ...]  # views, height, width, 3; of many objects, object 0's views first
    images: bytes
    shown: bytes = b""  # the first photograph that students have of each object; b"" for one scene


@dataclass(frozen=True)
class DrawnTask:
    """Both halves of a task, and the seed that they came from."""

    seed: str
    public: ViewTask
    hidden: Hidden


def fingerprint(task: Task, seed: str) -> str:
    """Names a drawing of a task; tells nothing of the seed, and is the same on every machine."""
    message = f"{task.id}, version {task.version}"
    return hmac.new(seed.encode(), message.encode(), hashlib.sha256).hexdigest()[:16]


def draw_task(task: Task, seed: str) -> DrawnTask:
    """Draw a task. ValueError if what it draws is not what it declares."""
    from course_lib.data.view_task import ViewTask

    drawn = task.draw(seed)
    train, hidden = drawn.train, drawn.hidden
    found = (hidden.count, *hidden.resolution)
    if found != task.views or train.resolution != hidden.resolution:
        raise ValueError(
            f"task {task.id!r} declares hidden views {task.views} and draws {found}, with training "
            f"views of {train.resolution}; all views of a task have one size"
        )
    if train.batch_shape[:-1] != hidden.batch_shape[:-1]:
        raise ValueError(
            f"task {task.id!r} draws training views {train.batch_shape} and hidden views "
            f"{hidden.batch_shape}; both are (views,) of one scene, or (objects, views) of the same objects"
        )
    mark = fingerprint(task, seed)
    public = ViewTask(task.id, mark, train, hidden.world_from_camera)
    shown = b"" if len(train.batch_shape) == 1 else to_levels(train.images[:, 0])
    kept = Hidden(task.id, mark, (*found, 3), to_levels(hidden.images), shown)
    return DrawnTask(seed, public, kept)


def to_levels(images: Float[Tensor, "*b h w 3"]) -> bytes:
    """Images in [0, 1] as whole numbers 0 to 255, row by row: what predictions and hidden views are kept as."""
    import torch

    levels = (images.detach().double().clamp(0, 1) * 255).round().to(torch.uint8)
    return levels.cpu().contiguous().numpy().tobytes()
