"""How good pictures of models are against how quickly they come."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from course_lib.style import BLACK, CYCLE, GREY
from course_lib.viewers.model_curves import MARKERS
from course_lib.viewers.picture import Picture
from course_lib.viewers.spread import spread

Row = tuple[str, float, float, int]
MOST: Final = len(CYCLE)
HEIGHT: Final = 4.0
APART: Final = 0.115  # of the height, between labels


def show_quality_against_speed(
    rows: Sequence[Row],
    *,
    labels: tuple[str, str] = ("frames a second", "PSNR (dB)"),
    mark: float | None = 20.0,
    title: str = "",
) -> Picture:
    """Models as (name, frames a second, PSNR in dB, network evaluations per ray): up is better, right is faster.

    Frames a second are on a logarithmic scale, on which an equal step is an equal factor; `mark` is
    where a moving picture begins. Up to seven models, each named beside its mark. ValueError names a
    row that is not finite or has no speed.
    """
    if not 1 <= len(rows) <= MOST:
        raise ValueError(
            f"rows has {len(rows)} models; give 1 to {MOST}, as ('SRN', 12.0, 22.5, 11)"
        )
    models = [_row(i, row) for i, row in enumerate(rows)]
    told = "; ".join(
        f"{name} {quality:.1f} at {_number(speed)} ({_evaluations(count)})"
        for name, speed, quality, count in models
    )
    head = f"{title}: {labels[1]}" if title else labels[1]
    figure = Picture(HEIGHT, f"{head} against {labels[0]}: {told}.")
    axes = figure.subplots()
    speeds, quality = np.array([row[1] for row in models]), np.array([row[2] for row in models])
    seen = speeds if mark is None else np.append(speeds, mark)
    low, high = np.log10(seen.min()), np.log10(seen.max())
    margin = max(0.08 * (high - low), 0.15)
    axes.set(xscale="log", xlim=(10 ** (low - margin), 10 ** (high + margin)))
    middle, reach = (quality.max() + quality.min()) / 2, max(np.ptp(quality), 1.0)
    axes.set_ylim(middle - 0.66 * reach, middle + 0.66 * reach)
    if mark is not None:
        axes.axvline(mark, color=GREY, linestyle=":", linewidth=1.4, zorder=1)
        axes.text(
            mark,
            1.01,
            f"{mark:g} a second",
            transform=axes.get_xaxis_transform(),
            ha="center",
            color=GREY,
            fontsize=9,
        )
    for i, (_, speed, decibels, _) in enumerate(models):
        axes.plot(speed, decibels, MARKERS[i], color=CYCLE[i], markersize=10, zorder=3)
    _name(axes, models, (low + high) / 2)
    axes.set(xlabel=labels[0], ylabel=labels[1])
    axes.xaxis.set_major_locator(LogLocator(numticks=12))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: _number(value)))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.grid(alpha=0.3)
    axes.set_title(title, pad=18 if mark is not None else None)
    return figure


def _row(i: int, row: Any) -> Row:
    if not isinstance(row, Sequence) or isinstance(row, str) or len(row) != 4:
        raise ValueError(
            f"rows[{i}] is {row!r}; give (name, frames a second, PSNR, evaluations per ray)"
        )
    name, speed, quality, count = str(row[0]), float(row[1]), float(row[2]), row[3]
    if not 0 < speed < np.inf or not np.isfinite(quality):
        raise ValueError(
            f"rows[{i}], {name!r}, has {speed:g} frames a second and {quality:g} dB; give finite numbers, "
            "frames above 0"
        )
    if not count >= 1:
        raise ValueError(f"rows[{i}], {name!r}, has {count} evaluations per ray; give 1 or more")
    return name, speed, quality, count


def _name(axes: Axes, models: list[Row], middle: float) -> None:
    """Each name beside its mark, towards the middle of the page; none over another."""
    low, high = axes.get_ylim()
    for left in (True, False):
        side = [i for i, row in enumerate(models) if (np.log10(row[1]) <= middle) == left]
        shares = np.array([(models[i][2] - low) / (high - low) for i in side])
        for i, share, own in zip(side, spread(shares, APART, 0.05, 0.95), shares, strict=True):
            name, speed, quality, count = models[i]
            axes.annotate(
                f"{name}\n{_evaluations(count)}",
                (speed, quality),
                xytext=(
                    12 if left else -12,
                    (share - own) * axes.bbox.height * 72 / axes.figure.dpi,
                ),
                textcoords="offset points",
                ha="left" if left else "right",
                va="center",
                fontsize=10,
                color=BLACK,
                path_effects=[withStroke(linewidth=3, foreground="w")],
            )


def _evaluations(count: float) -> str:
    return f"{count:,} evaluation{'' if count == 1 else 's'} per ray"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
