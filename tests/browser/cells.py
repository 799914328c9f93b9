"""Which cells a student has to run before another one works, and the right answers to put into them."""

from __future__ import annotations

import builtins
import symtable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from autograder.handouts.files import source_paths
from autograder.handouts.notebook import solution_notebook
from autograder.settings import load_settings
from autograder.source import read_source

REPOSITORY = Path(__file__).parents[2]
SET_UP = "setup()"  # ends the cells that every notebook begins with


@dataclass(frozen=True)
class Answered:
    """A notebook's cells with their answers; their places are those of the handout's cells."""

    cells: tuple[dict[str, Any], ...]

    def source(self, index: int) -> str:
        """A cell's text, with its answer."""
        return "".join(self.cells[index]["source"])

    def exercise(self, index: int) -> str | None:
        """The exercise that a cell asks for."""
        found: str | None = self.cells[index]["metadata"].get("exercise")
        return found

    @property
    def set_up(self) -> list[int]:
        """The code cells up to the one that calls setup()."""
        end = self.containing(SET_UP)
        return [i for i in range(end + 1) if self.cells[i]["cell_type"] == "code"]

    @property
    def first_exercise(self) -> int:
        """The first cell that asks for an answer."""
        return next(i for i in range(len(self.cells)) if self.exercise(i))

    def containing(self, text: str) -> int:
        """The first code cell with this text."""
        return next(
            i
            for i, cell in enumerate(self.cells)
            if cell["cell_type"] == "code" and text in "".join(cell["source"])
        )

    def needed(self, index: int) -> list[int]:
        """The cells above that bind what a cell reads, and what those read, in order; not the cell itself.

        Of several cells that bind a name the last one above its reader counts, as it does for a student.
        """
        found: set[int] = set()
        waiting = [index]
        while waiting:
            reader = waiting.pop()
            for name in self._names[reader][1]:
                above = [i for i in range(reader) if name in self._names[i][0]]
                if above and above[-1] not in found:
                    found.add(above[-1])
                    waiting.append(above[-1])
        return sorted(found)

    @cached_property
    def _names(self) -> list[tuple[set[str], set[str]]]:
        """Of every cell, the names that it binds and those that it reads, in functions too."""
        return [
            _bound_and_read(self.source(i)) if cell["cell_type"] == "code" else (set(), set())
            for i, cell in enumerate(self.cells)
        ]


def answered(notebook: str) -> Answered:
    """The notebook as a perfect student hands it in."""
    path = next(path for path in source_paths(REPOSITORY) if path.stem == notebook)
    content = solution_notebook(read_source(path), load_settings(REPOSITORY).release)
    return Answered(tuple(content["cells"]))


def _bound_and_read(text: str) -> tuple[set[str], set[str]]:
    table = symtable.symtable(text, "cell", "exec")
    bound = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    return bound, _read(table) - set(dir(builtins))


def _read(table: symtable.SymbolTable) -> set[str]:
    """Globals that are read here and in the functions and classes inside."""
    inside = table.get_type() != "module"
    names = {
        symbol.get_name()
        for symbol in table.get_symbols()
        if symbol.is_referenced() and (symbol.is_global() or not inside)
    }
    return names.union(*(_read(child) for child in table.get_children()))
