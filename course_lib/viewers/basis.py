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
from course_lib.viewers.counts import is_count
from course_lib.viewers.images import draw_image
from course_lib.viewers.picture import Picture

COLUMNS: Final = 8
MOST: Final = 24  # in a row; more are too small to see
HEAD: Final = 0.3  # inches above a picture


def show_basis(
    images: Any,
    titles: Sequence[str] | None = None,
    *,
    mean: Any = None,
    columns: int | None = None,
    title: str = "",
) -> Picture:
    """Basis vectors `k h w`, `k h w 1` or `k h w 3` as signed images, as principal components.

    White is zero, blue positive and red negative, each on its own scale: the length and the sign of
    a basis vector are a convention. Of signed colours (c = 3), grey is zero. `mean`, an image `h w 3`
    or grey, is drawn before them as it is. `titles` are those of the vectors, by default numbers.
    ValueError names what has the wrong shape or is not finite.
    """
    vectors = _vectors(images)
    names = [str(i + 1) for i in range(len(vectors))] if titles is None else list(titles)
    if len(names) != len(vectors):
        raise ValueError(f"{len(vectors)} images but {len(names)} titles; give one per image")
    _, height, width, channels = vectors.shape
    shown = [_signed(vector) for vector in vectors]
    alt = f"{len(shown)} signed images, each on its own scale around zero: {', '.join(names)}"
    if mean is not None:
        middle = as_image("mean", mean)
        if middle.shape[:2] != (height, width):
            raise ValueError(
                f"mean has (height, width) {middle.shape[:2]} but images have {(height, width)}; "
                "they must agree"
            )
        shown, names, alt = [middle, *shown], ["mean", *names], f"The mean image, then {alt}"
    count = len(shown)
    if columns is None:
        columns = math.ceil(count / math.ceil(count / COLUMNS))
    elif not is_count(columns, 1, MOST):
        raise ValueError(
            f"columns is {columns!r}; give a whole number in 1…{MOST}, or leave it out"
        )
    columns = min(int(columns), count)
    rows = math.ceil(count / columns)
    cell = min((WIDTH - 0.6) / columns * height / width, 3.0)
    figure = Picture(
        rows * (cell + HEAD) + (HEAD if title else 0),
        f"{title}: {alt}." if title else f"{alt}.",
    )
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, image, name in zip(grid, shown, names, strict=False):
        draw_image(axes, image, name)
        axes.title.set_fontsize(10)
    for axes in grid[count:]:
        axes.axis("off")
    if channels == 1:
        scale = ScalarMappable(Normalize(-1, 1), DIVERGING)
        bar = figure.colorbar(scale, ax=list(grid), shrink=0.85, pad=0.01, aspect=12 * rows)
        bar.set_ticks([-1, 0, 1], labels=["−", "0", "+"])
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
            f"images must have shape (k h w), (k h w 1) or (k h w 3); got {shape}. Is each of them "
            "still one long row? Reshape it to (height, width, channels)"
        )
    if vectors.size == 0:
        raise ValueError(f"images is empty: its shape is {shape}; give at least one")
    lost = np.flatnonzero(~np.isfinite(vectors).all(axis=(1, 2, 3)))
    if len(lost):
        raise ValueError(f"images[{lost[0]}] is not finite; a basis vector must be")
    return vectors


def _signed(vector: Array) -> Array:
    share = 0.5 + vector / (2 * (float(np.abs(vector).max()) or 1.0))
    if share.shape[-1] == 3:
        return share
    colors: Array = colormaps[DIVERGING](share[..., 0])[..., :3]
    return colors
