"""The picture of the light field network's speed: rays a second on a logarithmic axis, and what there is to reach."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.timing import Figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes

VOLUMES, SCENES, FIELDS, OURS = "#888888", "#cc79a7", "#56b4e9", "#e69f00"
RENDERS = {  # what is measured: what to call it, and its colour
    "volume, 5×512": ("volume rendering, pixelNeRF's size", VOLUMES),
    "volume, 8×256": ("volume rendering, NeRF's size", VOLUMES),
    "SRN": ("SRN", SCENES),
    "SRN, fast": ("SRN, compiled", SCENES),
    "render 64², batch 1, as published, hypernetwork": ("LFN as published", FIELDS),
    "render 64², batch 1, as published, low rank": ("LFN as published, low rank", FIELDS),
    "render 64², batch 1, as published, concatenation": ("LFN as published, concatenation", FIELDS),
    "render 64², batch 1, plain": ("LFN, weights once", FIELDS),
    "render 64², batch 1, folded": ("LFN, folded", OURS),
    "render 64², batch 1, folded, bfloat16": ("LFN, folded, bfloat16", OURS),
}
STEPS = {
    f"training step 64², batch {batch}, {name}": (
        f"{said}, {batch} object{'s' * (batch > 1)}",
        color,
    )
    for batch in (1, 16)
    for name, said, color in (
        ("as published, hypernetwork", "as published", FIELDS),
        ("ours", "compiled, fused Adam", OURS),
        ("ours, bfloat16", "… bfloat16", OURS),
        ("ours, low rank, bfloat16", "… bfloat16, low rank", OURS),
    )
}


def draw(found: list[Figure], title: str, path: Path) -> None:
    """Renders on the left, training steps on the right; what is written in a bar is its rate."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    by_name = {figure.name: figure for figure in found}
    canvas = Canvas(figsize=(13, 4.2), layout="constrained")
    FigureCanvasAgg(canvas)
    left, right = canvas.subplots(1, 2)
    _panel(left, by_name, RENDERS)
    left.set_title("one picture, 64×64: rays a second", fontsize=10, loc="left")
    _panel(right, by_name, STEPS)
    right.set_title("a training step, 64×64 of each object: rays a second", fontsize=10, loc="left")
    meaning = "one thread; green: what products alone would reach"
    canvas.suptitle(f"{title} ({meaning})", fontsize=11, x=0.01, ha="left")
    canvas.savefig(path, dpi=110)


def _panel(
    axes: Axes, by_name: Mapping[str, Figure], wanted: Mapping[str, tuple[str, str]]
) -> None:
    rows = [
        (said, color, by_name[f"{name}: rate"])
        for name, (said, color) in wanted.items()
        if f"{name}: rate" in by_name
    ]
    for row, (_, color, figure) in enumerate(rows):
        axes.barh(row, figure.value, 0.8, color=color)
        if figure.floor is not None:
            axes.plot([figure.floor] * 2, [row - 0.4, row + 0.4], color="#009e73", lw=2)
        beginning = axes.get_yaxis_transform()  # across in shares of the panel
        axes.text(0.01, row, _rounded(figure.value), va="center", fontsize=9, transform=beginning)
    axes.set_yticks(range(len(rows)), [said for said, _, _ in rows], fontsize=9)
    axes.invert_yaxis()
    axes.set_xscale("log")
    rates = [figure.value for _, _, figure in rows]
    axes.set_xlim(0.2 * min(rates), 2 * max(figure.floor or 0 for _, _, figure in rows))
    axes.spines[["top", "right"]].set_visible(False)


def _rounded(rate: float) -> str:
    return f"{rate:,.0f}" if rate < 1e4 else f"{rate / 1e3:,.0f} thousand"
