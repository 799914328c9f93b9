"""Points and curves: what was expected as blue circles or a solid line, yours as orange crosses or a dashed one."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.sketches.colours import EXPECTED, YOURS
from autograder.sketches.panel import figure, number, panel, text
from autograder.sketches.sketch import LOST, TOP, Curve, Points, Span

HIGH = 170.0
WIDE = 360.0
LEFT = 56.0  # room for the numbers of the axis


def points_html(points: Points) -> str:
    """The plane; of space the first coordinate against the second, and against the third."""
    size = len(points.spans)
    count = len(points.expected) // size
    lost = sum(LOST in points.actual[i : i + size] for i in range(0, len(points.actual), size))
    pairs = [(0, 1)] if size == 2 else [(0, 1), (0, 2)]
    panels = [_scatter(points, across, up) for across, up in pairs]
    gone = f"; {lost} of yours are not finite and not drawn" if lost else ""
    place = f" {points.part}" if points.part else ""
    caption = f"{points.what}{place}: ○ expected, × yours{gone}"
    apart = max((_distance(points, i) for i in range(count)), default=0.0)
    ends = "; ".join(f"{number(a)} to {number(b)}" for a, b in points.spans)
    alt = (
        f"{count} points of {points.what}{place}, each expected one joined to yours; the farthest is about "
        f"{number(apart)} off. The axes run from {ends}{gone}."
    )
    return figure(caption, panels, alt)


def _distance(points: Points, index: int) -> float:
    size, total = len(points.spans), 0.0
    for axis, (low, high) in enumerate(points.spans):
        first, second = (levels[index * size + axis] for levels in (points.expected, points.actual))
        if LOST in (first, second):
            return 0.0
        total += ((first - second) / TOP * (high - low)) ** 2
    return float(f"{total**0.5:.1g}")


def _scatter(points: Points, across: int, up: int) -> str:
    size = len(points.spans)
    inside = _axes(HIGH, points.spans[across], points.spans[up], f"[…, {across}]", f"[…, {up}]")
    for start in range(0, len(points.expected), size):
        ends = []
        for levels in (points.expected, points.actual):
            u, v = levels[start + across], levels[start + up]
            known = LOST not in (u, v)
            ends.append((LEFT + u / TOP * HIGH, HIGH - v / TOP * HIGH) if known else None)
        first, second = ends
        if first and second:
            inside += (
                f'<line x1="{first[0]:.1f}" y1="{first[1]:.1f}" x2="{second[0]:.1f}" '
                f'y2="{second[1]:.1f}" stroke="currentColor" stroke-opacity=".45"/>'
            )
        if first:
            inside += (
                f'<circle cx="{first[0]:.1f}" cy="{first[1]:.1f}" r="4.5" fill="none" '
                f'stroke="{EXPECTED}" stroke-width="2"/>'
            )
        if second:
            x, y = second
            inside += (
                f'<path d="M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8" stroke="{YOURS}" '
                'stroke-width="2" fill="none"/>'
            )
    return panel("", LEFT + HIGH + 8, HIGH + 22, inside)


def curve_html(curve: Curve) -> str:
    """Two lines over the index."""
    count = len(curve.expected)
    last = curve.first + curve.step * (count - 1)
    inside = _axes(WIDE, (curve.first, last), curve.span, "index", "", height=0.8 * HIGH)
    marked = count <= 16
    for levels, colour, dashes in ((curve.expected, EXPECTED, ""), (curve.actual, YOURS, "5 3")):
        spots = [
            (LEFT + i / max(count - 1, 1) * WIDE, 0.8 * HIGH * (1 - level / TOP), level)
            for i, level in enumerate(levels)
        ]
        inside += _line(spots, colour, dashes)
        for x, y, level in spots if marked else ():
            if level != LOST and not dashes:
                inside += f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="none" stroke="{colour}" stroke-width="2"/>'
            elif level != LOST:
                inside += (
                    f'<path d="M{x - 4:.1f} {y - 4:.1f}l8 8m0 -8l-8 8" stroke="{colour}" '
                    'stroke-width="2" fill="none"/>'
                )
    lost = curve.actual.count(LOST)
    gone = f"; {lost} of yours are not finite and not drawn" if lost else ""
    place = f" {curve.part}" if curve.part else ""
    signs = "○ expected, × yours" if marked else "solid: expected, dashed: yours"
    differ = [
        abs(a - b) if LOST not in (a, b) else TOP
        for a, b in zip(curve.expected, curve.actual, strict=True)
    ]
    worst = max(range(count), key=lambda i: differ[i])
    alt = (
        f"{count} numbers of {curve.what}{place} over their index, expected and yours, between "
        f"{number(curve.span[0])} and {number(curve.span[1])}; farthest apart at index "
        f"{curve.first + curve.step * worst}{gone}."
    )
    drawn = panel("", LEFT + WIDE + 8, 0.8 * HIGH + 22, inside)
    return figure(f"{curve.what}{place}: {signs}{gone}", [drawn], alt)


def _line(spots: Sequence[tuple[float, float, int]], colour: str, dashes: str) -> str:
    """Broken where a value is not finite."""
    path, pen = "", "M"
    for x, y, level in spots:
        if level == LOST:
            pen = "M"
            continue
        path += f"{pen}{x:.1f} {y:.1f}"
        pen = "L"
    dash = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>' if path else ""
    )


def _axes(
    width: float, across: Span, up: Span, below: str, beside: str, *, height: float = HIGH
) -> str:
    line = 'stroke="currentColor" stroke-opacity=".5" fill="none"'
    return (
        f'<path d="M{LEFT} 0V{height:.1f}H{LEFT + width:.1f}" {line}/>'
        + text(LEFT - 5, 9, number(up[1]), anchor="end")
        + text(LEFT - 5, height, number(up[0]), anchor="end")
        + text(LEFT - 5, height / 2 + 4, beside, anchor="end")
        + text(LEFT, height + 19, number(across[0]), anchor="start")
        + text(LEFT + width, height + 19, number(across[1]), anchor="end")
        + text(LEFT + width / 2, height + 19, below)
    )
