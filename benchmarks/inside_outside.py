"""A picture of the out-of-distribution test: every model and seed, inside and outside the training cameras."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.timing import Figure

COLORS = {"inside": "#0072b2", "outside": "#d55e00"}
MARKERS = {"inside": "o", "outside": "s"}


def draw(found: list[Figure], title: str, path: Path) -> None:
    """Two dots per seed and model, and a line from the mean of one kind to that of the other."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    reached = _by_model(found)
    canvas = Canvas(figsize=(8, 0.9 + 0.45 * len(reached)), layout="constrained")
    FigureCanvasAgg(canvas)
    axes = canvas.subplots()
    for row, kinds in enumerate(reached.values()):
        means = [sum(values) / len(values) for values in kinds.values()]
        axes.plot(means, [row, row], color="0.75", linewidth=3, zorder=1)
        for kind, values in kinds.items():
            label = f"{kind} the training cameras" if row == 0 else None
            axes.scatter(
                values, [row] * len(values), 36, COLORS[kind], MARKERS[kind], zorder=2, label=label
            )
    axes.set_yticks(range(len(reached)), list(reached), fontsize=10)
    axes.invert_yaxis()
    axes.set_xlabel("PSNR of unseen cars (dB), a mark per seed")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False)
    axes.grid(axis="x", color="0.9")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    canvas.suptitle(title, fontsize=11, x=0.02, ha="left")
    canvas.savefig(path, dpi=110)


def _by_model(found: list[Figure]) -> dict[str, dict[str, list[float]]]:
    """PSNR by model, then by where the cameras stand, of all seeds."""
    reached: dict[str, dict[str, list[float]]] = {}
    for figure in found:
        named = re.fullmatch(r"seed \d+, (.+): (inside|outside)", figure.name)
        if named:
            reached.setdefault(named[1], {}).setdefault(named[2], []).append(figure.value)
    return reached
