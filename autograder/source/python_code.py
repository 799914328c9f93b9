"""Syntax trees of notebook cells, in which IPython's magics may stand between lines of Python."""

from __future__ import annotations

import ast
import re
import warnings

_LINE_MAGIC = re.compile(r"^(\s*)(?:[%!?].*|[\w.]+\?{1,2}\s*)$")
_ASSIGNED_MAGIC = re.compile(r"^(\s*[\w, ]+=\s*)[%!].*$")


def parse_cell(text: str) -> ast.Module:
    """The tree of a cell, magics read as `pass`; SyntaxError as Python words it.

    Doubtful escapes such as "\\d" are errors too: newer Pythons warn about them in the notebook.
    """
    if text.lstrip().startswith("%%"):  # a cell magic: the rest is another language's
        return ast.Module([], [])
    try:
        return _parse_python(text)
    except SyntaxError:
        return _parse_python("\n".join(_without_magic(line) for line in text.split("\n")))


def needs_ipython(text: str) -> bool:
    """Whether a cell is right as a cell but is no plain Python: it holds magics."""
    try:
        _parse_python(text)
    except SyntaxError:
        return syntax_error(text) is None
    return False


def syntax_error(text: str) -> SyntaxError | None:
    """What is wrong with a cell's syntax, or None."""
    try:
        parse_cell(text)
    except SyntaxError as error:
        return error
    return None


def defined_names(tree: ast.Module) -> tuple[str, ...]:
    """Public functions and classes that a cell defines at its top level, in order."""
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    names = [node.name for node in tree.body if isinstance(node, definitions)]
    return tuple(name for name in dict.fromkeys(names) if not name.startswith("_"))


def function_spans(tree: ast.Module) -> list[tuple[int, int]]:
    """First and last line of the body of every function, at any depth, counted from 1."""
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [
        (node.body[0].lineno, node.end_lineno or node.lineno)
        for node in ast.walk(tree)
        if isinstance(node, functions)
    ]


def _parse_python(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return ast.parse(text)


def _without_magic(line: str) -> str:
    line = _LINE_MAGIC.sub(r"\1pass", line)
    return _ASSIGNED_MAGIC.sub(r"\1None", line)
