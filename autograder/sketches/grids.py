"""Matrices as colours: expected, yours, and how far apart they are; with their numbers while there are few."""

from __future__ import annotations

from collections.abc import Sequence

from autograder.sketches.colours import (
    LOST_COLOUR,
    MAGMA,
    VIRIDIS,
    Colour,
    ink_on,
    ramp,
)
from autograder.sketches.panel import figure, number, panel, text
from autograder.sketches.sketch import LOST, TOP, WORST, Grid
from autograder.sketches.tiny_png import cells_url

SIDE = 190.0  # of the longer side of a panel
NUMBERED = 50.0  # of a cell that holds a number


def grid_html(grid: Grid) -> str:
    """Three panels: expected, yours, difference."""
    low, high = number(grid.span[0]), number(grid.span[1])
    scale = f"dark {low}, bright {high}" if low != high else f"all near {low}"
    lost = LOST in grid.actual or LOST in grid.expected
    expected = actual = apart = None
    if grid.exact is not None:
        expected, actual = ([float(word) for word in numbers] for numbers in grid.exact)
        # Infinities that agree are not apart.
        apart = [0.0 if a == e else a - e for e, a in zip(expected, actual, strict=True)]
    off = f"black agrees, bright is {number(grid.largest)} off"
    if not grid.largest:
        off = "black agrees, bright does not"
    panels = [
        _panel(grid, "expected", [_value(v) for v in grid.expected], expected, scale),
        _panel(
            grid,
            "yours",
            [_value(v) for v in grid.actual],
            actual,
            "grey is not finite" if lost else scale,
        ),
        _panel(grid, "difference", [ramp(MAGMA, v / WORST) for v in grid.error], apart, off),
    ]
    place = f" {grid.part}" if grid.part else ""
    return figure(f"{grid.what}{place}", panels, _alt(grid, place))


def _value(level: int) -> Colour:
    return LOST_COLOUR if level == LOST else ramp(VIRIDIS, level / TOP)


def _panel(
    grid: Grid, title: str, colours: list[Colour], numbers: Sequence[float] | None, below: str
) -> str:
    cell = NUMBERED if numbers is not None else SIDE / max(grid.rows, grid.columns)
    wide, tall = cell * grid.columns, cell * grid.rows
    if numbers is not None:
        tall = 0.5 * cell * grid.rows
    # Two lines below where the panel is too narrow for one.
    width = max(wide, 150.0)
    if len(below) * 6.2 > width:
        below = below.replace(", ", ",\n", 1)
    left = (width - wide) / 2
    cells = (
        f'<image x="{left:.1f}" width="{wide:.1f}" height="{tall:.1f}" preserveAspectRatio="none" '
        f'style="image-rendering:pixelated" href="{cells_url(colours, grid.columns)}"/>'
    )
    if numbers is not None:
        high = tall / grid.rows
        for index, (value, colour) in enumerate(zip(numbers, colours, strict=True)):
            row, column = divmod(index, grid.columns)
            middle = left + (column + 0.5) * cell
            cells += text(middle, (row + 0.5) * high + 4, number(value), fill=ink_on(colour))
    return panel(title, width, tall, cells, below)


def _alt(grid: Grid, place: str) -> str:
    worst = max(range(len(grid.error)), key=lambda i: grid.error[i])
    row, column = divmod(worst, grid.columns)
    off = sum(level > 0 for level in grid.error)
    lost = grid.actual.count(LOST)
    size = f"{lost} of yours are not finite" if lost else f"by {number(grid.largest)}"
    return (
        f"{grid.what}{place}, {grid.rows} rows and {grid.columns} columns as colours: expected, yours and "
        f"the difference. {off} of {len(grid.error)} differ, most in row {row}, column {column}, {size}."
    )
