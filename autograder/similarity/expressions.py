"""Expressions as values. What a call gives depends on statements, which values.py adds."""

from __future__ import annotations

import ast
import builtins
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from autograder.similarity.passages import Definitions, Passage
from autograder.similarity.spelling import (
    TRANSPARENT,
    changes_nothing,
    function_name,
    operator_name,
)

Place = tuple[int, int]  # cell, line
Environment = dict[str, "Value"]
SELF = "self"  # the object in its own methods

_BUILTINS = frozenset(dir(builtins))
_MOST_VALUES = 20_000  # of one exercise; helpers that call helpers could grow without end
_MOST_PARTS = 50  # of one list, table or set that is looked at: longer ones are data
_DEEPEST_CALL = 8


@dataclass(eq=False, slots=True)
class Value:
    """An operation and what it is applied to."""

    label: str
    operands: tuple[Value, ...] = ()
    place: Place | None = None
    module: bool = False  # stands for a module: `torch` of `torch.cat`
    function: Function | None = None


@dataclass(eq=False, slots=True)
class Function:
    """A function whose body is known, with the names around it."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    around: Environment
    cell: int


@dataclass
class ExpressionReader(ABC):
    """Reads expressions of one notebook. `known` are names that every notebook shares: given helpers, exercises."""

    definitions: Definitions
    known: frozenset[str]
    roots: list[Value] = field(default_factory=list)
    _made: int = 0
    _cell: int = 0
    _inside: list[ast.AST] = field(default_factory=list)  # functions and constants being read

    @abstractmethod
    def _run(self, function: Function, arguments: Sequence[Value]) -> Value:
        """What a call gives: all that the body may return, as "either"."""

    @abstractmethod
    def _class(self, node: ast.ClassDef, env: Environment) -> None:
        """Read the methods of a class."""

    def _value(self, node: ast.expr, env: Environment) -> Value:
        match node:
            case ast.Name(id=name):
                return self._name(name, env)
            case ast.Constant(value=constant):
                return self._make(type(constant).__name__)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=constant)):
                return self._make(type(constant).__name__)  # -1 is a number like 1
            case ast.Call():
                return self._call(node, env)
            case ast.Attribute(value=base, attr=attribute):
                found = self._value(base, env)
                if found.module:
                    return Value(function_name(attribute), module=True)
                return self._make(_attribute(found, attribute), (found,), node)
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self._value(operand, env)
            case ast.BinOp(left=left, op=op, right=ast.Constant(value=constant)) if changes_nothing(
                op, constant, on_the_left=False
            ):
                return self._value(left, env)
            case ast.BinOp(left=ast.Constant(value=constant), op=op, right=right) if (
                changes_nothing(op, constant, on_the_left=True)
            ):
                return self._value(right, env)
            case ast.BinOp(left=left, op=op, right=right):
                pair = (self._value(left, env), self._value(right, env))
                return self._make(operator_name(op), pair, node)
            case ast.UnaryOp(op=op, operand=operand):
                return self._make(operator_name(op), (self._value(operand, env),), node)
            case ast.BoolOp(op=op, values=values):
                return self._make(operator_name(op), [self._value(v, env) for v in values], node)
            case ast.Compare():
                return self._comparison(node, env)
            case ast.NamedExpr(target=target, value=value):
                found = self._value(value, env)
                self._bind(target, found, env)
                return found
            case ast.Lambda():
                return Value("·", function=Function(node, env, self._cell))
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                return self._make("seq", [self._value(p, env) for p in parts[:_MOST_PARTS]], node)
            case ast.Subscript(value=base, slice=index):
                return self._make("index", (self._value(base, env), self._value(index, env)), node)
            case ast.JoinedStr():
                return self._make("str")
            case ast.Starred(value=value) | ast.Await(value=value):
                return self._value(value, env)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() | ast.DictComp():
                return self._comprehension(node, env)
            case _:
                inside = [p for p in ast.iter_child_nodes(node) if isinstance(p, ast.expr)]
                found_in = [self._value(p, env) for p in inside[:_MOST_PARTS]]
                return self._make(type(node).__name__.lower(), found_in, node)

    def _name(self, name: str, env: Environment) -> Value:
        if name in env:
            return env[name]
        definitions = self.definitions
        if name in self.known:
            return Value(name)
        if name in definitions.modules:
            return Value(function_name(definitions.modules[name]), module=True)
        passage = definitions.passages.get(name)
        if passage is not None:
            return self._defined(passage)
        # a builtin, or the work of a star import: a name that the student did not choose
        return Value(function_name(name), module=name not in _BUILTINS)

    def _defined(self, passage: Passage) -> Value:
        """A name of the notebook's top level."""
        match passage.node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() as function:
                return Value("·", function=Function(function, {}, passage.cell))
            case node if not self._may_look_into(node):
                return Value("·")
            case ast.ClassDef() as node:
                with self._reading(node, passage.cell):
                    self._class(node, {})
                return Value("·")
            case ast.Assign(value=value) | ast.AnnAssign(value=value):
                with self._reading(passage.node, passage.cell):
                    return self._value(value, {}) if value is not None else Value("·")

    def _comparison(self, node: ast.Compare, env: Environment) -> Value:
        values = [self._value(v, env) for v in (node.left, *node.comparators)]
        parts = []
        for op, left, right in zip(node.ops, values, values[1:], strict=False):
            pair = (right, left) if isinstance(op, ast.Gt | ast.GtE) else (left, right)
            parts.append(self._make(operator_name(op), pair, node))
        return parts[0] if len(parts) == 1 else self._make("and", parts, node)

    def _comprehension(
        self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp, env: Environment
    ) -> Value:
        inner = dict(env)
        tests = []
        for loop in node.generators:
            each = self._make("each", (self._value(loop.iter, inner),), loop.iter)
            self._bind(loop.target, each, inner)
            tests += [self._value(test, inner) for test in loop.ifs]
        parts = (node.key, node.value) if isinstance(node, ast.DictComp) else (node.elt,)
        return self._make("comprehension", [*(self._value(p, inner) for p in parts), *tests], node)

    def _make(
        self, label: str, operands: Sequence[Value] = (), node: ast.AST | None = None
    ) -> Value:
        self._made += 1
        if self._made > _MOST_VALUES:
            return Value(label)
        line = getattr(node, "lineno", None)
        place = (self._cell, line) if line else None
        return Value(label, tuple(self._handed_over(operand) for operand in operands), place)

    def _call(self, node: ast.Call, env: Environment) -> Value:
        given = [*node.args, *(k.value for k in sorted(node.keywords, key=_keyword))]
        arguments = [self._value(a, env) for a in given]
        if isinstance(node.func, ast.Attribute):
            base = self._value(node.func.value, env)
            if node.func.attr in TRANSPARENT and not arguments:
                return base
            if not base.module:
                arguments.insert(0, base)
            return self._make(_attribute(base, node.func.attr), arguments, node)
        called = self._value(node.func, env)
        function = called.function
        if function is not None and self._may_look_into(function.node):
            result = self._run(function, arguments)
            return result.operands[0] if len(result.operands) == 1 else result
        if called.operands:
            return self._make("call", (called, *arguments), node)
        return self._make(called.label, arguments, node)

    def _may_look_into(self, node: ast.AST) -> bool:
        """Not into itself, not too deep, and not for ever: helpers that call helpers could double without end."""
        new = node not in self._inside and len(self._inside) < _DEEPEST_CALL
        return new and self._made <= _MOST_VALUES

    @contextmanager
    def _reading(self, node: ast.AST, cell: int) -> Iterator[None]:
        """Within another definition, in its cell."""
        before = self._cell
        self._inside.append(node)
        self._cell = cell
        try:
            yield
        finally:
            self._inside.pop()
            self._cell = before

    def _handed_over(self, value: Value) -> Value:
        """A function given to another one or kept in a table stands for what it computes: `vmap(f)`."""
        function = value.function
        if function is None or not self._may_look_into(function.node):
            return value
        return self._run(function, ())

    def _bind(self, target: ast.expr, value: Value, env: Environment) -> None:
        match target:
            case ast.Name(id=name):
                env[name] = value
            case ast.Tuple(elts=parts) | ast.List(elts=parts):
                for index, part in enumerate(parts):
                    same = value.label == "seq" and len(value.operands) == len(parts)
                    item = value.operands[index] if same else self._make("item", (value,), part)
                    self._bind(part, item, env)
            case ast.Starred(value=inner):
                self._bind(inner, value, env)
            case ast.Subscript(value=base, slice=index):
                parts_of = (self._value(base, env), self._value(index, env), value)
                self._store(base, self._make("store", parts_of, target), env)
            case ast.Attribute(value=base):
                changed = self._make("set", (self._value(base, env), value), target)
                self._store(base, changed, env)

    def _store(self, base: ast.expr, stored: Value, env: Environment) -> None:
        self.roots.append(stored)
        if isinstance(base, ast.Name):
            env[base.id] = stored


def _attribute(base: Value, name: str) -> str:
    """The name of an attribute, unless it is the student's own invention."""
    return "own" if base.label == SELF else function_name(name)


def _keyword(keyword: ast.keyword) -> str:
    return keyword.arg or ""
