"""What may be wrong with predicted views, told as early as it can be: before anything is written."""

from __future__ import annotations

from typing import Any

import torch

from autograder.trained.predictions import PredictionsError
from course_lib.data.view_task import ViewTask
from course_lib.shapes import Float, Tensor

SLACK = 0.01  # how far colours may overshoot [0, 1] before something is wrong; they are clamped


def in_form(images: Any, task: ViewTask) -> Float[Tensor, "n h w 3"]:
    """The images, detached, clamped to [0, 1] and one after the other; PredictionsError says what is wrong.

    Of several objects they may also be "objects n h w 3".
    """
    if not isinstance(images, Tensor):
        raise PredictionsError(f"images must be a torch.Tensor, not {_kind(images)}")
    if images.is_meta or images.layout != torch.strided:
        what = (
            "without values (device meta)"
            if images.is_meta
            else f"of layout {_short(images.layout)}"
        )
        raise PredictionsError(f"images are a tensor {what}; give an ordinary one, as rendered")
    _require_shape(images, task)
    if not images.dtype.is_floating_point:
        remedy = (
            "divide by 255: images.float() / 255" if images.dtype == torch.uint8 else "use float32"
        )
        raise PredictionsError(
            f"images have dtype {_short(images.dtype)}, but colours are floating-point numbers in "
            f"[0, 1]; {remedy}"
        )
    views = images.detach().to("cpu", torch.float32).flatten(end_dim=-4)
    _require_range(views)
    return views.clamp(0, 1)


def _kind(value: Any) -> str:
    if isinstance(value, list | tuple) and value and all(isinstance(v, Tensor) for v in value):
        return f"a {type(value).__name__} of tensors; put the views together: torch.stack(images)"
    if type(value).__module__ == "numpy":
        return "a numpy array; convert it: torch.from_numpy(images)"
    return f"a {type(value).__name__}; stack the rendered views into one tensor"


def _require_shape(images: Tensor, task: ViewTask) -> None:
    shape, (height, width) = tuple(images.shape), task.resolution
    wanted, by_object = (len(task), height, width, 3), (*task.hidden_shape, height, width, 3)
    if shape in (wanted, by_object):
        return
    if wanted == by_object:
        asked = f"{wanted}: hidden views, height, width, rgb"
        advice = _advice(shape, wanted, task.train.count)
    else:
        asked = f"{by_object}: objects, hidden views of each, height, width, rgb; or {wanted}, object 0's first"
        advice = _advice_on_objects(shape, by_object) or _advice(shape, wanted, task.train.count)
    raise PredictionsError(f"images have shape {shape}; {task.name} asks for {asked}. {advice}")


def _advice_on_objects(shape: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    """What only several objects can have wrong; "" for everything else."""
    objects, each, height, width, _ = wanted
    if shape == (each, objects, height, width, 3):
        return "The objects come first: images.transpose(0, 1)."
    if shape == (objects, each, 3, height, width):
        return "The channels come last here: images.permute(0, 1, 3, 4, 2)."
    if shape in ((objects, each, height * width, 3), (objects, each * height * width, 3)):
        return f"Give the pixels their places back: images.reshape{wanted}."
    if shape == (objects, height, width, 3):
        return f"That is one view of each object; render all {each} poses of task.world_from_camera[i]."
    if shape == wanted[1:]:
        return (
            f"These are the views of one object; put those of all {objects} together: torch.stack."
        )
    return ""


def _advice(shape: tuple[int, ...], wanted: tuple[int, ...], training: int) -> str:
    count, height, width, _ = wanted
    many = shape[:1]
    if shape[1:] == (3, height, width):
        return "The channels come last here: images.permute(0, 2, 3, 1)."
    if height != width and len(shape) > 3 and shape[-3:] == (width, height, 3):
        return "Height comes before width: were images swapped, or rendered at (width, height)?"
    if shape == (count, height * width, 3) or shape == (count * height * width, 3):
        return f"Give the pixels their places back: images.reshape{wanted}."
    if len(shape) > 3 and shape[-1] == 4:
        return "A fourth channel is no colour: composite on white and leave alpha out."
    if shape == wanted[1:] or (len(shape) == 3 and shape[2] == 3):
        return "This is one view; torch.stack the renderings of all hidden poses."
    if shape[1:] == wanted[1:] and many == (training,):
        return (
            "These are as many as the training views: render task.world_from_camera, the poses whose "
            "photographs are hidden, not task.train."
        )
    if shape[1:] == wanted[1:]:
        return f"There are {count} hidden poses in task.world_from_camera; render each, in their order."
    if len(shape) > 3 and shape[-3:-1] != (height, width) and shape[-1] == 3:
        return f"Render at task.resolution, {height}×{width} (height × width)."
    return "Render every pose of task.world_from_camera and stack the images."


def _require_range(views: Float[Tensor, "n h w 3"]) -> None:
    bad = ~views.isfinite()
    if bad.any():
        first = int(bad.flatten(1).any(1).nonzero()[0])
        raise PredictionsError(
            f"images hold {int(bad.sum())} values that are NaN or infinite, the first in view {first}. Look for "
            "a division by 0 or an overflow in the renderer; did training diverge?"
        )
    low, high = float(views.min()), float(views.max())
    if low >= -SLACK and high <= 1 + SLACK:
        return
    if low < -SLACK and low >= -1 - SLACK and high <= 1 + SLACK:
        remedy = "do they run from -1 to 1? Then (images + 1) / 2"
    elif low >= -SLACK and 2 < high <= 255.5:
        remedy = "do they run from 0 to 255? Then images / 255"
    else:
        remedy = "colours lie in [0, 1]; end the network with a sigmoid, or composite only colours that do"
    raise PredictionsError(f"images run from {low:.3g} to {high:.3g}; {remedy}")


def _short(kind: torch.dtype | torch.layout) -> str:
    return str(kind).removeprefix("torch.")
