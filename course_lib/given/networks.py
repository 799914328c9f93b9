"""Networks that checks put where a course's own would stand: an encoder, a decoder and a model of an object's views.

They have nothing to learn but one number, and say what is wrong with the shapes they are called with.
"""

import math

import torch
from torch import nn

from course_lib.shapes import Float, Tensor


def code_of_view(
    strength: Float[Tensor, ""],
    images: Float[Tensor, "n h w 3"],
    world_from_camera: Float[Tensor, "n 4 4"],
    outputs: int,
) -> Float[Tensor, "n d"]:
    """`outputs` numbers for each view, from all its pixels and its camera; no view knows of another.

    Raises:
        ValueError: what came is no list of images with as many poses.
    """
    count = len(images)
    if images.ndim != 4 or tuple(world_from_camera.shape) != (count, 4, 4):
        raise ValueError(
            "the encoder reads n images (n, h, w, 3) and their n poses (n, 4, 4), and got "
            f"{tuple(images.shape)} and {tuple(world_from_camera.shape)}: make one list of all the views"
        )
    numbers = torch.cat([images.flatten(1), world_from_camera.flatten(1)], 1)
    return torch.tanh(strength * _mixed(numbers, outputs)) + 0.5 * _mixed(numbers, outputs).square()


def painted(
    features: Float[Tensor, "*b k"], inputs: int, resolution: tuple[int, int]
) -> Float[Tensor, "*b h w 3"]:
    """An image for each row of `inputs` features, by no rule that anybody would guess.

    Raises:
        ValueError: the last dimension of what came is not `inputs`.
    """
    if features.ndim == 0 or features.shape[-1] != inputs:
        raise ValueError(
            f"the decoder reads {inputs} features an image, and got {tuple(features.shape)}: "
            "hand it what comes out of the second linear layer"
        )
    height, width = resolution
    colors = torch.sigmoid(_mixed(features, height * width * 3))
    return colors.reshape(*features.shape[:-1], height, width, 3)


class Painter(nn.Module):
    """`painted` as a module without parameters, such as fits into an nn.Sequential."""

    def __init__(self, inputs: int, resolution: tuple[int, int]) -> None:
        super().__init__()
        self.inputs, self.resolution = inputs, resolution

    def forward(self, features: Float[Tensor, "*b k"]) -> Float[Tensor, "*b h w 3"]:
        """An image for each row of features; see `painted`."""
        return painted(features, self.inputs, self.resolution)


def colors_of_pixels(
    strength: Float[Tensor, ""],
    context_images: Float[Tensor, "b v h w 3"],
    context_poses: Float[Tensor, "b v 4 4"],
    uv: Float[Tensor, "b t p 2"],
    target_poses: Float[Tensor, "b t 4 4"],
    meter: dict[str, int],
) -> Float[Tensor, "b t p 3"]:
    """Colours of the pixels at `uv` of the target views, from all that a model may know; to be called once.

    Raises:
        ValueError: the shapes do not fit each other.
        RuntimeError: it is called a second time.
    """
    batch, views, targets = *context_poses.shape[:2], target_poses.shape[1]
    right = (
        context_images.ndim == 5
        and tuple(context_images.shape[:2]) == (batch, views)
        and uv.ndim == 4
        and (*uv.shape[:2], uv.shape[3]) == (batch, targets, 2)
        and len(target_poses) == batch
    )
    if not right:
        shapes = [tuple(x.shape) for x in (context_images, context_poses, uv, target_poses)]
        raise ValueError(
            "the model reads context images (b, v, h, w, 3) and poses (b, v, 4, 4), then uv (b, t, p, 2) and "
            f"target poses (b, t, 4, 4), in this order, and got {', '.join(map(str, shapes))}"
        )
    meter["calls"] = meter.get("calls", 0) + 1
    if meter["calls"] > 1:
        raise RuntimeError("the model was called twice: call it once, with all pixels of all views")
    shown = torch.cat([context_images.flatten(2), context_poses.flatten(2)], -1)
    known = torch.tanh(strength * _mixed(shown, 4)).sum(1)  # b 4
    camera = _mixed(target_poses.flatten(2), 4)
    place = torch.stack([5 * uv[..., 0], 3 * uv[..., 1].square(), uv.prod(-1), uv[..., 0]], -1)
    colors = torch.sigmoid(_mixed((place + known[:, None, None] + camera[:, :, None]).sin(), 3))
    # Something that learns, always: else a gradient of zero could not be told from none at all.
    return colors + torch.zeros((), dtype=colors.dtype, requires_grad=True)


def _mixed(numbers: Float[Tensor, "*b n"], outputs: int) -> Float[Tensor, "*b k"]:
    """Sums of the numbers with weights that differ for all of them."""
    row = torch.arange(1, outputs + 1, dtype=numbers.dtype, device=numbers.device)
    column = torch.arange(1, numbers.shape[-1] + 1, dtype=numbers.dtype, device=numbers.device)
    weights = torch.cos(1.7 * row[:, None] * column + row[:, None])
    return numbers @ (weights.T * (2 / math.sqrt(numbers.shape[-1])))
