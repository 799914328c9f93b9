"""From the keys of a header to a task: ids, titles and points, checked."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

from autograder.source.cells import RawCell
from autograder.source.errors import Problems
from autograder.source.headers import CellType
from autograder.source.notebook import Task, TaskKind
from autograder.source.python_code import defined_names, parse_cell

_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")  # it becomes a cell id and a file name


@dataclass(frozen=True)
class _Kind:
    """What a kind of task is called, and the cell that it needs."""

    noun: str
    cell_type: CellType
    advice: str


_KINDS: dict[TaskKind, _Kind] = {
    "exercise": _Kind(
        "an exercise", "code", "an exercise is a code cell; use written= for a question"
    ),
    "written": _Kind(
        "a written question", "markdown", "a written question is a markdown cell: `# %% [markdown]`"
    ),
    "trained": _Kind(
        "a trained exercise", "code", "a trained exercise is a code cell, which exports predictions"
    ),
}


class TaskReader:
    """Reads the tasks of one notebook in order; it numbers them and remembers what is taken."""

    def __init__(self, notebook_number: int, problems: Problems) -> None:
        self._notebook_number = notebook_number
        self._problems = problems
        self._counts = {"exercise": 0, "written": 0}
        self._id_lines: dict[str, int] = {}
        self._function_lines: dict[str, int] = {}

    def read(self, cell: RawCell) -> Task | None:
        """The task of a cell, or None if it sets none or cannot be understood."""
        keys, line = cell.header.keys, cell.header.line
        named = [kind for kind in _KINDS if kind in keys]
        if len(named) > 1:
            what = " or ".join(_KINDS[kind].noun for kind in named)
            self._problems.add(line, f"a cell is {what}, not both")
            return None
        if not named:
            for key in ("points", "title"):
                if key in keys:
                    self._problems.add(line, f"`{key}` without `exercise`, `trained` or `written`")
            return None
        kind = named[0]
        if cell.header.cell_type != _KINDS[kind].cell_type:
            self._problems.add(line, _KINDS[kind].advice)
            return None
        counted = "written" if kind == "written" else "exercise"  # trained ones count with these
        self._counts[counted] += 1
        prefix = "Q" if kind == "written" else ""
        return Task(
            kind=kind,
            id=self._id(keys[kind], kind, line),
            number=f"{prefix}{self._notebook_number}.{self._counts[counted]}",
            title=self._title(keys, kind, line),
            points=self._points(keys, kind, line),
            functions=self._functions(cell) if kind == "exercise" else (),
        )

    def _id(self, value: Any, kind: str, line: int) -> str:
        if not isinstance(value, str) or not _ID.fullmatch(value):
            self._problems.add(
                line,
                f"{kind}={value!r} is no id: a lower-case name of letters, digits and `_`, "
                "at most 40 characters",
            )
            return ""
        if value in self._id_lines:
            self._problems.add(
                line, f"duplicate id {value!r}: line {self._id_lines[value]} has it already"
            )
        self._id_lines.setdefault(value, line)
        return value

    def _title(self, keys: Any, kind: str, line: int) -> str:
        title = keys.get("title")
        if "title" not in keys:
            self._problems.add(line, f'{kind} {keys[kind]!r} has no title; add title="..."')
        elif not isinstance(title, str) or not title.strip():
            self._problems.add(line, f"title of {keys[kind]!r} must be text, not {title!r}")
        return str(title).strip()

    def _points(self, keys: Any, kind: str, line: int) -> float:
        points = keys.get("points")
        if "points" not in keys:
            self._problems.add(line, f"{kind} {keys[kind]!r} has no points; add points=5")
            return 0.0
        is_number = isinstance(points, int | float) and not isinstance(points, bool)
        if not is_number or not math.isfinite(points) or points <= 0:
            self._problems.add(
                line, f"points of {keys[kind]!r} must be a number above 0, not {points!r}"
            )
            return 0.0
        return float(points)

    def _functions(self, cell: RawCell) -> tuple[str, ...]:
        try:
            functions = defined_names(parse_cell("\n".join(cell.lines)))
        except SyntaxError:
            return ()  # reported with its line where the code is checked
        if not functions:
            self._problems.add(
                cell.header.line,
                f"exercise {cell.header.keys['exercise']!r} defines no function or class",
            )
        for name in functions:
            if name in self._function_lines:
                self._problems.add(
                    cell.header.line,
                    f"{name!r} is defined by the exercise in line {self._function_lines[name]} too",
                )
            self._function_lines.setdefault(name, cell.header.line)
        return functions
