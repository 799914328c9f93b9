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
    shape: tuple[int, ...]  # views, height, width, 3
    images: bytes


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
    found = (len(drawn.hidden), *drawn.hidden.resolution)
    if found != task.views or drawn.train.resolution != drawn.hidden.resolution:
        raise ValueError(
            f"task {task.id!r} declares hidden views {task.views} and draws {found}, with training "
            f"views of {drawn.train.resolution}; all views of a task have one size"
        )
    mark = fingerprint(task, seed)
    public = ViewTask(task.id, mark, drawn.train, drawn.hidden.world_from_camera)
    shape = tuple(drawn.hidden.images.shape)
    return DrawnTask(seed, public, Hidden(task.id, mark, shape, to_levels(drawn.hidden.images)))


def to_levels(images: Float[Tensor, "n h w 3"]) -> bytes:
    """Images in [0, 1] as whole numbers 0 to 255, row by row: what predictions and hidden views are kept as."""
    import torch

    levels = (images.detach().double().clamp(0, 1) * 255).round().to(torch.uint8)
    return levels.cpu().contiguous().numpy().tobytes()
