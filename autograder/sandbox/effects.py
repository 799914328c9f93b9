"""What calling a function changes outside of it: tables it fills, globals it sets. Found by reading."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_FILLING = {"append", "extend", "insert", "add", "update", "setdefault", "pop", "clear", "sort"}
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def changes_in_place(node: ast.stmt) -> set[str]:
    """Names changed in place by a statement itself; bodies of functions and classes wait to be called."""
    return set() if isinstance(node, _DEFINITIONS) else _changes(node)


def changes_when_called(node: ast.stmt) -> set[str]:
    """Names that a definition's body changes and does not own."""
    if not isinstance(node, _DEFINITIONS):
        return set()
    declared = {name for n in ast.walk(node) if isinstance(n, ast.Global) for name in n.names}
    changed = set().union(*(_changes(statement) for statement in node.body))
    return (changed - _own_names(node)) | declared


def called_names(node: ast.stmt) -> set[str]:
    """Names that running a statement calls: `register(f)`, `@register`, `x = fill()`; not what only its bodies call."""
    if isinstance(node, _DEFINITIONS):
        names = {n.id for d in node.decorator_list for n in ast.walk(d) if isinstance(n, ast.Name)}
        inside = node.body if isinstance(node, ast.ClassDef) else []
        return names.union(*(called_names(statement) for statement in inside))
    calls = (n.func for n in ast.walk(node) if isinstance(n, ast.Call))
    return {name for function in calls for name in root_name(function)}


def called_inside(node: ast.stmt) -> set[str]:
    """Names that a definition's body calls."""
    if not isinstance(node, _DEFINITIONS):
        return set()
    calls = (n.func for n in ast.walk(node) if isinstance(n, ast.Call))
    return {name for function in calls for name in root_name(function)}


def root_name(node: ast.expr) -> set[str]:
    """The variable at the root of `table[0].rows.append`: {"table"}."""
    while isinstance(node, ast.Subscript | ast.Attribute | ast.Call | ast.Starred):
        node = node.func if isinstance(node, ast.Call) else node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def _changes(node: ast.stmt) -> set[str]:
    found: set[str] = set()
    statement = node.value if isinstance(node, ast.Expr) else None
    for part in ast.walk(node):
        if isinstance(part, ast.Subscript | ast.Attribute) and not isinstance(part.ctx, ast.Load):
            found |= root_name(part)
        elif isinstance(part, ast.Call) and (part is statement or _fills(part)):
            found |= _changed_by_call(part)
    return found


def _fills(call: ast.Call) -> bool:
    """Whether a call anywhere in a statement fills a container: `[table.append(i) for i in …]`."""
    return isinstance(call.func, ast.Attribute) and call.func.attr in _FILLING


def _changed_by_call(call: ast.Call) -> set[str]:
    """`table.append(x)` changes table; so do `init.zeros_(table)` and `setattr(table, …)`, but not `show(table)`."""
    name = str(getattr(call.func, "attr", getattr(call.func, "id", "")))
    found = root_name(call.func) if isinstance(call.func, ast.Attribute) else set()
    in_place = name.endswith("_") or name in {"setattr", "shuffle", "heapify"}
    if in_place and call.args:
        found |= root_name(call.args[0])
    return found


def _own_names(node: ast.stmt) -> set[str]:
    """Parameters and local variables of a definition and of those inside it."""
    return set(_arguments(node)) | {
        n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }


def _arguments(node: ast.stmt) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.arg):
            yield part.arg
