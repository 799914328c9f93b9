"""Tensors as arrays for drawing, with an error that names the argument when the shape is off."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Array = NDArray[np.float64]


def as_array(name: str, value: Any, shape: tuple[int | str, ...]) -> Array:
    """`value` (tensor, array or list, on any device) as float64.

    `shape` has a number where the size is fixed, a name where it is free; else ValueError.
    """
    if isinstance(value, torch.Tensor):
        value = value.detach().cpu().to(torch.float64).numpy()
    array = np.asarray(value, dtype=np.float64)
    fits = array.ndim == len(shape) and all(
        isinstance(wanted, str) or wanted == size
        for wanted, size in zip(shape, array.shape, strict=True)
    )
    if not fits:
        wanted = " ".join(map(str, shape))
        raise ValueError(f"{name} must have shape ({wanted}); got {tuple(array.shape)}")
    return array


def as_image(name: str, value: Any) -> Array:
    """An image `h w 3` (or grey, `h w` or `h w 1`) clipped to [0, 1]; NaN becomes magenta to be seen."""
    shape = np.shape(value)
    channels = () if len(shape) == 2 else (1,) if shape[2:] == (1,) else (3,)
    array = as_array(name, value, ("h", "w", *channels))
    if array.size == 0:
        raise ValueError(f"{name} has no pixels: its shape is {array.shape}")
    grey = array[..., None] if array.ndim == 2 else array
    image = np.repeat(grey, 3, axis=-1) if grey.shape[-1] == 1 else grey.copy()
    image[~np.isfinite(image).all(axis=-1)] = (1, 0, 1)
    return np.clip(image, 0, 1)


def as_images(name: str, value: Any, count: int | None = None) -> list[Array]:
    """Images `n h w 3` (or grey, `n h w` or `n h w 1`) as `as_image` gives them, all of one size.

    ValueError if there are none, not `count` of them, or if they differ in size.
    """
    images = [as_image(f"{name}[{i}]", image) for i, image in enumerate(value)]
    if count is not None and len(images) != count:
        raise ValueError(f"{name} has {len(images)} images but there should be {count}")
    if not images:
        raise ValueError(f"{name} is empty; give at least one image")
    other = next((i for i, image in enumerate(images) if image.shape != images[0].shape), None)
    if other is not None:
        raise ValueError(
            f"{name}[{other}] has (height, width) {images[other].shape[:2]} but {name}[0] has "
            f"{images[0].shape[:2]}; all must be of one size"
        )
    return images


def as_batch(name: str, value: Any, shape: tuple[int | str, ...]) -> Array:
    """Like `as_array`, but a single item (one dimension fewer) becomes a batch of one."""
    dimensions = value.ndim if hasattr(value, "ndim") else np.ndim(value)
    if dimensions == len(shape) - 1:
        return as_array(name, value, shape[1:])[None]
    return as_array(name, value, shape)
