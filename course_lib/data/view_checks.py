"""What makes a set of posed views sound: tensors that agree, pictures in [0, 1], depth before the camera.

One pass over the pixels; only a fault is looked at closely.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final

import torch

from course_lib.data.camera_checks import (
    ViewsError,
    at,
    check_intrinsics,
    check_poses,
    first_index,
    numbers,
)
from course_lib.shapes import Float, Tensor

if TYPE_CHECKING:
    from course_lib.data.posed_views import PosedViews

MISSING: Final = {
    "images": "there is nothing to learn from; load the photographs first",
    "K": "no ray can be drawn without intrinsics; give the camera's K, normalised to uv in [0, 1]² "
    "(course_lib.scenes.intrinsics makes one from a focal length)",
    "world_from_camera": "nobody knows where the cameras stand; give their poses, OpenCV's convention",
}
NORMALS_AT_ONCE: Final = 2**22  # pixels, so that checking needs little memory


def check_views(views: PosedViews) -> None:
    """Raise ViewsError for the first thing that is wrong, the simplest mistakes first."""
    _check_tensors(views)
    _check_shapes(views)
    _check_range(views)
    if views.images.numel():
        _check_images(views.images)
        check_poses(views.world_from_camera)
        check_intrinsics(views.K, views.resolution)
        _check_geometry(views)
    _check_labels(views)


def _check_tensors(views: PosedViews) -> None:
    for needed in ("images", "K", "world_from_camera"):
        if getattr(views, needed) is None:
            raise ViewsError(f"{needed} is None: {MISSING[needed]}")
    for field, value in views.tensors().items():
        # Annotations are promises; students pass arrays and lists all the same.
        given: Any = value
        if not isinstance(given, Tensor):
            raise ViewsError(
                f"{field} is a {type(given).__name__}, not a torch.Tensor; "
                "use torch.from_numpy(…) or torch.stack(…)"
            )
        wanted = torch.uint8 if field == "labels" else torch.float32
        if given.dtype != wanted:
            hint = f"use {field}.to({wanted})"
            if field == "images" and given.dtype == torch.uint8:
                hint = "use images.float() / 255"
            raise ViewsError(f"{field} has dtype {given.dtype}, not {wanted}; {hint}")
        if given.device != views.images.device:
            raise ViewsError(
                f"{field} lies on {given.device} but images on {views.images.device}; "
                "move everything to one device first"
            )


def _check_shapes(views: PosedViews) -> None:
    shape = tuple(views.images.shape)
    if len(shape) < 3 or shape[-1] != 3:
        hint = ""
        if len(shape) >= 3 and shape[-3] == 3:
            hint = "; the colours come last: use images.movedim(-3, -1)"
        elif shape and shape[-1] == 4:
            hint = "; lay the fourth channel, alpha, over a background first"
        raise ViewsError(f"images has shape {shape}, not (…, height, width, 3){hint}")
    batch, (height, width) = shape[:-3], shape[-3:-1]
    if len(batch) > 2:
        raise ViewsError(
            f"images has shape {shape}: {len(batch)} batch dimensions; there can be (views,) for one "
            "scene or (objects, views) for many"
        )
    if 0 in (height, width):
        raise ViewsError(f"images has shape {shape}: pictures without pixels")
    wanted = {
        "K": (*batch, 3, 3),
        "world_from_camera": (*batch, 4, 4),
        "depth": (*batch, height, width),
        "normals": (*batch, height, width, 3),
        "labels": (*batch, height, width),
    }
    for field, value in views.tensors().items():
        if field != "images" and tuple(value.shape) != wanted[field]:
            raise ViewsError(
                f"{field} has shape {tuple(value.shape)}, but images {shape} call for "
                f"{wanted[field]}{_shape_hint(field, tuple(value.shape), batch)}"
            )


def _shape_hint(field: str, shape: tuple[int, ...], batch: tuple[int, ...]) -> str:
    if field == "world_from_camera" and shape[-2:] == (3, 4):
        return "; append the row 0 0 0 1 to every pose"
    if len(shape) > len(batch) and shape[: len(batch)] != batch:
        return f": {'×'.join(map(str, shape[: len(batch)]))} of them for {'×'.join(map(str, batch))} views"
    return ""


def _check_range(views: PosedViews) -> None:
    for field in ("near", "far"):
        value: Any = getattr(views, field)
        if not isinstance(value, float) or not math.isfinite(value):
            raise ViewsError(f"{field} is {value!r}, not a finite number")
    if views.near <= 0:
        raise ViewsError(
            f"near is {views.near:g}; it is a distance in front of the camera, so it must be > 0"
        )
    if views.far <= views.near:
        raise ViewsError(f"far ({views.far:g}) must lie beyond near ({views.near:g})")


def _check_images(images: Float[Tensor, "*b h w 3"]) -> None:
    low, high = (bound.item() for bound in torch.aminmax(images))
    if low >= 0 and high <= 1:
        return
    # NaN fails every comparison, so it lands here too.
    good = (images >= 0) & (images <= 1)
    view = first_index(~good.flatten(-3).all(dim=-1))
    row, col = first_index(~good[view].all(dim=-1))
    value = images[view][row, col].tolist()
    hint = "divide by 255" if high > 2 else "pictures lie in [0, 1]; use images.clamp(0, 1)"
    if -1.001 <= low < 0 and high <= 1.001:
        hint = "is it in [−1, 1]? Then use (images + 1) / 2; else clamp(0, 1)"
    if not (math.isfinite(low) and math.isfinite(high)):
        hint = "mend or leave out the view"
    colour = ", ".join(f"{channel:g}" for channel in value)
    raise ViewsError(f"{at('images', view)} is ({colour}) at row {row}, column {col}: {hint}")


def _check_geometry(views: PosedViews) -> None:
    if views.depth is not None:
        lowest = torch.aminmax(views.depth).min.item()
        if not lowest > 0:
            view = first_index(~(views.depth > 0).flatten(-2).all(dim=-1))
            row, col = first_index(~(views.depth[view] > 0))
            raise ViewsError(
                f"{at('depth', view)} is {views.depth[view][row, col].item():g} at row {row}, column "
                f"{col}: depth is z > 0 before the camera, and inf where nothing is seen"
            )
    if views.normals is None:
        return
    pixels = views.normals.reshape(-1, 3)
    for start in range(0, len(pixels), NORMALS_AT_ONCE):
        square = pixels[start : start + NORMALS_AT_ONCE].square().sum(dim=-1)
        good = ((square - 1).abs() < 0.02) | (square == 0)
        if not good.all():
            height, width = views.resolution
            view_number, pixel = divmod(start + first_index(~good)[0], height * width)
            view = first_index(torch.arange(views.count).reshape(views.batch_shape) == view_number)
            normal = views.normals[view].reshape(-1, 3)[pixel]
            raise ViewsError(
                f"{at('normals', view)} is {numbers(normal)} at row {pixel // width}, column "
                f"{pixel % width}: normals have length 1, and are 0 where nothing is seen"
            )


def _check_labels(views: PosedViews) -> None:
    names: Any = views.label_names
    if not isinstance(names, tuple) or not all(isinstance(name, str) for name in names):
        raise ViewsError(f"label_names is {names!r}, not a tuple of texts")
    if names and names[0] != "background":
        raise ViewsError(f"label_names[0] is {names[0]!r}; label 0 is 'background'")
    if views.labels is None or not names or not views.labels.numel():
        return
    if int(views.labels.max()) >= len(names):
        view = first_index((views.labels >= len(names)).flatten(-2).any(dim=-1))
        raise ViewsError(
            f"{at('labels', view)} holds {int(views.labels[view].max())}, but label_names has only "
            f"{len(names)} names"
        )
