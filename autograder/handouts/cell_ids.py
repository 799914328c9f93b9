"""Cell ids that two builds agree on: from the exercise if there is one, else from the content."""

from __future__ import annotations

import hashlib
from collections import Counter

from autograder.source import Cell


class CellIds:
    """Hands out the ids of one notebook; equal cells are told apart by their order."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def of(self, cell: Cell) -> str:
        """At most 64 characters of [a-z0-9_-], as nbformat 4.5 wants."""
        if cell.task is not None:
            return f"{cell.task.kind}-{cell.task.id}"
        content = "\n".join([cell.cell_type, *cell.lines])
        name = f"cell-{hashlib.sha256(content.encode()).hexdigest()[:12]}"
        self._seen[name] += 1
        count = self._seen[name]
        return name if count == 1 else f"{name}-{count}"
