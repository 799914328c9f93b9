"""From a source to the notebook that students open, and to the same notebook with its answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from autograder.handouts.bands_table import with_bands
from autograder.handouts.cell_ids import CellIds
from autograder.settings import Release
from autograder.source import Cell, Source, SourceError, Task
from autograder.source.regions import Region, with_answers, with_stubs

Notebook = dict[str, Any]  # nbformat 4.5 as plain JSON
Fill = Callable[[Cell], Sequence[str]]

WHEEL = "{{wheel}}"
UNANSWERED = "*Write your answer here.*"  # where a written answer goes
BADGE_ID = "colab-badge"

_METADATA = {
    "accelerator": "GPU",
    "colab": {
        "generative_ai_disabled": True,  # the honour code forbids completion by AI
        "gpuType": "T4",
        "provenance": [],
        "toc_visible": True,
    },
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def handout(source: Source, release: Release) -> Notebook:
    """The notebook that students open: a stub in place of every answer, no outputs."""
    return _notebook(source, release, _with_stubs)


def solution_notebook(source: Source, release: Release) -> Notebook:
    """The same notebook as a perfect student hands it in: the same cells and ids, with answers."""
    return _notebook(source, release, lambda cell: with_answers(cell.lines, cell.regions))


def to_json(notebook: Notebook) -> str:
    """The notebook as the text of an .ipynb file; equal notebooks give equal bytes."""
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def stub_line(task: Task) -> str:
    """What stands in a handout where the answer stood."""
    if task.kind == "written":
        return UNANSWERED
    return (
        f'raise NotImplementedError("Exercise {task.number} `{task.id}` is not written yet. '
        'Replace this line with your answer.")'
    )


def _notebook(source: Source, release: Release, fill: Fill) -> Notebook:
    ids = CellIds()
    cells = [_badge(source, release)]
    for cell in source.cells:
        text = "\n".join(fill(cell)).strip("\n")
        if WHEEL in text:
            text = text.replace(WHEEL, _wheel(source, cell, release))
        if cell.cell_type == "markdown":
            text = with_bands(text, cell, source)
        cells.append(_cell(ids.of(cell), cell.cell_type, _cell_metadata(cell), text))
    return {"cells": cells, "metadata": _METADATA, "nbformat": 4, "nbformat_minor": 5}


def _with_stubs(cell: Cell) -> Sequence[str]:
    if cell.task is None:
        return cell.lines
    line = stub_line(cell.task)

    def stub(region: Region) -> str:
        return region.indent + line

    return with_stubs(cell.lines, cell.regions, stub)


def _badge(source: Source, release: Release) -> Notebook:
    address = (
        f"https://colab.research.google.com/github/{release.repository}"
        f"/blob/{release.branch}/notebooks/{source.name}.ipynb"
    )
    badge = "https://colab.research.google.com/assets/colab-badge.svg"
    return _cell(BADGE_ID, "markdown", {}, f"[![Open in Colab]({badge})]({address})")


def _wheel(source: Source, cell: Cell, release: Release) -> str:
    if release.wheel is None:
        raise SourceError(
            source.path,
            cell.line,
            f"the cell needs {WHEEL}; give its address in course.toml as release.wheel",
        )
    return release.wheel


def _cell_metadata(cell: Cell) -> dict[str, Any]:
    if cell.task is None:
        return cell.notebook_keys
    task = cell.task
    points = int(task.points) if task.points.is_integer() else task.points
    return {**cell.notebook_keys, task.kind: task.id, "points": points, "title": task.title}


def _cell(cell_id: str, cell_type: str, metadata: dict[str, Any], text: str) -> Notebook:
    cell: Notebook = {
        "cell_type": cell_type,
        "id": cell_id,
        "metadata": metadata,
        "source": text.splitlines(keepends=True),
    }
    if cell_type == "code":
        cell |= {"execution_count": None, "outputs": []}
    return cell
