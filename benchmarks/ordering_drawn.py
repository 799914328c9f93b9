"""A picture of the ordering: every model and seed, a panel for each data set and question."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.timing import Figure

# Okabe and Ito's colours, which colour-blind readers can tell apart, and a mark each besides.
LOOKS = {
    "mean image": ("#999999", "|"),
    "pose-conditioned": ("#e69f00", "s"),
    "disentangling": ("#56b4e9", "^"),
    "deterministic GQN": ("#009e73", "D"),
    "SRN": ("#d55e00", "o"),
}
Reached = dict[str, dict[str, dict[str, list[float]]]]


def draw(found: list[Figure], title: str, path: Path) -> None:
    """PSNR along x, a row for each question, a mark for each model and seed; a panel for each data set."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    reached = by_question(found)
    rows = [len(questions) for questions in reached.values()]
    canvas = Canvas(figsize=(8, 1.6 + 0.42 * sum(rows) + 0.5 * len(rows)), layout="constrained")
    FigureCanvasAgg(canvas)
    panels = canvas.subplots(len(rows), 1, sharex=True, height_ratios=rows, squeeze=False)[:, 0]
    for axes, (data, questions) in zip(panels, reached.items(), strict=True):
        for row, models in enumerate(questions.values()):
            for model, values in models.items():
                color, mark = LOOKS[model]
                axes.scatter(values, [row] * len(values), 44, color, mark, alpha=0.85, zorder=2)
        axes.set_yticks(range(len(questions)), list(questions), fontsize=10)
        axes.set_ylim(len(questions) - 0.5, -0.5)
        axes.set_title(data, loc="left", fontsize=11)
        axes.grid(color="0.9")
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
    panels[-1].set_xlabel("PSNR of photographs that were not shown (dB), a mark per seed")
    handles = [
        panels[0].scatter([], [], 44, color, mark, label=model)
        for model, (color, mark) in LOOKS.items()
    ]
    canvas.legend(handles=handles, loc="outside lower left", ncols=5, frameon=False, fontsize=9)
    canvas.suptitle(title, fontsize=11, x=0.02, ha="left")
    canvas.savefig(path, dpi=110)


def by_question(found: list[Figure]) -> Reached:
    """PSNR by data set, question and model: all seeds."""
    reached: Reached = {}
    for figure in found:
        named = re.fullmatch(r"(.+), ([^,]+): (.+), seed \d+", figure.name)
        if named and figure.unit == "dB":
            data, model, question = named.groups()
            models = reached.setdefault(data, {}).setdefault(question, {})
            models.setdefault(model, []).append(figure.value)
    return reached
