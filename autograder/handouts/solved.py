"""From a source to `course_lib/solved/<topic>.py`: its answers as a module for later notebooks."""

from __future__ import annotations

from autograder.source import Source
from autograder.source.regions import with_answers


def solved_module(source: Source) -> str:
    """Exported and exercise cells, answered, as the text of a module."""
    head = (
        f"# Generated from solutions/{source.path.name} by `autograder handouts build`; "
        "do not edit.\n"
        f'"""The published answers of notebook {source.title}."""\n\n'
    )
    cells = ["\n".join(with_answers(c.lines, c.regions)) for c in source.cells if c.exported]
    return head + "\n\n\n".join(cell.strip("\n") for cell in cells) + "\n"


def aligned_module(source: Source) -> str:
    """The same code with every line where it stands in the source, so that tracebacks fit."""
    lines: list[str] = []
    for cell in source.cells:
        if cell.exported:
            lines += [""] * (cell.first_line - 1 - len(lines))
            lines += cell.lines
    return "\n".join(lines) + "\n"
