"""Directions in the space of images, as signed pictures: where more is brighter and where darker."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from course_lib.style import DIVERGING, WIDTH
from course_lib.viewers.arrays import Array, as_array, as_image
from course_lib.viewers.images import draw_image
from course_lib.viewers.picture import Picture

COLUMNS: Final = 8
HEAD: Final = 0.3  # inches above a picture


def show_basis(
    images: Any,
    titles: Sequence[str] | None = None,
    *,
    mean: Any = None,
    columns: int | None = None,
    title: str = "",
) -> Picture:
    """Basis vectors `k h w` or `k h w c` of images on one scale that is centred at zero.

    White is zero, blue positive, red negative; colours (c = 3) are shown as they pull: grey is zero.
    `mean` (`h w c`, an image) is drawn first. Titles are those of the vectors, by default their
    numbers. ValueError names what has the wrong shape or is not finite.
    """
    vectors = _vectors(images)
    names = [str(i + 1) for i in range(len(vectors))] if titles is None else list(titles)
    if len(names) != len(vectors):
        raise ValueError(f"{len(vectors)} images but {len(names)} titles; give one per image")
    middle = None if mean is None else as_image("mean", mean)
    if middle is not None and middle.shape[:2] != vectors.shape[1:3]:
        raise ValueError(
            f"mean has (height, width) {middle.shape[:2]} but images have {vectors.shape[1:3]}; "
            "they must agree"
        )
    worst = float(np.percentile(np.abs(vectors), 99.8)) or 1.0
    shown = [_signed(vector, worst) for vector in vectors]
    if middle is not None:
        shown, names = [middle, *shown], ["mean", *names]
    columns = columns or math.ceil(len(shown) / math.ceil(len(shown) / COLUMNS))
    rows = math.ceil(len(shown) / columns)
    height, width = shown[0].shape[:2]
    cell = min((WIDTH - 0.9) / columns * height / width, 3.0)
    signed = vectors.shape[-1] == 1
    alt = f"{title + ': ' if title else ''}{len(vectors)} basis vectors as signed images of one scale, ±{worst:.2g}"
    figure = Picture(
        rows * (cell + HEAD) + (HEAD if title else 0),
        alt + (", after the mean image." if middle is not None else "."),
    )
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, image, name in zip(grid, shown, names, strict=False):
        draw_image(axes, image, name)
        axes.title.set_fontsize(10)
    for axes in grid[len(shown) :]:
        axes.axis("off")
    if signed:
        scale = ScalarMappable(Normalize(-worst, worst), DIVERGING)
        figure.colorbar(scale, ax=list(grid), shrink=0.85, pad=0.01, aspect=12 * rows)
    if title:
        figure.suptitle(title, fontsize=12)
    return figure


def _vectors(images: Any) -> Array:
    """As `k h w c` with c = 1 or 3, all finite."""
    shape = tuple(np.shape(images))
    if len(shape) == 3:
        vectors = as_array("images", images, ("k", "h", "w"))[..., None]
    elif len(shape) == 4 and shape[3] in (1, 3):
        vectors = as_array("images", images, ("k", "h", "w", "c"))
    else:
        raise ValueError(
            f"images must have shape (k h w), (k h w 1) or (k h w 3); got {shape}. Is each vector "
            "still one long row? Reshape it to (height, width, channels)"
        )
    if vectors.size == 0:
        raise ValueError(f"images is empty: its shape is {shape}; give at least one")
    lost = np.flatnonzero(~np.isfinite(vectors).all(axis=(1, 2, 3)))
    if len(lost):
        raise ValueError(f"images[{lost[0]}] is not finite; a basis vector must be")
    return vectors


def _signed(vector: Array, worst: float) -> Array:
    share = np.clip(0.5 + vector / (2 * worst), 0, 1)
    if share.shape[-1] == 3:
        return share
    colors: Array = colormaps[DIVERGING](share[..., 0])[..., :3]
    return colors
