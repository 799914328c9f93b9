"""A notebook's code cells as top-level statements, each with the names it binds, reads and changes."""

from __future__ import annotations

import ast
import re
import symtable
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograder.sandbox.effects import called_names, changes_in_place, root_name

# Cell magics around ordinary Python; every other one (%%bash, %%html …) makes the cell no Python at all.
_PYTHON_MAGICS = {"time", "timeit", "capture", "prun"}
_CELL_MAGIC = re.compile(r"%%(\w+)")
_LINE_END = re.compile(r"\r\n|\r|\n")  # what Python counts as one; str.splitlines knows ten more


@dataclass(frozen=True)
class Statement:
    """One top-level statement of a cell."""

    cell: int
    index: int  # among the statements of its cell
    node: ast.stmt
    binds: frozenset[str]
    reads: frozenset[str]
    changes: frozenset[
        str
    ]  # names whose objects it changes in place: `table[0] = …`, `table.append(…)`
    configures: frozenset[str]  # modules whose settings it changes: `torch.set_default_dtype(…)`
    calls: frozenset[str] = frozenset()  # functions that running it calls, decorators among them


@dataclass(frozen=True)
class BrokenCell:
    """A cell, or a statement of one, that is not Python."""

    cell: int
    line: int
    reason: str
    source: str

    def __str__(self) -> str:
        return f"cell {self.cell}, line {self.line}: {self.reason}"


def read_cells(cells: Sequence[tuple[int, str]]) -> tuple[list[Statement], list[BrokenCell]]:
    """Parse (number, source) pairs. A cell that does not parse costs only itself."""
    statements: list[Statement] = []
    broken: list[BrokenCell] = []
    for number, source in cells:
        try:
            python, tree = parse_cell(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            broken.append(_broken(number, error, source))
            continue
        lines, shared = _LINE_END.split(python), _shared_lines(tree)
        for index, node in enumerate(tree.body):
            try:
                statements.append(_statement(number, index, node, _text(node, lines, shared)))
            except Exception as error:  # whatever it is, it costs this statement only
                text = "\n".join(lines[node.lineno - 1 : node.end_lineno])
                broken.append(BrokenCell(number, node.lineno, _reason(error), text))
    return statements, broken


def parse_cell(source: str) -> tuple[str, ast.Module]:
    """The cell without IPython's additions, line for line, and its syntax tree. SyntaxError if it has none."""
    try:
        return source, ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        python = _without_magics(source)
        return python, ast.parse(python)


def _without_magics(source: str) -> str:
    stripped = source.lstrip("\n \t")
    magic = _CELL_MAGIC.match(stripped)
    leading = source[: len(source) - len(stripped)].count("\n")
    if magic and magic.group(1) not in _PYTHON_MAGICS:
        return ""
    if magic:
        leading, stripped = leading + 1, stripped.partition("\n")[2]
    from IPython.core.inputtransformer2 import TransformerManager

    manager = TransformerManager()  # type: ignore[no-untyped-call]
    transformed: str = manager.transform_cell(stripped)
    skipped = len(stripped) - len(stripped.lstrip("\n"))  # the transformer drops empty first lines
    return "\n" * (leading + skipped) + transformed


def _text(node: ast.stmt, lines: Sequence[str], shared: frozenset[int]) -> str:
    """The statement's own lines, ten times cheaper than unparsing; unparsed where `a = 1; b = 2` share a line."""
    first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
    last = node.end_lineno or first
    if node.col_offset or first in shared or last in shared:
        return ast.unparse(node)
    return "\n".join(lines[first - 1 : last])


def _shared_lines(tree: ast.Module) -> frozenset[int]:
    """Lines on which one statement ends and the next begins."""
    pairs = pairwise(tree.body)
    return frozenset(after.lineno for before, after in pairs if before.end_lineno == after.lineno)


def _broken(number: int, error: BaseException, source: str) -> BrokenCell:
    line = getattr(error, "lineno", None) or 1
    return BrokenCell(number, line, _reason(error), source)


def _reason(error: BaseException) -> str:
    if isinstance(error, SyntaxError):
        return error.msg or "invalid syntax"
    return "too deeply nested to be read" if isinstance(error, RecursionError) else str(error)


def bound_names(node: ast.stmt) -> frozenset[str]:
    """The names that a top-level statement binds."""
    return _bound(symtable.symtable(ast.unparse(node), "cell", "exec"))


def _bound(table: symtable.SymbolTable) -> frozenset[str]:
    symbols = table.get_symbols()
    return frozenset(s.get_name() for s in symbols if s.is_assigned() or s.is_imported())


def _statement(cell: int, index: int, node: ast.stmt, text: str) -> Statement:
    table = symtable.symtable(text, f"cell {cell}", "exec")
    symbols = table.get_symbols()
    reads = {s.get_name() for s in symbols if s.is_referenced()}
    for inner in _inner_tables(table):
        reads |= {s.get_name() for s in inner.get_symbols() if s.is_global()}
    found = (changes_in_place, _configures, called_names)
    rest = (frozenset(find(node)) for find in found)
    return Statement(cell, index, node, _bound(table), frozenset(reads), *rest)


def _inner_tables(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    for child in table.get_children():
        yield child
        yield from _inner_tables(child)


def _configures(node: ast.stmt) -> set[str]:
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        return set()
    name = getattr(node.value.func, "attr", "")
    return root_name(node.value.func) if name.startswith("set_") or name == "manual_seed" else set()
