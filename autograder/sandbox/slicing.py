"""Which statements an exercise needs: backwards from its functions' names, so that training cells are not run again."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from autograder.sandbox.cells import Statement
from autograder.sandbox.effects import called_inside, changes_when_called

_IMPORTS = (ast.Import, ast.ImportFrom)


class Slicer:
    """A notebook's statements, ready to tell what any names need."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self._statements = statements
        modules = {n for s in statements for n in s.binds if isinstance(s.node, _IMPORTS)}
        calls = _Calls(statements)
        self._touched = [
            s.binds | ((s.changes | calls.changed_by(s.calls)) - modules) | s.configures
            for s in statements
        ]

    def needed(self, names: Iterable[str]) -> list[Statement]:
        """The statements that make `names` what they are, in the notebook's order.

        A statement is needed if it binds or changes a needed name; what it reads is then needed too. Calling into a
        module (`plt.plot(losses)`) changes nothing that counts, setting it up (`torch.set_default_dtype`) does. Calling
        one of the notebook's own functions changes what its body changes: `fill_table()`, `@register`. Star imports and
        `from __future__` are always needed, because nobody can tell by reading what depends on them.
        """
        wanted = set(names)
        kept = [_always(s) for s in self._statements]
        grown = True
        while grown:
            grown = False
            for index, statement in enumerate(self._statements):
                if kept[index] and not statement.reads <= wanted:
                    wanted |= statement.reads
                    grown = True
                elif not kept[index] and self._touched[index] & wanted:
                    kept[index] = grown = True
                    wanted |= statement.reads
        return [s for s, keep in zip(self._statements, kept, strict=True) if keep]


class _Calls:
    """What the notebook's own functions change, found out for those that are called at top level."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self._defining: dict[str, list[Statement]] = {}
        for statement in statements:
            for name in statement.binds:
                self._defining.setdefault(name, []).append(statement)
        self._known: dict[str, tuple[set[str], set[str]]] = {}

    def changed_by(self, names: Iterable[str]) -> frozenset[str]:
        """Everything that calling these functions may change, and those that they call in turn."""
        reached, found = set(names), set[str]()
        left = list(reached)
        while left:
            changed, called = self._directly(left.pop())
            found |= changed
            left += called - reached
            reached |= called
        return frozenset(found)

    def _directly(self, name: str) -> tuple[set[str], set[str]]:
        """What calling a name changes itself, and what it calls."""
        if name not in self._known:
            changed, called = set[str](), set[str]()
            for statement in self._defining.get(name, ()):  # of two, either may be the one called
                changed |= changes_when_called(statement.node)
                called |= called_inside(statement.node) | statement.calls  # filler = Filler()
            self._known[name] = changed, called
        return self._known[name]


def _always(statement: Statement) -> bool:
    node = statement.node
    return isinstance(node, ast.ImportFrom) and (
        node.module == "__future__" or any(alias.name == "*" for alias in node.names)
    )


def definitions(statements: Iterable[Statement], name: str) -> list[Statement]:
    """Every statement that defines `name` by def or class, in the notebook's order."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return [s for s in statements if isinstance(s.node, kinds) and s.node.name == name]


def is_stub(statement: Statement) -> bool:
    """Whether the body is nothing but a docstring and `raise NotImplementedError`."""
    body = getattr(statement.node, "body", [])
    rest = [n for n in body if not (isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant))]
    if len(rest) != 1 or not isinstance(rest[0], ast.Raise) or rest[0].exc is None:
        return False
    raised = rest[0].exc.func if isinstance(rest[0].exc, ast.Call) else rest[0].exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
