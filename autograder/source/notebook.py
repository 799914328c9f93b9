"""A source notebook in memory: cells, the tasks some of them set, and the answers inside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from autograder.source.headers import NOTEBOOK_KEYS, CellType
from autograder.source.regions import Region

TaskKind = Literal["exercise", "written", "trained"]


@dataclass(frozen=True)
class Task:
    """What a cell asks of a student, for points: code to write, a question to answer, or a model to train."""

    kind: TaskKind
    id: str
    number: str  # "1.6", or "Q1.2" for a question
    title: str
    points: float
    functions: tuple[str, ...]  # names that the cell of an exercise defines


@dataclass(frozen=True)
class Cell:
    """One cell of the source, with the place it came from."""

    cell_type: CellType
    line: int  # of the `# %%` header in the file, from 1
    first_line: int  # of lines[0]
    lines: tuple[str, ...]
    keys: Mapping[str, Any]  # everything that the header says
    regions: tuple[Region, ...]
    task: Task | None

    @property
    def exported(self) -> bool:
        """Whether the cell's code goes to course_lib/solved."""
        is_exercise = self.task is not None and self.task.kind == "exercise"
        return is_exercise or bool(self.keys.get("export"))

    @property
    def notebook_keys(self) -> dict[str, Any]:
        """The keys that mean nothing here and something to notebook software."""
        return {key: value for key, value in self.keys.items() if key in NOTEBOOK_KEYS}


@dataclass(frozen=True)
class Source:
    """A whole source notebook, free of the mistakes that `read_source` looks for."""

    path: Path
    name: str  # "01_camera_geometry"
    number: int  # 1
    topic: str  # "camera_geometry"
    title: str  # "1 · Camera geometry"
    cells: tuple[Cell, ...]

    @property
    def tasks(self) -> tuple[Task, ...]:
        """Everything that earns points, in order."""
        return tuple(cell.task for cell in self.cells if cell.task is not None)
