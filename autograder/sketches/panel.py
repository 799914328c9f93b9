"""The frame of every sketch: panels side by side that wrap on narrow screens, one description for them all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

FONT = "font:12px system-ui,sans-serif"


def figure(caption: str, panels: Sequence[str], alt: str) -> str:
    """Panels as one picture to whoever cannot see it: `alt` is read in their place."""
    inside = "".join(panels)
    return (
        '<figure style="margin:.6em 0">'
        f'<figcaption style="font-size:.85em;opacity:.85">{escape(caption)}</figcaption>'
        f'<div role="img" aria-label="{escape(alt, quote=True)}" '
        f'style="display:flex;flex-wrap:wrap;gap:.6em 1em;align-items:flex-start">{inside}</div>'
        "</figure>"
    )


def panel(title: str, width: float, height: float, inside: str, below: str = "") -> str:
    """One drawing with a title above and a line below; `inside` is SVG that fills width × height."""
    bottom = "".join(
        text(width / 2, height + 35 + 15 * i, line) for i, line in enumerate(below.split("\n"))
    )
    tall = height + (42 + 15 * below.count("\n") if below else 24)
    return (
        f'<svg aria-hidden="true" width="{width:.0f}" height="{tall:.0f}" '
        f'viewBox="0 0 {width:.0f} {tall:.0f}" style="max-width:100%;height:auto;overflow:visible" '
        f'fill="currentColor">{text(width / 2, 14, title, bold=True)}'
        f'<g transform="translate(0 20)">{inside}</g>{bottom}</svg>'
    )


def text(
    x: float, y: float, words: str, *, anchor: str = "middle", bold: bool = False, fill: str = ""
) -> str:
    """A line of text in the page's own colour unless `fill` says otherwise."""
    weight = ";font-weight:600" if bold else ""
    colour = f' fill="{fill}"' if fill else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" style="{FONT}{weight}"{colour}>'
        f"{escape(words)}</text>"
    )


def number(value: float) -> str:
    """A number in as few characters as a cell or an axis has room for."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    short = f"{value:.3g}"
    return "0" if short == "-0" else short.replace("-", "−")
