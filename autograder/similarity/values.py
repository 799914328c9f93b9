"""A function as the graph of values it computes. Names, statement order, layout and temporaries leave no trace in it.

A value is an operation on other values: `y = a @ b` and `return y.sum()` become sum(matmul(·, ·)), whatever the names,
however many lines between. Parameters are "·", constants their kind. Helpers that the student wrote are looked into
where they are called, so that splitting a function changes little; what nobody uses is not reachable from any root.
Library functions keep their names, which a student cannot change: `torch.norm(x)` and `x.norm()` are both norm(·).
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from autograder.similarity.expressions import (
    SELF,
    Environment,
    ExpressionReader,
    Function,
    Place,
    Value,
)
from autograder.similarity.passages import imported
from autograder.similarity.spelling import function_name, operator_name

__all__ = ["Place", "Value", "ValueReader"]


@dataclass
class ValueReader(ExpressionReader):
    """Reads whole functions: `roots` are what they return, raise, change and do."""

    _returned: list[Value] = field(default_factory=list)

    def read(self, name: str) -> None:
        """Add what the definition of `name` returns, raises, changes and does to `roots`."""
        passage = self.definitions.passages[name]
        if isinstance(passage.node, ast.FunctionDef | ast.AsyncFunctionDef):
            self._uncalled(passage.node, {}, passage.cell)
        else:
            with suppress(RecursionError):
                self.roots.append(self._handed_over(self._defined(passage)))

    def _block(self, statements: Iterable[ast.stmt], env: Environment) -> None:
        for statement in statements:
            with suppress(RecursionError):  # an expression deeper than anybody writes costs itself
                self._statement(statement, env)

    def _statement(self, node: ast.stmt, env: Environment) -> None:
        match node:
            case ast.Return(value=value) | ast.Expr(value=ast.Yield(value=value)):
                self._returned.append(self._value(value, env) if value else self._make("None"))
            case ast.Expr(value=ast.Constant()):
                pass  # a docstring, or a comment in quotes
            case ast.Expr(value=value):
                self.roots.append(self._value(value, env))
            case ast.Assign(targets=targets, value=value):
                found = self._value(value, env)
                for target in targets:
                    self._bind(target, found, env)
            case ast.AnnAssign(target=target, value=value):
                if value is not None:
                    self._bind(target, self._value(value, env), env)
            case ast.AugAssign(target=target, op=op, value=value):
                operands = (self._value(target, env), self._value(value, env))
                self._bind(target, self._make(operator_name(op), operands, node), env)
            case ast.If(test=test, body=body, orelse=orelse):
                self.roots.append(self._make("if", (self._value(test, env),), node))
                self._branches((body, orelse), env)
            case ast.For() | ast.AsyncFor():
                each = self._make("each", (self._value(node.iter, env),), node)
                self._bind(node.target, each, env)
                self._block([*node.body, *node.orelse], env)
            case ast.While(test=test, body=body, orelse=orelse):
                self.roots.append(self._make("while", (self._value(test, env),), node))
                self._block([*body, *orelse], env)
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    context = self._value(item.context_expr, env)
                    self.roots.append(self._make("with", (context,), node))
                    if item.optional_vars is not None:
                        self._bind(item.optional_vars, context, env)
                self._block(node.body, env)
            case ast.Try() | ast.TryStar():
                handlers = [s for handler in node.handlers for s in handler.body]
                self._block([*node.body, *handlers, *node.orelse, *node.finalbody], env)
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                env[name] = Value("·", function=Function(node, env, self._cell))
            case ast.ClassDef():
                self._class(node, env)
            case ast.Import() | ast.ImportFrom():
                env |= {n: Value(function_name(m), module=True) for n, m in imported(node).items()}
            case _:  # raise, assert, delete, match, …
                parts = [p for p in ast.iter_child_nodes(node) if isinstance(p, ast.expr)]
                kind = type(node).__name__.lower()
                values = tuple(self._value(p, env) for p in parts)
                self.roots.append(self._make(kind, values, node))

    def _branches(self, bodies: Iterable[Sequence[ast.stmt]], env: Environment) -> None:
        """Both ways of an `if`; a name set differently in them is either."""
        ends = []
        for body in bodies:
            inner = dict(env)
            self._block(body, inner)
            ends.append(inner)
        first, second = ends
        for name in first.keys() | second.keys():
            one, other = first.get(name), second.get(name)
            if one is other or one is None or other is None:
                env[name] = one or other or self._make("·")
            else:
                env[name] = self._make("either", (one, other))

    def _class(self, node: ast.ClassDef, env: Environment) -> None:
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
                names = {d.id for d in statement.decorator_list if isinstance(d, ast.Name)}
                itself = () if "staticmethod" in names else (Value(SELF),)
                self._uncalled(statement, env, self._cell, *itself)

    def _uncalled(
        self,
        node: ast.FunctionDef | ast.AsyncFunctionDef,
        env: Environment,
        cell: int,
        *arguments: Value,
    ) -> None:
        self.roots += self._run(Function(node, env, cell), arguments).operands

    def _run(self, function: Function, arguments: Sequence[Value]) -> Value:
        """What a call gives: all that the body may return, as "either"."""
        node, returned = function.node, self._returned
        inner = dict(function.around)
        names = [a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        names += [a.arg for a in (node.args.vararg, node.args.kwarg) if a is not None]
        inner |= {name: Value("·") for name in names}
        inner |= dict(zip(names, arguments, strict=False))
        with self._reading(node, function.cell):
            self._returned = []
            try:
                if isinstance(node, ast.Lambda):
                    self._returned.append(self._value(node.body, inner))
                else:
                    self._block(node.body, inner)
                return Value("either", tuple(self._handed_over(v) for v in self._returned))
            finally:
                self._returned = returned
