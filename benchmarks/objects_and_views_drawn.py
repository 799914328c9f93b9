"""A picture of two models over the number of objects and photographs."""

from __future__ import annotations

import re
import statistics
from pathlib import Path

from benchmarks.timing import Figure

LOOKS = {"SRN": ("#d55e00", "o"), "LFN": ("#0072b2", "s")}  # Okabe and Ito's colours
PANELS = {
    "known objects": "known objects, cameras that nobody trained on",
    "one photograph": "objects never seen, after one photograph",
}
Reached = dict[str, dict[str, dict[str, list[float]]]]


def draw(found: list[Figure], title: str, path: Path) -> None:
    """PSNR of each model in each regime: a line through the means, a mark for each seed; a panel for each question."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    reached = by_question(found)
    canvas = Canvas(figsize=(9, 4), layout="constrained")
    FigureCanvasAgg(canvas)
    panels = canvas.subplots(1, len(PANELS), sharey=True)
    for axes, (question, heading) in zip(panels, PANELS.items(), strict=True):
        regimes = list(next(iter(reached[question].values())))
        for model, by_regime in reached[question].items():
            color, mark = LOOKS[model]
            means = [statistics.mean(by_regime[regime]) for regime in regimes]
            axes.plot(regimes, means, color=color, linewidth=1.5)
            pairs = [(regime, value) for regime in regimes for value in by_regime[regime]]
            axes.scatter(*zip(*pairs, strict=True), 44, color, marker=mark, label=model, alpha=0.85)
        axes.set_title(heading, loc="left", fontsize=10)
        axes.set_xlabel("objects × photographs of each")
        axes.margins(x=0.12, y=0.12)
        axes.grid(color="0.9")
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("PSNR (dB), a mark per seed")
    panels[0].legend(frameon=False, loc="best")
    canvas.suptitle(title, fontsize=11, x=0.02, ha="left")
    canvas.savefig(path, dpi=110)


def by_question(found: list[Figure]) -> Reached:
    """PSNR by question, model and regime: all seeds, in the order of the figures."""
    reached: Reached = {}
    for figure in found:
        named = re.fullmatch(r"(\d+ × \d+), (\w+): (.+), seed \d+", figure.name)
        if named and figure.unit == "dB":
            regime, model, question = named.groups()
            reached.setdefault(question, {}).setdefault(model, {}).setdefault(regime, []).append(
                figure.value
            )
    return reached
