"""Which statements an exercise needs: backwards from its functions' names, so that training cells are not run again."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from autograder.sandbox.cells import Statement

_IMPORTS = (ast.Import, ast.ImportFrom)


def needed(statements: Sequence[Statement], names: Iterable[str]) -> list[Statement]:
    """The statements that make `names` what they are, in the notebook's order.

    A statement is needed if it binds or changes a needed name; what it reads is then needed too. Calling into a
    module (`plt.plot(losses)`) changes nothing that counts, setting it up (`torch.set_default_dtype`) does. Star
    imports and `from __future__` are always needed, because nobody can tell by reading what depends on them.
    """
    wanted = set(names)
    modules = {n for s in statements for n in s.binds if isinstance(s.node, _IMPORTS)}
    touched = [s.binds | (s.changes - modules) | s.configures for s in statements]
    kept = [_always(s) for s in statements]
    grown = True
    while grown:
        grown = False
        for index, statement in enumerate(statements):
            if kept[index] and not statement.reads <= wanted:
                wanted |= statement.reads
                grown = True
            elif not kept[index] and touched[index] & wanted:
                kept[index] = grown = True
                wanted |= statement.reads
    return [s for s, keep in zip(statements, kept, strict=True) if keep]


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
