"""A table from whatever program wrote it: commas, semicolons or tabs, with or without a byte order mark."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from autograder.exchange.errors import ExchangeError
from autograder.exchange.plain_text import unguarded

_MOST_BYTES = 64 * 2**20
_DELIMITERS = ",;\t"


@dataclass(frozen=True)
class Row:
    """A line of a table; a column that it lacks is empty."""

    line: int  # as an editor counts
    cells: tuple[str, ...]
    columns: Mapping[str, int]  # position by heading, in lower case

    def get(self, *headings: str) -> str:
        """The first of these columns that is there and not empty, else ""."""
        for heading in headings:
            position = self.columns.get(heading.lower())
            if position is not None and position < len(self.cells) and self.cells[position]:
                return self.cells[position]
        return ""


@dataclass(frozen=True)
class Table:
    """A file's heading and rows. Cells are without surrounding space."""

    name: str
    heading: tuple[str, ...]
    rows: tuple[Row, ...]

    def has(self, heading: str) -> bool:
        """Whether a column of that heading is there, in any case."""
        return heading.lower() in (known.lower() for known in self.heading)


def read_table(path: Path) -> Table:
    """The table in a text file; ExchangeError says what is wrong where."""
    text = _text(path)
    first, _, rest = text.partition("\n")
    skipped = 0
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:  # Excel's own notice
        delimiter, text, skipped = first.strip()[4], rest, 1
    else:
        delimiter = max(_DELIMITERS, key=text.lstrip().partition("\n")[0].count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines: list[tuple[int, tuple[str, ...]]] = []
    try:
        start = 1
        for cells in reader:
            lines.append((start + skipped, tuple(unguarded(cell.strip()) for cell in cells)))
            start = reader.line_num + 1
    except csv.Error as error:
        raise ExchangeError(
            f"{path.name}, line {reader.line_num + skipped}: not a table ({error}). Is a quotation mark left open?"
        ) from None
    lines = [(line, cells) for line, cells in lines if any(cells)]
    if not lines:
        raise ExchangeError(f"{path.name}: the file is empty")
    return _table(path.name, lines)


def _table(name: str, lines: list[tuple[int, tuple[str, ...]]]) -> Table:
    heading = lines[0][1]
    columns: dict[str, int] = {}
    for position, column in enumerate(heading):
        columns.setdefault(column.lower(), position)
    for line, cells in lines[1:]:
        if any(cells[len(heading) :]):
            raise ExchangeError(
                f"{name}, line {line}: {len(cells)} cells under a heading of {len(heading)}. "
                "Put names with a comma in quotation marks."
            )
    return Table(name, heading, tuple(Row(line, cells, columns) for line, cells in lines[1:]))


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ExchangeError(f"{path.name}: larger than 64 MB. Is it the right file?")
        raw = path.read_bytes()
    except OSError as error:
        raise ExchangeError(f"{path}: cannot be read: {error.strerror}") from None
    if raw.startswith(b"PK\x03\x04"):
        raise ExchangeError(
            f"{path.name}: a spreadsheet or zip, not text. Save the sheet as CSV (UTF-8)."
        )
    encoding = "utf-16" if raw.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ExchangeError(
            f"{path.name}, line {line}: not UTF-8 text. Save it again as CSV (UTF-8)."
        ) from None
    if "\0" in text:
        raise ExchangeError(f"{path.name}: holds zero bytes; it is not a text file")
    return text
