"""The picture of the scene representation network's speed: rays a second, and what products alone would reach."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.timing import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = {
    "as published": "#888888",
    "as published, memory kept": "#bbbbbb",
    "ours": "#56b4e9",
    "ours, bfloat16": "#e69f00",
}
BATCHES = (1, 8)
THOUSAND = 1e3
PANELS = {
    "render: thousand rays a second": ("render", "rate"),
    "training: thousand rays a second": ("training step", "rate"),
    "training: memory of the process, GB": ("training step", "memory"),
}


def draw(found: list[Figure], title: str, path: Path) -> None:
    """Renders, training steps and memory; what is written beside a rate is its share of the products' rate."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    by_name = {figure.name: figure for figure in found}
    canvas = Canvas(figsize=(12, 4), layout="constrained")
    FigureCanvasAgg(canvas)
    panels = canvas.subplots(1, len(PANELS), sharey=True)
    for axes, (heading, (work, what)) in zip(panels, PANELS.items(), strict=True):
        _panel(axes, by_name, work, what)
        axes.set_title(heading, fontsize=10, loc="left")
    panels[0].invert_yaxis()
    meaning = "64×64, one thread; green: what products alone would reach; orange: limit"
    canvas.suptitle(f"{title} ({meaning})", fontsize=11, x=0.01, ha="left")
    canvas.savefig(path, dpi=110)


def _panel(axes: Axes, by_name: Mapping[str, Figure], work: str, what: str) -> None:
    rows: dict[str, float] = {}
    for gap, batch in enumerate(BATCHES):
        for way, colour in COLOURS.items():
            figure = by_name.get(f"{work}, batch {batch}, {way}: {what}")
            if figure is None:  # not measured with this batch
                continue
            row = rows[f"{way}, batch {batch}"] = len(rows) + 0.5 * gap
            share = by_name.get(f"{work}, batch {batch}, {way}: of the products' rate")
            percent = f" ({share.value:.0f} %)" if what == "rate" and share is not None else ""
            axes.barh(row, figure.value / THOUSAND, 0.8, color=colour)
            axes.text(0, row, f"  {figure.value / THOUSAND:.3g}{percent}", va="center", fontsize=9)
            for mark, line in ((figure.floor, "#009e73"), (figure.limit, "#d55e00")):
                if mark is not None:
                    axes.plot([mark / THOUSAND] * 2, [row - 0.4, row + 0.4], color=line, lw=2)
    axes.set_yticks(list(rows.values()), list(rows), fontsize=9)
    axes.set_xlim(left=0)
    axes.spines[["top", "right"]].set_visible(False)
