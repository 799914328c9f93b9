"""Curves and histograms: how training went, and how numbers are distributed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final, Literal

import numpy as np
from matplotlib.axes import Axes

from course_lib.style import BLACK, BLUE, CYCLE, WIDTH
from course_lib.viewers.arrays import Array, as_array
from course_lib.viewers.picture import Picture

STYLES: Final = ("-", "--", "-.", ":")  # told apart without colours too
Scale = Literal["linear", "log"]
Curve = tuple[Any, Any]


def show_curves(
    x: Any,
    curves: Mapping[str, Any],
    labels: tuple[str, str] = ("step", "value"),
    *,
    scales: tuple[Scale, Scale] = ("linear", "linear"),
    title: str = "",
) -> Picture:
    """Curves `n` over `x` by name, as PSNR over seconds; `labels` name the two axes.

    `x` is one `n` for all, or a mapping with the `n` of each curve. Gaps show where a value is not
    finite. ValueError names a curve whose length is not that of its x.
    """
    if not curves:
        raise ValueError("curves is empty; give at least one, as in {'yours': losses}")
    for scale in scales:
        if scale not in ("linear", "log"):
            raise ValueError(f"scales has {scale!r}; use 'linear' or 'log'")
    drawn = {}
    for name, y in curves.items():
        if isinstance(x, Mapping) and name not in x:
            raise ValueError(f"x has no {name!r}; it has {', '.join(map(str, x)) or 'nothing'}")
        places = (
            as_array(f"x[{name!r}]", x[name], ("n",))
            if isinstance(x, Mapping)
            else as_array("x", x, ("n",))
        )
        drawn[name] = (places, as_array(f"curves[{name!r}]", y, (len(places),)))
    for axis, scale in enumerate(scales):
        shown = np.concatenate([pair[axis] for pair in drawn.values()])
        if scale == "log" and not (shown > 0).any():
            raise ValueError(
                f"nothing on the {'xy'[axis]} axis is positive; use the scale 'linear'"
            )
    ends = ", ".join(f"{name} ends at {_last(y)}" for name, (_, y) in drawn.items())
    words = f"{title}: {labels[1]}" if title else f"Curves of {labels[1]}"
    figure = Picture(3.8, f"{words} over {labels[0]}: {ends}.")
    axes = figure.subplots()
    for i, (name, (places, y)) in enumerate(drawn.items()):
        mark = "o" if len(places) <= 30 else ""
        style = STYLES[(i // len(CYCLE) + i) % len(STYLES)]
        axes.plot(
            places, y, style, color=CYCLE[i % len(CYCLE)], label=name, marker=mark, markersize=4
        )
    axes.set(xlabel=labels[0], ylabel=labels[1], title=title, xscale=scales[0], yscale=scales[1])
    axes.grid(alpha=0.3)
    if len(drawn) > 1:
        axes.legend(frameon=False)
    return figure


def show_histograms(
    samples: Mapping[str, Any],
    expected: Mapping[str, Curve] | None = None,
    *,
    bins: int = 60,
    span: tuple[float, float] | None = None,
    labels: tuple[str, str] = ("value", "density"),
    title: str = "",
) -> Picture:
    """A panel per name: the histogram of its samples (any shape), as a density of area one.

    `expected` has curves (x, density), each `n`, by the same names: the histogram should follow.
    `span` is the range of all panels; by default each shows what it has. Samples that are not finite
    are counted in the panel's heading.
    """
    if not samples:
        raise ValueError("samples is empty; give at least one, as in {'layer 1': activations}")
    if bins < 1:
        raise ValueError(f"bins is {bins}; give at least 1")
    if span is not None and not span[0] < span[1]:
        raise ValueError(f"span is {span}; give (low, high) with low < high")
    unknown = [name for name in expected or () if name not in samples]
    if unknown:
        raise ValueError(
            f"expected has {unknown[0]!r}, which is not in samples: {', '.join(samples)}"
        )
    panels = {name: _flat(name, values) for name, values in samples.items()}
    rows = math.ceil(len(panels) / 4)
    columns = math.ceil(len(panels) / rows)
    described = ", ".join(
        f"{name} {values.mean():.3g} ± {values.std():.3g}"
        for name, (values, _) in panels.items()
        if len(values)
    )
    figure = Picture(
        rows * min(2.9, 0.8 * WIDTH / columns) + (0.3 if title else 0),
        f"{f'{title}: histograms' if title else 'Histograms'} of samples, mean and deviation: {described}.",
    )
    grid = figure.subplots(rows, columns, squeeze=False, sharex=span is not None).ravel()
    for axes, (name, (values, lost)) in zip(grid, panels.items(), strict=False):
        curve = (expected or {}).get(name)
        _histogram(axes, values, bins, span, None if curve is None else _curve(name, curve))
        axes.set_title(f"{name}\n{lost} not finite" if lost else name)
        axes.set_xlabel(labels[0])
    for axes in grid[len(panels) :]:
        axes.axis("off")
    for axes in grid[::columns]:
        axes.set_ylabel(labels[1])
    if expected:
        handles, names = grid[list(panels).index(next(iter(expected)))].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=2, frameon=False)
    if title:
        figure.suptitle(title, fontsize=12)
    return figure


def _histogram(
    axes: Axes, values: Array, bins: int, span: tuple[float, float] | None, curve: Array | None
) -> None:
    low, high = span or (-np.inf, np.inf)
    if ((values >= low) & (values <= high)).any():
        density, edges = np.histogram(values, bins=bins, range=span, density=True)
        axes.stairs(density, edges, fill=True, color=BLUE, alpha=0.55, label="samples")
    else:
        axes.text(0.5, 0.5, "no samples here", transform=axes.transAxes, ha="center")
    if curve is not None:
        axes.plot(*curve, color=BLACK, linewidth=1.8, label="expected")
    if span is not None:
        axes.set_xlim(*span)
    axes.set_ylim(bottom=0)


def _flat(name: str, values: Any) -> tuple[Array, int]:
    """All finite samples in one row, and how many were not."""
    dimensions = values.ndim if hasattr(values, "ndim") else np.ndim(values)
    array = as_array(f"samples[{name!r}]", values, tuple("d" * dimensions)).ravel()
    finite = np.isfinite(array)
    if not len(array):
        raise ValueError(f"samples[{name!r}] is empty; a histogram needs at least one sample")
    return array[finite], int((~finite).sum())


def _curve(name: str, curve: Curve) -> Array:
    places = as_array(f"x of expected[{name!r}]", curve[0], ("n",))
    return np.stack([places, as_array(f"density of expected[{name!r}]", curve[1], (len(places),))])


def _last(values: Array) -> str:
    finite = values[np.isfinite(values)]
    return f"{finite[-1]:.3g}" if len(finite) else "nothing finite"
