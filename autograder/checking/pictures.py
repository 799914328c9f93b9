"""Pictures of a difference between images: expected, yours, where they differ. PNG bytes for pages and notebooks."""

from __future__ import annotations

import io
from typing import Any

import torch

from autograder.checking.expect import CheckFailed
from autograder.results import Evidence

VISIBLE = 0.01  # of full brightness: smaller differences are not worth a word
MAX_SIDE = 512  # a picture for the eye; larger images are cropped to their corner


def comparison_png(expected: torch.Tensor, actual: torch.Tensor, title: str = "") -> bytes:
    """A PNG of two images `h w 3` (or maps `h w`) of equal shape and the places where they differ."""
    # The object interface of matplotlib: no global state, no window, safe in worker threads.
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    first, second = (x[:MAX_SIDE, :MAX_SIDE].detach().double().cpu() for x in (expected, actual))
    difference = _difference(first, second)
    tall = 2.35 * first.shape[0] / first.shape[1]  # inches: as wide as a third, in proportion
    height = min(max(tall, 0.5), 2.7) + (0.6 if title else 0.35)
    figure = Figure(figsize=(7.2, height), layout="constrained")
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
    if title:
        figure.suptitle(title, fontsize=11)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=100)
    return buffer.getvalue()


def with_picture(failure: CheckFailed, expected: torch.Tensor, actual: Any) -> CheckFailed:
    """The same failure with a picture of the difference, if the two can be laid side by side."""
    comparable = isinstance(actual, torch.Tensor) and actual.shape == expected.shape
    if not comparable or actual.is_complex() or expected.ndim not in (2, 3) or 0 in expected.shape:
        return failure
    drawn = {
        "picture_png": comparison_png(expected, actual),
        "picture_alt": comparison_words(expected, actual),
        "sketch": None,  # the picture shows more
    }
    return CheckFailed(failure.message, Evidence(**{**vars(failure.evidence), **drawn}))


def comparison_words(expected: torch.Tensor, actual: torch.Tensor) -> str:
    """What the picture of `comparison_png` shows, for whoever cannot see it."""
    difference = _difference(expected.detach().double().cpu(), actual.detach().double().cpu())
    off = difference > VISIBLE
    height, width = difference.shape
    words = f"Expected image, yours and their difference, {height} × {width} pixels: "
    if not off.any():
        return words + "no difference that an eye could see."
    rows, columns = off.any(1).nonzero().flatten(), off.any(0).nonzero().flatten()
    worst = int(difference.argmax())
    return words + (
        f"{float(off.double().mean()):.0%} of the pixels differ, in rows {int(rows[0])} to {int(rows[-1])} and "
        f"columns {int(columns[0])} to {int(columns[-1])}, most at row {worst // width}, column {worst % width}."
    )


def _difference(expected: torch.Tensor, actual: torch.Tensor) -> torch.Tensor:
    """Per pixel the largest difference of a channel; where only one is a number, 1."""
    gap = (expected - actual).nan_to_num(nan=1.0, posinf=1.0, neginf=-1.0).abs()
    gap = torch.where(expected == actual, 0.0, gap)  # ∞ agrees with ∞
    return gap.amax(-1) if gap.ndim == 3 else gap
