"""Reconstructions of one scene by several methods, compared with the truth row by row."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import torch
from matplotlib.axes import Axes

from course_lib.style import WIDTH
from course_lib.viewers.arrays import Array, as_array, as_image
from course_lib.viewers.images import TITLE, draw_image
from course_lib.viewers.maps import scale_bar, shown_map, span_of
from course_lib.viewers.picture import Picture

HEADINGS: Final = ("image", "depth", "error of the image")


def show_reconstructions(
    results: Mapping[str, tuple[Any, Any]],
    truth: tuple[Any, Any],
    *,
    psnr: Mapping[str, float] | None = None,
    title: str = "",
) -> Picture:
    """A row per method: its image `h w 3`, its depth `h w`, and where its image is wrong.

    `results` has (image, depth) by name and `truth` is the first row; a depth may be None. All
    depths share one scale and so do all errors (the largest difference over the channels). Beside
    each stands its PSNR in dB, as given by name in `psnr` or else of this view, and its mean error.
    """
    if not results:
        raise ValueError("results is empty; give {name: (image, depth)} for at least one method")
    unknown = [name for name in psnr or () if name not in results]
    if unknown:
        raise ValueError(
            f"psnr names {unknown[0]!r}, which is not in results: {', '.join(results)}"
        )
    true_image, true_depth = _pair("truth", truth, None)
    shape = true_image.shape[:2]
    pairs = {name: _pair(name, pair, shape) for name, pair in results.items()}
    depths = [d for d in (true_depth, *(depth for _, depth in pairs.values())) if d is not None]
    span = span_of(*depths) if depths else (0.0, 1.0)
    errors = {name: np.abs(image - true_image).max(axis=-1) for name, (image, _) in pairs.items()}
    worst = max(0.05, *(float(np.percentile(error, 99.5)) for error in errors.values()))
    known = dict(psnr or {})
    words = {
        name: _caption(errors[name], known.get(name, _psnr(image, true_image)))
        for name, (image, _) in pairs.items()
    }

    cell = min(0.22 * WIDTH * shape[0] / shape[1], 3.0)  # names and colour bars take their part
    rows = len(pairs) + 1
    described = "; ".join(f"{name}: {words[name].replace(chr(10), ', ')}" for name in pairs)
    figure = Picture(
        rows * cell + TITLE * (2 if title else 1),
        f"The true image and depth, and below them those of each method with its error: {described}.",
    )
    grid = figure.subplots(rows, 3, squeeze=False)
    for row, (name, (image, depth)) in enumerate(
        {"truth": (true_image, true_depth), **pairs}.items()
    ):
        left, middle, right = grid[row]
        draw_image(left, image)
        left.set_ylabel(
            f"{name}\n{words[name]}" if row else name, rotation=0, ha="right", va="center"
        )
        for axes, map_name, values, scale in (
            (middle, "depth", depth, span),
            (right, "error", errors.get(name), (0.0, worst)),
        ):
            if values is None:
                _leave_empty(axes, shape)
            else:
                draw_image(axes, shown_map(map_name, values, scale).image)
    for axes, heading in zip(grid[0], HEADINGS, strict=True):
        axes.set_title(heading)
    if depths:
        scale_bar(figure, list(grid[:, 1]), span, far=True, slim=14 * rows)
    scale_bar(figure, list(grid[:, 2]), (0, worst), far=False, slim=14 * rows)
    if title:
        figure.suptitle(title, fontsize=12)
    return figure


def _pair(
    name: str, pair: tuple[Any, Any], shape: tuple[int, ...] | None
) -> tuple[Array, Array | None]:
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise ValueError(f"{name} must be a pair (image, depth); depth may be None")
    image = as_image(f"{name}'s image", pair[0])
    if shape is not None and image.shape[:2] != shape:
        raise ValueError(
            f"{name}'s image has (height, width) {image.shape[:2]} but the true one {shape}; "
            "render all at one resolution"
        )
    depth = None if pair[1] is None else as_array(f"{name}'s depth", pair[1], image.shape[:2])
    return image, depth


def _leave_empty(axes: Axes, shape: tuple[int, ...]) -> None:
    """No picture, but as much room as the others take, so that headings stay in line."""
    axes.set(xlim=(0, 1), ylim=(1, 0), aspect=shape[0] / shape[1])
    axes.axis("off")


def _psnr(image: Array, truth: Array) -> float:
    from course_lib.training.metrics import psnr  # inside: pictures start without training

    return psnr(torch.from_numpy(image), torch.from_numpy(truth))


def _caption(error: Array, psnr: float) -> str:
    rating = "PSNR ∞" if math.isinf(psnr) else f"PSNR {psnr:.1f} dB"
    return f"{rating}\nmean error {error.mean():.3f}"
