"""Images in a grid whose rows and columns mean something, as codes by cameras."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from course_lib.style import WIDTH
from course_lib.viewers.arrays import as_images
from course_lib.viewers.images import draw_image
from course_lib.viewers.picture import Picture

NAMES: Final = 1.3  # inches for the titles of rows
HEAD: Final = 0.32  # and above the grid, per line
TALLEST: Final = 2.2  # inches, of a row


def show_grid(
    rows: Any,
    row_titles: Sequence[str] | None = None,
    column_titles: Sequence[str] | None = None,
    *,
    title: str = "",
) -> Picture:
    """Images `r c h w 3` (or a list of rows, each `c h w 3`), as an object per row and a camera per column.

    ValueError if rows differ in length, images in size, or titles do not fit.
    """
    shape: tuple[int, ...] = tuple(getattr(rows, "shape", ()))
    if len(shape) == 4 and shape[-1] == 3:
        raise ValueError(
            f"rows has shape {shape}, which is one row; put it in a list, [images], or add the dimension "
            "that is missing from r c h w 3"
        )
    grid = [as_images(f"rows[{i}]", row) for i, row in enumerate(rows)]
    if not grid:
        raise ValueError("rows is empty; give at least one row of images")
    columns, (height, width) = len(grid[0]), grid[0][0].shape[:2]
    for i, row in enumerate(grid):
        if len(row) != columns:
            raise ValueError(
                f"rows[{i}] has {len(row)} images but rows[0] has {columns}; all need as many"
            )
        if row[0].shape[:2] != (height, width):
            raise ValueError(
                f"rows[{i}] has images of (height, width) {row[0].shape[:2]} but rows[0] of "
                f"{(height, width)}; render all at one resolution"
            )
    row_names = _titles("row_titles", row_titles, len(grid))
    column_names = _titles("column_titles", column_titles, columns)
    cell = min((WIDTH - (NAMES if row_titles else 0)) / columns * height / width, TALLEST)
    head = (HEAD if title else 0) + (HEAD if any(column_names) else 0)
    figure = Picture(len(grid) * cell + head + 0.05, _alt(title, row_names, column_names))
    for axes_row, row, name in zip(
        figure.subplots(len(grid), columns, squeeze=False), grid, row_names, strict=True
    ):
        for axes, image in zip(axes_row, row, strict=True):
            draw_image(axes, image)
        axes_row[0].set_ylabel(name, rotation=0, ha="right", va="center")
    for axes, name in zip(figure.axes[:columns], column_names, strict=True):
        axes.set_title(name, fontsize=10)
    if title:
        figure.suptitle(title, fontsize=12)
    return figure


def _titles(name: str, titles: Sequence[str] | None, count: int) -> list[str]:
    if titles is None:
        return [""] * count
    what = name.split("_")[0]
    if isinstance(titles, str):
        raise ValueError(f"{name} is the text {titles!r}; give a list, with a title per {what}")
    if len(titles) != count:
        raise ValueError(
            f"{name} has {len(titles)} titles for {count} {what}s; give one per {what}"
        )
    return ["" if title is None else str(title) for title in titles]


def _alt(title: str, rows: list[str], columns: list[str]) -> str:
    text = f"{title}: " if title else ""
    text += f"Grid of images, {len(rows)} rows by {len(columns)} columns"
    for what, names in (("rows", rows), ("columns", columns)):
        if any(names):
            text += f"; {what}: {', '.join(name.replace(chr(10), ' ') for name in names)}"
    return text + "."
