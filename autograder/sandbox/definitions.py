"""Run in the worker: the statements that one exercise needs, each on its own, so that one failure costs one name."""

from __future__ import annotations
import __future__

import ast
import linecache
import re
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from autograder.sandbox import slicing
from autograder.sandbox.alarm import OutOfTime, is_cell
from autograder.sandbox.cells import BrokenCell, Statement, plain_python, read_cells

MODULE = "__main__"  # what a notebook's functions take for their module


@dataclass
class Definitions:
    """What came of a notebook's cells."""

    namespace: dict[str, Any]
    remarks: list[str] = field(default_factory=list)
    missing: dict[str, str] = field(default_factory=dict)  # function name → why it is not there


def run_definitions(
    cells: Sequence[tuple[int, str]], names: Sequence[str], namespace: dict[str, Any]
) -> Definitions:
    """Execute in `namespace` what `names` need. Never raises for what the cells do, except to end the process."""
    for number, source in cells:
        _register_source(number, source)
    statements, broken = read_cells(cells)
    kept = slicing.needed(statements, names)
    found = Definitions(namespace)
    flags, failures = 0, dict[str, str]()
    for statement in kept:
        flags |= _future_flags(statement.node)
        failure = _execute(statement, namespace, flags)
        for name in statement.binds:
            failures.pop(name, None)
        if failure:
            found.remarks.append(failure)
            failures |= dict.fromkeys(statement.binds, failure)
    for name in names:
        found.remarks += _duplicates(statements, name)
        if not callable(namespace.get(name)):
            found.missing[name] = _why_missing(name, namespace, failures, broken)
    wanted = sorted(frozenset(names).union(*(s.reads for s in kept)))
    found.remarks += [f"{b}; the cell was left out" for b in broken if _mentions(b, wanted)]
    return found


def own_frames(error: BaseException) -> str:
    """The traceback through the student's own cells, as text with their lines, and the exception itself."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if is_cell(f.filename)]
    lines = traceback.format_list(frames[-12:])
    return "".join([*lines, *traceback.format_exception_only(error)]).rstrip()


def _register_source(number: int, source: str) -> None:
    """Let tracebacks show the lines of the notebook's cells."""
    lines = plain_python(source).splitlines(keepends=True)
    linecache.cache[f"cell {number}"] = (len(source), None, lines, f"cell {number}")


def _future_flags(node: ast.stmt) -> int:
    if not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
        return 0
    features = (getattr(__future__, alias.name, None) for alias in node.names)
    return sum(f.compiler_flag for f in features if f is not None)


def _execute(statement: Statement, namespace: dict[str, Any], flags: int) -> str:
    """Run one statement; what went wrong, or ""."""
    where = f"cell {statement.cell}, line {statement.node.lineno}"
    module = ast.Module([statement.node], type_ignores=[])
    try:
        code = compile(module, f"cell {statement.cell}", "exec", flags, dont_inherit=True)
        exec(code, namespace)
    except OutOfTime:
        raise
    except BaseException as error:  # a sys.exit() in a cell costs that cell
        return f"{where} raised {type(error).__name__}: {str(error)[:500]}"
    return ""


def _duplicates(statements: Sequence[Statement], name: str) -> list[str]:
    found = slicing.definitions(statements, name)
    if len(found) < 2:
        return []
    *earlier, last = found
    cells = " and ".join(dict.fromkeys(f"cell {s.cell}" for s in earlier))
    remark = f"`{name}` is defined {len(found)} times: cell {last.cell} counts, {cells} does not"
    if slicing.is_stub(last) and not all(slicing.is_stub(s) for s in earlier):
        remark += f". Cell {last.cell} is the unwritten stub: delete it if {cells} is your answer"
    return [remark]


def _why_missing(
    name: str, namespace: dict[str, Any], failures: dict[str, str], broken: list[BrokenCell]
) -> str:
    if name in failures:
        return f"`{name}` could not be defined: {failures[name]}"
    for cell in broken:
        if _mentions(cell, [name]):
            return f"`{name}` could not be read: {cell}"
    if name in namespace:
        kind = type(namespace[name]).__name__
        return f"`{name}` is a {kind}, not a function. Was the name used again further down?"
    return f"`{name}` is not defined anywhere in the notebook. Was its cell deleted or renamed?"


def _mentions(cell: BrokenCell, names: Sequence[str]) -> bool:
    pattern = r"\b(?:def|class)\s+(?:" + "|".join(map(re.escape, names)) + r")\b"
    return re.search(pattern, cell.source) is not None


def fresh_namespace() -> dict[str, Any]:
    """An empty `__main__`, where pickling, dataclasses and `if __name__ == "__main__"` find what they expect."""
    module = type(sys)(MODULE)
    sys.modules[MODULE] = module
    return vars(module)
