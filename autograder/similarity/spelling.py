"""One name for an operation that Python and its libraries spell in several ways."""

from __future__ import annotations

import ast

_OPERATORS = {
    "Mult": "mul",
    "MatMult": "matmul",
    "USub": "neg",
    "BitAnd": "and",
    "BitOr": "or",
    "Gt": "lt",  # its operands are exchanged
    "GtE": "le",
    "Lt": "lt",
    "LtE": "le",
    "NotEq": "ne",
}
_FUNCTIONS = {
    "multiply": "mul",
    "subtract": "sub",
    "divide": "div",
    "true_divide": "div",
    "negative": "neg",
    "power": "pow",
    "mm": "matmul",
    "bmm": "matmul",
    "concat": "cat",
    "concatenate": "cat",
    "greater": "lt",
    "less": "lt",
    "logical_and": "and",
    "logical_or": "or",
    "logical_not": "not",
    "invert": "not",
}


# Methods without arguments that give the same values again.
TRANSPARENT = frozenset({"clone", "contiguous", "detach"})


def changes_nothing(op: ast.operator, other: object, *, on_the_left: bool) -> bool:
    """Whether an operation with this constant is only there for show: `x + 0`, `1 * x`, `x / 1`, `x ** 1`."""
    if isinstance(op, ast.Add | ast.Sub) and other == 0:
        return not (on_the_left and isinstance(op, ast.Sub))
    if isinstance(op, ast.Mult | ast.Div | ast.Pow) and other == 1:
        return not on_the_left or isinstance(op, ast.Mult)
    return False


def operator_name(op: ast.AST) -> str:
    """`a * b`, `a.mul(b)` and `torch.multiply(a, b)` are all "mul"."""
    kind = type(op).__name__
    return _OPERATORS.get(kind, function_name(kind.lower()))


def function_name(name: str) -> str:
    """A library function's usual name; `add_`, in place, is "add"."""
    plain = name.rstrip("_") or name
    return _FUNCTIONS.get(plain, plain)
