"""How models fare as the camera leaves those they learnt from: curves, and images to look at."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from course_lib.style import BLUE, GREY, WIDTH
from course_lib.viewers.arrays import Array, as_array, as_images
from course_lib.viewers.distance_columns import ACROSS, GAP, LEFT, DistanceColumns
from course_lib.viewers.images import draw_image
from course_lib.viewers.model_curves import Curve, ModelCurve, model_curves
from course_lib.viewers.picture import Picture
from course_lib.viewers.spread import spread

CHART, HEAD, FOOT = 2.7, 0.46, 0.5  # inches: the chart's height, and above and below the images
BAND: Final = "#DCE9F3"  # behind all that is inside the training range
THIN: Final = 0.16  # inches, of the band of a single training distance
LINE: Final = 0.21  # inches between labels at the ends of lines
NAME: Final = 15  # characters of a model's name in a line


def show_out_of_distribution(
    curves: Mapping[str, Curve],
    training: tuple[float, float],
    strips: Mapping[str, Any] | None = None,
    truth: Any = None,
    label: str = "distance from the training cameras",
    *,
    at: Any = None,
    title: str = "",
) -> Picture:
    """PSNR in dB over distance, a line per model, and below each distance what the models make of it.

    `curves` has (distance `k`, PSNR `k`) by model, at most seven; a PSNR that is not finite is a gap.
    The range `training` = (low, high) is shaded. `strips` has images `j h w 3` by model and `truth`
    the true `j h w 3`, rendered at the distances `at` (`j`), by default those of the first curve.
    `label` names the distance, with its unit. ValueError names what does not fit.
    """
    models = model_curves(curves)
    low, high = _range(training)
    rows = _rows(strips or {}, truth, models)
    places = _columns(at, curves, rows)
    spans = np.concatenate([places, *(model.distance for model in models)])
    inches = DistanceColumns(
        min(float(spans.min()), low), max(float(spans.max()), high), places, bool(rows)
    )
    tall = next(iter(rows.values()))[0].shape if rows else (0, 1)
    row = inches.cell * tall[0] / tall[1] + GAP
    above = 0.5 if title else 0.15
    height = above + CHART + (HEAD if rows else 0) + row * len(rows) + FOOT
    figure = Picture(height, _alt(models, (low, high), label, list(rows)), arranged=False)
    if title:
        figure.suptitle(title, y=1 - 0.1 / height, va="top", fontsize=12)
    page = figure.add_axes((0, 0, 1, 1), zorder=-1)
    page.set(xlim=(0, WIDTH), ylim=(0, height))
    page.axis("off")
    bottom = height - above - CHART
    chart = figure.add_axes((LEFT / WIDTH, bottom / height, ACROSS / WIDTH, CHART / height))
    _draw_curves(chart, models, (low, high), inches)
    _name_lines(page, chart, models, inches, bottom)
    if rows:
        inside = _inside(places, (low, high))
        chart.set_xticks(places, [""] * len(places))
        _heads(page, places, inside, inches, (bottom, FOOT - 0.1))
        for i, (name, images) in enumerate(rows.items()):
            top = bottom - HEAD - i * row
            _strip(figure, images, inches, (top - row + GAP, row - GAP))
            _name_row(page, name, models, top - (row - GAP) / 2)
        page.text(LEFT + ACROSS / 2, 0.12, label, ha="center", va="bottom", fontsize=11)
    else:
        chart.set_xlabel(label)
    return figure


def _range(training: Any) -> tuple[float, float]:
    try:
        low, high = (float(edge) for edge in training)
    except (TypeError, ValueError):
        low, high = math.nan, math.nan
    if not (low <= high and math.isfinite(high - low)):
        raise ValueError(f"training is {training!r}; give finite (low, high) with low ≤ high")
    return low, high


def _rows(
    strips: Mapping[str, Any], truth: Any, models: list[ModelCurve]
) -> dict[str, list[Array]]:
    """Images by row: the truth, then the models in the order of their curves."""
    names = [model.name for model in models]
    if not isinstance(strips, Mapping):
        raise ValueError(
            f"strips is a {type(strips).__name__}; give images by model, as {{{names[0]!r}: images}}"
        )
    unknown = [name for name in strips if name not in names]
    if unknown:
        raise ValueError(f"strips has {unknown[0]!r}, which is not in curves: {', '.join(names)}")
    rows = {} if truth is None else {"truth": as_images("truth", truth)}
    rows |= {name: as_images(f"strips[{name!r}]", strips[name]) for name in names if name in strips}
    first = next(iter(rows), "")
    for name, images in rows.items():
        if len(images) != len(rows[first]):
            raise ValueError(
                f"{name} has {len(images)} images but {first} has {len(rows[first])}; all need one "
                "per distance"
            )
    return rows


def _columns(at: Any, curves: Mapping[str, Curve], rows: Mapping[str, list[Array]]) -> Array:
    """The distances of the images, which must be as many."""
    count = len(next(iter(rows.values()))) if rows else 0
    if at is not None:
        places = as_array("at", at, (count,))
        if not np.isfinite(places).all():
            raise ValueError(f"at is {places.tolist()}; all distances must be finite")
        return places
    first = as_array("distance", next(iter(curves.values()))[0], ("k",))  # in the images' order
    if rows and len(first) != count:
        raise ValueError(
            f"there are {count} images per strip but {len(first)} distances in curves; "
            "say with at = … at which distances the images were rendered"
        )
    return first if rows else np.empty(0)


def _draw_curves(
    chart: Axes, models: list[ModelCurve], training: tuple[float, float], inches: DistanceColumns
) -> None:
    chart.patch.set_visible(False)  # the lines to the names begin inside
    low, high = training
    narrow = max(0.0, THIN - inches.across(high - low)) / 2 / inches.across(1.0)  # on either side
    chart.axvspan(low - narrow, high + narrow, color=BAND, linewidth=0, zorder=0)
    for model in models:
        chart.plot(model.distance, model.psnr, linestyle=model.style, **model.look)
    chart.set(xlim=inches.limits, ylabel="PSNR (dB)")
    bottom, top = chart.get_ylim()
    chart.set_ylim(bottom - 0.08 * (top - bottom), top + 0.02 * (top - bottom))  # room for a word
    chart.grid(axis="y", color="#DDDDDD", linewidth=0.6)
    chart.set_axisbelow(True)
    chart.text(
        sum(training) / 2,
        0.02,
        "training",
        transform=chart.get_xaxis_transform(),
        ha="center",
        va="bottom",
        fontsize=9,
        color=BLUE,
    )


def _name_lines(
    page: Axes, chart: Axes, models: list[ModelCurve], inches: DistanceColumns, bottom: float
) -> None:
    """Every line's name right of it, with its marker; a thin line leads there."""
    low, high = chart.get_ylim()
    ends = [model.end() for model in models]
    heights = np.array(
        [bottom if end is None else bottom + CHART * (end[1] - low) / (high - low) for end in ends]
    )
    apart = spread(heights, LINE, bottom + 0.08, bottom + CHART - 0.02)
    x = LEFT + ACROSS + 0.14
    for model, end, y, goal in zip(models, ends, heights, apart, strict=True):
        if end is not None:
            start = float(inches.of(np.array(end[0])))
            page.plot([start, x], [y, goal], color=model.look["color"], linewidth=0.7, alpha=0.7)
        page.plot([x], [goal], linestyle="", **model.look)
        name = model.name if end is not None else f"{model.name} (no values)"
        page.text(x + 0.11, goal, name, va="center", fontsize=9.5)


def _heads(
    page: Axes, places: Array, inside: Any, inches: DistanceColumns, span: tuple[float, float]
) -> None:
    """The distance above each column, a line to it from the axis, and the band of the training range."""
    top, low = span
    for place, x, column, trained in zip(
        places, inches.of(places), inches.columns, inside, strict=True
    ):
        page.plot([x, column], [top - 0.06, top - 0.2], color=GREY, linewidth=0.8)
        page.text(column, top - 0.32, f"{place:.3g}", ha="center", va="center", fontsize=10)
        if trained:
            half = (inches.cell + GAP) / 2
            page.fill_between(
                [column - half, column + half], low, top - 0.21, color=BAND, linewidth=0, zorder=0
            )


def _strip(
    figure: Picture, images: list[Array], inches: DistanceColumns, span: tuple[float, float]
) -> None:
    height = figure.get_figheight()
    for image, middle in zip(images, inches.columns, strict=True):
        left = middle - inches.cell / 2
        box = (left / WIDTH, span[0] / height, inches.cell / WIDTH, span[1] / height)
        draw_image(figure.add_axes(box), image)


def _name_row(page: Axes, name: str, models: list[ModelCurve], middle: float) -> None:
    x = LEFT - 0.32
    look = next((model.look for model in models if model.name == name), None)
    if look is not None:
        page.plot([LEFT - 0.18], [middle], linestyle="", **look)
    text = "\n".join(textwrap.wrap(name, NAME, break_long_words=False)) or name
    page.text(x, middle, text, ha="right", va="center", fontsize=9.5)


def _inside(distance: Array, training: tuple[float, float]) -> NDArray[np.bool_]:
    """Which distances are in the training range, also if float32 has rounded them past its ends."""
    low, high = training
    slack = 1e-6 * max(abs(low), abs(high))
    within: NDArray[np.bool_] = (distance >= low - slack) & (distance <= high + slack)
    return within


def _alt(
    models: list[ModelCurve], training: tuple[float, float], label: str, rows: list[str]
) -> str:
    low, high = training
    parts = []
    for model in models:
        inside = _inside(model.distance, training)
        parts.append(
            f"{model.name} {_mean(model.psnr[inside])} inside and {_mean(model.psnr[~inside])} outside"
        )
    text = (
        f"PSNR over {label}; mean within the training range {low:.3g} to {high:.3g} and beyond it: "
    )
    text += "; ".join(parts) + "."
    return text + (f" Below, images at those distances: {', '.join(rows)}." if rows else "")


def _mean(psnr: Array) -> str:
    known = psnr[np.isfinite(psnr)]
    return f"{known.mean():.1f} dB" if len(known) else "nothing"
