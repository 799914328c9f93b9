"""Any sketch as HTML that stands alone: no script, no style sheet, in the colours of the page around it."""

from __future__ import annotations

from html import escape

from autograder.sketches.grids import grid_html
from autograder.sketches.plots import curve_html, points_html
from autograder.sketches.sketch import Counts, Curve, Grid, Points, Sketch

_CELL = "padding:.15em .7em;text-align:right;border:1px solid rgba(128,128,128,.45)"


def sketch_html(sketch: Sketch) -> str:
    """The sketch with its caption and its description; every text in it is escaped."""
    match sketch:
        case Grid():
            return grid_html(sketch)
        case Points():
            return points_html(sketch)
        case Curve():
            return curve_html(sketch)
        case Counts():
            return _counts_html(sketch)


def _counts_html(counts: Counts) -> str:
    """A real table: its numbers are what there is to see. Agreement lies on the diagonal, in bold."""
    heads = "".join(
        f'<th scope="col" style="{_CELL}">yours {escape(label)}</th>' for label in counts.labels
    )
    rows = ""
    for i, (label, row) in enumerate(zip(counts.labels, counts.counts, strict=True)):
        cells = "".join(
            f'<td style="{_CELL}">{f"<b>{n}</b>" if i == j else n}</td>' for j, n in enumerate(row)
        )
        rows += f'<tr><th scope="row" style="{_CELL}">expected {escape(label)}</th>{cells}</tr>'
    return (
        '<table style="border-collapse:collapse;margin:.6em 0;width:auto;font-size:.9em">'
        f'<caption style="text-align:left;opacity:.85">{escape(counts.what)}: how often each came; '
        f"bold agrees</caption><thead><tr><td></td>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    )
