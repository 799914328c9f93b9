"""A stub may take lines away from its solution and add the one that raises; nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from autograder.handouts.notebook import stub_line
from autograder.source import Source
from autograder.source.regions import with_answers


def is_subset(stub: Iterable[str], solution: Sequence[str]) -> bool:
    """Whether the stub's lines all stand in the solution, in the same order."""
    remaining = iter(solution)
    return all(any(line == other for other in remaining) for line in stub)


def find_foreign_stubs(source: Source, notebook: dict[str, Any]) -> list[str]:
    """Ids of tasks whose cell in the notebook is missing or holds a line not in the solution."""
    cells = {cell.get("id"): "".join(cell["source"]).split("\n") for cell in notebook["cells"]}
    foreign: list[str] = []
    for cell in source.cells:
        if cell.task is None:
            continue
        shown = cells.get(f"{cell.task.kind}-{cell.task.id}")
        solution = with_answers(cell.lines, cell.regions)
        given = [line for line in shown or [] if line.strip() != stub_line(cell.task)]
        if shown is None or not is_subset(filter(str.strip, given), solution):
            foreign.append(cell.task.id)
    return foreign
