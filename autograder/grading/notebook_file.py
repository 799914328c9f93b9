"""The bytes of a notebook, however damaged, as cells."""

from __future__ import annotations

import json
from typing import Any

from autograder.grading.submission import Cell, UnreadableError

_AGAIN = (
    "Save the notebook again (File → Save, or on Colab File → Download → .ipynb) and hand that in."
)
# A byte costs up to a hundred once parsed; honest notebooks have a comma per line of source or output.
_MOST_PARTS = 20_000_000
_MOST_BRACKETS = 4_000_000


def read_notebook(raw: bytes, source_mb: int) -> list[Cell]:
    """The cells of a notebook file. UnreadableError says what is wrong and what to do."""
    raw_cells = parse_cells(raw)
    cells = [_cell(number, raw_cell) for number, raw_cell in enumerate(raw_cells, start=1)]
    size = sum(len(cell.source) for cell in cells)
    if size > source_mb * 2**20:
        raise UnreadableError(
            f"the text of the cells is {size / 2**20:.0f} MB long; at most {source_mb} MB are graded. "
            "Is data pasted into a cell? Load it from a file instead."
        )
    if not any(cell.kind == "code" and cell.source.strip() for cell in cells):
        raise UnreadableError(
            "the notebook has no code cells. Is it the right file, and was it saved after you worked on it?"
        )
    return cells


def parse_cells(raw: bytes) -> list[Any]:
    """The cells as JSON has them, outputs and all, none of it checked. UnreadableError as above."""
    if not raw.strip():
        raise UnreadableError(f"the file is empty. {_AGAIN}")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(
            f"the notebook is not UTF-8 text (byte {error.start}). It may have been changed by another "
            f"program. {_AGAIN}"
        ) from None
    if not text.lstrip().startswith("{"):
        raise UnreadableError(f"the file is not a notebook (a notebook starts with `{{`). {_AGAIN}")
    if text.count(",") > _MOST_PARTS or text.count("[") + text.count("{") > _MOST_BRACKETS:
        raise UnreadableError(
            "the notebook's outputs are too large to be read. Clear them (Edit → Clear all outputs) "
            "and hand it in again."
        )
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(
            f"the notebook is damaged: it is not valid JSON ({str(error)[:120]}). It may have been cut "
            f"off while uploading. {_AGAIN}"
        ) from None
    raw_cells = content.get("cells")
    if raw_cells is None and isinstance(content.get("worksheets"), list):  # nbformat 3
        sheets = [s for s in content["worksheets"] if isinstance(s, dict)]
        raw_cells = [
            c for s in sheets for c in s.get("cells", []) if isinstance(s.get("cells"), list)
        ]
    if not isinstance(raw_cells, list):
        raise UnreadableError(
            f"the file is JSON but not a notebook: it has no list of cells. {_AGAIN}"
        )
    return raw_cells


def _cell(number: int, raw: Any) -> Cell:
    """A cell, made from whatever stands in its place; damaged ones become empty."""
    if not isinstance(raw, dict):
        return Cell(number, "raw", "")
    kind = raw.get("cell_type")
    source = raw.get("source", raw.get("input", ""))  # nbformat 3 says input
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    metadata = raw.get("metadata")
    return Cell(
        number,
        kind if kind in ("code", "markdown") else "raw",
        _encodable(source) if isinstance(source, str) else "",
        _tags(metadata),
    )


def _tags(metadata: object) -> dict[str, Any]:
    """The keys that are read; whatever else a notebook carries is dropped, however large."""
    found = metadata if isinstance(metadata, dict) else {}
    tags = {key: found.get(key) for key in ("exercise", "written", "trained")}
    return {key: value[:200] for key, value in tags.items() if isinstance(value, str)}


def _encodable(text: str) -> str:
    """JSON can spell half a surrogate pair; no file or page can hold it."""
    return text.encode("utf-8", "replace").decode("utf-8")
