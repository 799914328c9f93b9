"""What a notebook defines, read off its syntax trees: functions, classes, constants, imports. Nothing is executed."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise

from autograder.sandbox.cells import parse_cell

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Constant = ast.Assign | ast.AnnAssign

# Longer texts hold pasted data; reading them would cost minutes and tell nothing.
_LONGEST = 100_000
_COMMENT = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_PIECE = re.compile(r"^(?=(?:@|def |class |async def |import |from |\w+\s*=[^=]))", re.MULTILINE)


@dataclass(frozen=True)
class Passage:
    """A definition and where it stands: the cell's number, and the lines as a person sees them there."""

    cell: int
    node: Definition | Constant
    lines: tuple[str, ...]  # of the definition alone, decorators included

    @property
    def first_line(self) -> int:
        """The line within the cell at which `lines` start."""
        decorators: list[ast.expr] = getattr(self.node, "decorator_list", [])
        return min([self.node.lineno, *(d.lineno for d in decorators)])

    def same_code(self, other: Passage) -> bool:
        """Whether both say the same, whatever their layout and comments."""
        try:
            return self.lines == other.lines or ast.dump(self.node) == ast.dump(other.node)
        except RecursionError:  # deeper than anything that was given
            return False


@dataclass
class Definitions:
    """Everything that a notebook's top level binds by definition, assignment or import; the last one counts."""

    passages: dict[str, Passage] = field(default_factory=dict)
    modules: dict[str, str] = field(default_factory=dict)  # local name → what was imported as it


def read_definitions(cells: Sequence[tuple[int, str]]) -> Definitions:
    """The definitions of numbered code cells. What is not Python costs only itself."""
    found = Definitions()
    for number, source in cells:
        for lines, tree in _trees(source):
            for node in tree.body:
                with suppress(RecursionError):
                    _note(found, number, lines, node)
    return found


def _note(found: Definitions, cell: int, lines: Sequence[str], node: ast.stmt) -> None:
    if isinstance(node, Definition):
        known = found.passages.get(node.name)
        if known is None or not _unwritten(node) or _unwritten(known.node):
            found.passages[node.name] = _passage(cell, lines, node)
    elif isinstance(node, ast.Import | ast.ImportFrom):
        found.modules |= imported(node)
    elif isinstance(node, Constant):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        found.passages |= dict.fromkeys(names, _passage(cell, lines, node))


def _passage(cell: int, lines: Sequence[str], node: Definition | Constant) -> Passage:
    bare = Passage(cell, node, ())
    return Passage(cell, node, tuple(lines[bare.first_line - 1 : node.end_lineno]))


def imported(node: ast.Import | ast.ImportFrom) -> dict[str, str]:
    """Local names of an import, each with the last part of what it stands for: `cat as join` is {"join": "cat"}."""
    return {
        alias.asname or alias.name.partition(".")[0]: alias.name.rpartition(".")[2]
        for alias in node.names
    }


def _unwritten(node: Definition | Constant) -> bool:
    """Whether the last statement is still the handout's `raise NotImplementedError(…)`."""
    if isinstance(node, Constant):
        return False
    last = node.body[-1]
    return isinstance(last, ast.Raise) and "NotImplementedError" in ast.unparse(last)


def _trees(source: str) -> Iterator[tuple[list[str], ast.Module]]:
    """The cell as one tree, or its top-level pieces if it does not parse as a whole or is very long."""
    whole = _parsed(source)
    if whole is not None:
        yield whole
        return
    source = _COMMENT.sub("", source)
    starts = [match.start() for match in _PIECE.finditer(source)]
    for start, end in pairwise([*starts, len(source)]):
        piece = _parsed(source[start:end])
        if piece is not None:
            lines, tree = piece
            above = source.count("\n", 0, start)  # so that lines are numbered as in the cell
            yield [""] * above + lines, ast.increment_lineno(tree, above)


def _parsed(source: str) -> tuple[list[str], ast.Module] | None:
    if len(source) > _LONGEST:
        return None
    try:
        with warnings.catch_warnings():
            # An odd escape in a student's string is no news for an instructor.
            warnings.simplefilter("ignore")
            python, tree = parse_cell(source)
        return python.splitlines(), tree
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
