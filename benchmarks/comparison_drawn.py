"""The comparison as a picture, quality against speed, and as a table that a reader can take in at once."""

from __future__ import annotations

from pathlib import Path

from benchmarks.timing import Figure

# Okabe and Ito's colours, which colour-blind readers can tell apart, and a mark each besides.
LOOKS = {
    "volume rendering": ("#009e73", "D"),
    "SRN": ("#d55e00", "o"),
    "LFN": ("#0072b2", "s"),
    "2D baseline": ("#e69f00", "^"),
}
SETTINGS = ("cars", "cars and chairs")  # the categories of one model
QUESTIONS = ("training views", "held-out views", "one photograph")
FACES = {"one photograph": True, "held-out views": False}  # whether their marks are full
FACES_TOLD = (
    "objects never seen, after one photograph",
    "known objects, held-out views",
    "light field, folded",
)
COSTS = {  # heading of the column: the figure's name, and its format
    "evaluations per ray": ("evaluations per ray", "{:.0f}"),
    "MFLOP per ray": ("operations per ray", "{:.2f}"),
    "frames a second": ("64×64", "{:.0f}"),
    "training step, MB": ("memory of a training step", "{:.0f}"),
    "picture, MB": ("memory of a picture", "{:.1f}"),
    "s per unseen object": ("an object from one photograph", "{:.2g}"),
}


def draw(found: list[Figure], title: str, path: Path) -> None:
    """Write the picture, and the table beside it as Markdown."""
    value = {figure.name: figure.value for figure in found}
    table = path.with_suffix(".md")
    partial = table.with_suffix(".partial")
    partial.write_text(f"{title}\n\n{markdown(value)}", encoding="utf-8")
    partial.replace(table)
    _picture(value, title, path)


def markdown(value: dict[str, float]) -> str:
    """A table of quality, PSNR / SSIM, and one of costs: a row for each model."""
    heads = ["model", *(f"{s}: {q}" for s in SETTINGS for q in QUESTIONS)]
    rows = []
    for model in LOOKS:
        names = [f"{s}, {model}: {q}" for s in SETTINGS for q in QUESTIONS]
        cells = [f"{value[f'{n}, PSNR']:.1f} / {value[f'{n}, SSIM']:.2f}" for n in names]
        rows.append([model, *cells])
    quality = _table(heads, rows)
    costs = [
        [model, *(form.format(value[f"{model}: {name}"]) for name, form in COSTS.values())]
        for model in LOOKS
    ]
    return f"{quality}\n{_table(['model', *COSTS], costs)}"


def _table(heads: list[str], rows: list[list[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _picture(value: dict[str, float], title: str, path: Path) -> None:
    """PSNR after one photograph over frames a second, a panel for each setting, evaluations per ray beside marks."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(9, 4.2), layout="constrained")
    FigureCanvasAgg(canvas)
    panels = canvas.subplots(1, len(SETTINGS), sharey=True)
    for axes, setting in zip(panels, SETTINGS, strict=True):
        for model, (color, mark) in LOOKS.items():
            speed = value[f"{model}: 64×64"]
            reached = [value[f"{setting}, {model}: {question}, PSNR"] for question in FACES]
            for each, full in zip(reached, FACES.values(), strict=True):
                face = color if full else "white"
                if f"{model}, folded: 64×64" in value:
                    folded = value[f"{model}, folded: 64×64"]
                    axes.plot([speed, folded], [each, each], ":", color=color, zorder=0)
                    axes.plot(folded, each, ">", color=color, markerfacecolor=face)
                axes.scatter(speed, each, 70, marker=mark, facecolors=face, edgecolors=color)
            count = round(value[f"{model}: evaluations per ray"])
            told = f"{count} per ray" if count else "no rays"
            axes.annotate(
                f"{model}\n{told}",
                (speed, min(reached)),
                xytext=(0, -9),
                textcoords="offset points",
                ha="center",
                va="top",
                fontsize=9,
            )
        axes.set_xscale("log")
        axes.margins(x=0.28, y=0.25)
        axes.set_title(f"{setting}: quality, speed, evaluations per ray", loc="left", fontsize=10)
        axes.set_xlabel("frames a second, 64×64, one thread")
        axes.grid(color="0.9")
        axes.set_axisbelow(True)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("PSNR (dB)")
    handles = [
        panels[0].scatter([], [], 70, facecolors="0.3" if full else "none", edgecolors="0.3")
        for full in FACES.values()
    ]
    handles += panels[0].plot([], [], ":>", color="0.3")
    canvas.legend(handles, FACES_TOLD, loc="outside lower left", ncols=3, frameon=False, fontsize=9)
    canvas.suptitle(title, fontsize=11, x=0.02, ha="left")
    canvas.savefig(path, dpi=110)
