"""Pictures of a difference between images: expected, yours, where they differ. PNG bytes for pages and notebooks."""

from __future__ import annotations

import io
from typing import Any

import torch

from autograder.checking.expect import CheckFailed
from autograder.results import Evidence

MAX_SIDE = 512  # a picture for the eye; larger images are cropped to their corner


def comparison_png(expected: torch.Tensor, actual: torch.Tensor, title: str = "") -> bytes:
    """A PNG of two images `h w 3` (or maps `h w`) of equal shape and the places where they differ."""
    # The object interface of matplotlib: no global state, no window, safe in worker threads.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    first, second = (x[:MAX_SIDE, :MAX_SIDE].detach().double().cpu() for x in (expected, actual))
    difference = (first - second).nan_to_num(nan=1.0, posinf=1.0, neginf=-1.0).abs()
    difference = torch.where(first == second, 0.0, difference)  # ∞ agrees with ∞
    difference = difference.amax(-1) if difference.ndim == 3 else difference
    figure = Figure(figsize=(7.2, 2.6), layout="constrained")
    FigureCanvasAgg(figure)
    panels: list[tuple[str, Any, str]] = [
        ("expected", first, "cividis"),
        ("yours", second, "cividis"),
        ("difference", difference, "magma"),
    ]
    for axes, (name, image, colours) in zip(figure.subplots(1, 3), panels, strict=True):
        shown = image.clamp(0, 1) if image.ndim == 3 else torch.where(image.isfinite(), image, 0.0)
        axes.imshow(shown.numpy(), cmap=colours, interpolation="nearest")
        axes.set_title(name, fontsize=11)
        axes.set_xticks([])
        axes.set_yticks([])
    figure.suptitle(title, fontsize=11)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    return buffer.getvalue()


def with_picture(failure: CheckFailed, expected: torch.Tensor, actual: Any) -> CheckFailed:
    """The same failure with a picture of the difference, if the two can be laid side by side."""
    comparable = isinstance(actual, torch.Tensor) and actual.shape == expected.shape
    if not comparable or actual.is_complex() or expected.ndim not in (2, 3) or 0 in expected.shape:
        return failure
    picture = comparison_png(expected, actual)
    return CheckFailed(
        failure.message, Evidence(**{**vars(failure.evidence), "picture_png": picture})
    )
