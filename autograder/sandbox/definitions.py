"""Run in the worker: the statements that one exercise needs, each on its own, so that one failure costs one name."""

from __future__ import annotations
import __future__

import ast
import linecache
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.sandbox.alarm import OutOfTime, alarm, is_cell
from autograder.sandbox.cells import bound_names, parse_cell

_MODULE = "__main__"  # what a notebook's functions take for their module


@dataclass
class Definitions:
    """What came of running a plan."""

    remarks: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)  # function → why it is not there
    cut: list[tuple[int, int]] = field(default_factory=list)  # steps that were ended for their time


class Notebook:
    """The cells of a submission, each parsed when it is first needed."""

    def __init__(self, cells: Sequence[tuple[int, str]]) -> None:
        self._sources = dict(cells)
        self._trees: dict[int, ast.Module] = {}

    def statement(self, cell: int, index: int) -> ast.stmt:
        """A cell's statement by its position."""
        if cell not in self._trees:
            self._trees[cell] = _parse(cell, self._sources[cell])
        return self._trees[cell].body[index]


def run_definitions(
    notebook: Notebook,
    steps: Sequence[tuple[int, int]],
    names: Sequence[str],
    namespace: dict[str, Any],
    seconds: float,
) -> Definitions:
    """Execute a plan's steps in `namespace`. Never raises for what they do, but OutOfTime after `seconds`.

    One statement may use half of the time: an endless loop is cut, and what does not need it is still defined.
    """
    found = Definitions()
    flags, failures = 0, dict[str, str]()
    end = time.monotonic() + seconds
    for cell, index in steps:
        node = notebook.statement(cell, index)
        flags |= _future_flags(node)
        limit = min(seconds / 2, end - time.monotonic())
        if limit <= 0:
            raise OutOfTime(f"cell {cell}, line {node.lineno}")
        try:
            with alarm(limit):
                failure = _execute(cell, node, namespace, flags)
        except OutOfTime as error:
            found.cut.append((cell, index))
            place = str(error) or f"cell {cell}, line {node.lineno}"
            failure = f"{place} was cut off: it ran for more than {limit:.3g} seconds"
        for name in bound_names(node) if failure or failures else ():
            failures.pop(name, None)
            if failure:
                failures[name] = failure
        if failure:
            found.remarks.append(failure)
    for name in names:
        if not callable(namespace.get(name)):
            found.missing[name] = _why_missing(name, namespace, failures)
    return found


def fresh_namespace() -> dict[str, Any]:
    """An empty `__main__`, where dataclasses and `if __name__ == "__main__"` find what they expect."""
    module = type(sys)(_MODULE)
    sys.modules[_MODULE] = module
    return vars(module)


def own_frames(error: BaseException) -> str:
    """The traceback through the student's own cells, as text with their lines, and the exception itself."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if is_cell(f.filename)]
    lines = traceback.format_list(frames[-12:])
    return "".join([*lines, *traceback.format_exception_only(error)]).rstrip()


def _parse(number: int, source: str) -> ast.Module:
    """The cell's syntax tree; tracebacks will show its lines."""
    python, tree = parse_cell(source)
    name = f"cell {number}"
    linecache.cache[name] = (len(python), None, python.splitlines(keepends=True), name)
    return tree


def _future_flags(node: ast.stmt) -> int:
    """What `from __future__ import …` in one cell means for the cells after it."""
    if not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
        return 0
    features = (getattr(__future__, alias.name, None) for alias in node.names)
    return sum(f.compiler_flag for f in features if f is not None)


def _execute(cell: int, node: ast.stmt, namespace: dict[str, Any], flags: int) -> str:
    """Run one statement; what went wrong, or ""."""
    module = ast.Module([node], type_ignores=[])
    try:
        code = compile(module, f"cell {cell}", "exec", flags, dont_inherit=True)
        exec(code, namespace)
    except OutOfTime:
        raise
    except BaseException as error:  # a sys.exit() in a cell costs that statement
        what = f"{type(error).__name__}: {str(error)[:500]}"
        return f"cell {cell}, line {node.lineno} raised {what}"
    return ""


def _why_missing(name: str, namespace: dict[str, Any], failures: dict[str, str]) -> str:
    if name in failures:
        return f"`{name}` could not be defined: {failures[name]}"
    kind = type(namespace.get(name)).__name__
    return f"`{name}` is a {kind}, not a function. Was the name used again further down?"
