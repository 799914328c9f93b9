"""What a decoder makes of a whole plane of codes: a grid of decoded images in their places."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import torch

from course_lib.style import WIDTH
from course_lib.viewers.arrays import as_array
from course_lib.viewers.code_points import finite_codes, plane_of
from course_lib.viewers.counts import is_count
from course_lib.viewers.decoding import Decode, decoded_images
from course_lib.viewers.picture import Picture

SIDE: Final = 6.2  # inches of the grid


def show_latent_grid(
    decode: Decode,
    codes: Any = None,
    *,
    span: tuple[tuple[float, float], tuple[float, float]] | None = None,
    steps: int = 12,
    title: str = "",
) -> Picture:
    """Images decoded at `steps` × `steps` codes, evenly over the plane that `codes` `n 2` occupy.

    `span` gives the plane instead, as ((low, high) of z₁, (low, high) of z₂). `decode` takes codes
    `n 2` (float32, on the CPU) and returns images `n h w 3`, `n h w 1` or `n h w`; it is asked for a
    row at a time, without gradients, and what it raises is raised.
    """
    if not is_count(steps, 2, 40):
        raise ValueError(f"steps is {steps!r}; give 2 to 40 images per side")
    if (span is None) == (codes is None):
        raise ValueError("give either codes, whose plane is shown, or span, its corners")
    if span is None:
        low, high = plane_of(finite_codes("", codes), (1.0, 1.0))
    else:
        low, high = as_array("span", span, (2, 2)).T
        if not (np.isfinite([low, high]).all() and (low < high).all()):
            raise ValueError(f"span is {span}; give ((low, high), (low, high)) with low < high")
    share = (np.arange(steps) + 0.5) / steps  # every image stands in the middle of its cell
    first, second = (low[i] + share * (high[i] - low[i]) for i in range(2))
    rows = []
    for z2 in second[::-1]:  # the largest is at the top
        z = np.stack([first, np.full(steps, z2)], axis=-1)
        images = decoded_images(decode, torch.from_numpy(z).float())
        rows.append(np.concatenate(images, axis=1))
    whole = np.concatenate(rows, axis=0)
    tall = min(SIDE * whole.shape[0] / whole.shape[1], 8.0)
    alt = (
        f"{title + ': ' if title else ''}{steps} by {steps} images decoded over the plane of codes, z1 from "
        f"{low[0]:.3g} to {high[0]:.3g} to the right, z2 from {low[1]:.3g} to {high[1]:.3g} upwards."
    )
    wide = tall * whole.shape[1] / whole.shape[0]
    below, above = 0.55, 0.4 if title else 0.12
    height = tall + below + above
    figure = Picture(height, alt, arranged=False)
    box = ((WIDTH - wide) / 2 / WIDTH, below / height, wide / WIDTH, tall / height)
    axes = figure.add_axes(box)
    axes.imshow(whole, extent=(low[0], high[0], low[1], high[1]), aspect="auto")
    axes.set(xlabel="$z_1$", ylabel="$z_2$", title=title)
    return figure
