"""`python -m benchmarks [NAME …]`: measure, print a table, keep it in benchmarks/results with a picture."""

from __future__ import annotations

import argparse
import ast
import datetime
import importlib
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from textwrap import fill

from rich.console import Console
from rich.table import Table

from benchmarks.timing import Figure, machine_class

NAMES = (
    "handouts",
    "checks",
    "first_picture",
    "grading",
    "peers",
    "scale",
    "scenes",
    "viewers",
    "rendering",
    "compositing",
    "inverse",
    "conditioning",
    "out_of_distribution",
    "gpu_estimate",
    "digits",
    "auto_decoding",
    "time_to_quality",
    "two_photographs",
    "one_glance",
    "depth_from_lines",
    "objects_and_views",
    "comparison",
    "srn",
    "lfn",
)
RESULTS = Path(__file__).with_name("results")
Picture = Callable[[list[Figure], str, Path], None]


def main() -> None:
    """Run the named benchmarks, all by default."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure, print tables, keep figures and pictures in benchmarks/results/.",
        epilog="groups:\n" + "\n".join(f"  {name} {_summary(name)}" for name in NAMES),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("names", nargs="*", metavar="GROUP", help="by default all of them")
    names = parser.parse_args().names
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        parser.error(f"no group {unknown[0]!r}; known: {', '.join(NAMES)}")
    for name in names or NAMES:
        module = importlib.import_module(f"benchmarks.{name}")
        found: list[Figure] = module.figures()
        Console().print(as_table(name, found))
        keep(name, found, getattr(module, "draw", draw))


def _summary(name: str) -> str:
    """What a group measures: the first line of its module, which is not imported for that."""
    text = Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(text)) or "").partition("\n")[0]


def as_table(name: str, found: list[Figure]) -> Table:
    """Figures beside their limits and floors."""
    table = Table(title=f"{name}: {machine_class()}", title_justify="left")
    for heading in ("measured", "value", "limit", "floor"):
        table.add_column(heading, justify="left" if heading == "measured" else "right")
    for figure in found:
        limit = "" if figure.limit is None else f"{figure.limit:g} {figure.unit}"
        limit = f"≥ {limit}" if figure.at_least else limit
        floor = "" if figure.floor is None else f"{figure.floor_name} {figure.floor:.3g}"
        value = f"{figure.value:.3g} {figure.unit}"
        table.add_row(
            figure.name, f"[red]{value}, missed[/red]" if figure.misses else value, limit, floor
        )
    return table


def keep(name: str, found: list[Figure], picture: Picture) -> None:
    """Write results/NAME.json and NAME.png: what was measured, when, on which class of machine."""
    RESULTS.mkdir(exist_ok=True)
    record = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "machine": machine_class(),
        "command": f"python -m benchmarks {name}",
        "figures": [asdict(figure) for figure in found],
    }
    text = json.dumps(record, indent=2, ensure_ascii=False) + "\n"
    (RESULTS / f"{name}.json").write_text(text, encoding="utf-8")
    picture(found, f"{name}, {record['date']}", RESULTS / f"{name}.png")


def draw(found: list[Figure], title: str, path: Path) -> None:
    """A bar per figure on a logarithmic scale, its limit as a line; a group may have a `draw` of its own."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Canvas

    canvas = Canvas(figsize=(8, 1.1 + 0.36 * len(found)), layout="constrained")
    FigureCanvasAgg(canvas)
    axes = canvas.subplots()
    rows = range(len(found))
    bars = axes.barh(rows, [figure.value for figure in found], color="#0072b2")
    axes.bar_label(bars, [f" {figure.value:.3g} {figure.unit}" for figure in found], fontsize=9)
    for row, figure in zip(rows, found, strict=True):
        if figure.limit is not None:
            axes.plot([figure.limit] * 2, [row - 0.45, row + 0.45], color="#d55e00", linewidth=2)
        if figure.floor is not None:
            axes.plot(
                [figure.floor] * 2,
                [row - 0.45, row + 0.45],
                color="black",
                linestyle=":",
                linewidth=2,
            )
    axes.set_yticks(list(rows), [figure.name for figure in found], fontsize=10)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlim(right=3 * max([f.value for f in found] + [f.limit or 0 for f in found]))
    meaning = f"{title} (solid line: limit, dotted: floor)"
    canvas.suptitle(fill(meaning, 90), fontsize=11, x=0.01, ha="left")  # beside the names, too
    axes.spines[["top", "right"]].set_visible(False)
    canvas.savefig(path, dpi=110)


if __name__ == "__main__":
    main()
