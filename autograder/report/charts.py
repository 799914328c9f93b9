"""Histograms as inline SVG: no script, no font, colours from the page's style sheet."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape


def histogram(
    values: Sequence[float], most: float, label: str, bins: int, width: int, height: int
) -> Markup:
    """How many of `values` fall into each of `bins` equal parts of 0 … `most`.

    `label` is read aloud in place of the picture. The last bin includes `most` itself.
    """
    counts = [0] * bins
    for value in values:
        counts[min(int(value / most * bins), bins - 1) if most > 0 else 0] += 1
    tallest, step, floor = max([*counts, 1]), width / bins, height - 1
    bars = []
    for index, count in enumerate(counts):
        tall = (floor - 12) * count / tallest
        low, high = most * index / bins, most * (index + 1) / bins
        hint = escape(f"{low:g} to {high:g} points: {count}")
        shade = "best" if index == bins - 1 else "bar"
        bars.append(
            f'<rect class="{shade}" x="{index * step + 1:.1f}" y="{floor - tall:.1f}" '
            f'width="{step - 2:.1f}" height="{tall:.1f}"><title>{hint}</title></rect>'
        )
        if count:
            middle = (index + 0.5) * step
            bars.append(f'<text x="{middle:.1f}" y="{floor - tall - 2:.1f}">{count}</text>')
    axis = f'<line x1="0" y1="{floor}" x2="{width}" y2="{floor}"/>'
    summary = f"{label}: " + ", ".join(f"{c} in part {i + 1}" for i, c in enumerate(counts) if c)
    return Markup(
        f'<svg class="histogram" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="{escape(summary)}">{"".join(bars)}{axis}</svg>'
    )
