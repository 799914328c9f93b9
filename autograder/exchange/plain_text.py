"""Text that a spreadsheet must not take for a formula: a student may call himself =HYPERLINK("…")."""

from __future__ import annotations

_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def guarded(text: str) -> str:
    """Text for a cell of a CSV file: one line, with an apostrophe before whatever looks like a formula.

    Other programs than spreadsheets see the apostrophe; `read_table` takes it off again.
    """
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f"'{line}" if line.startswith(_BEGINS_FORMULA) else line


def unguarded(cell: str) -> str:
    """The text that `guarded` made a cell of."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_BEGINS_FORMULA) else cell
