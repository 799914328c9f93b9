"""What people do to code so that it does not look like somebody else's. A disguise keeps what is computed."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable

Function = ast.FunctionDef
_DEAD = (
    "unused = torch.linspace(0.0, 1.0, 7).cumsum(0) * 3",
    "waste = [k ** 2 for k in range(9)]",
    "if False:\n    spare = torch.rand(3).sort()",
)


def disguise(code: str, kind: str, seed: int = 0) -> str:
    """The module with every function disguised in one of the ways of DISGUISES, or in all of them."""
    rng = random.Random(seed)
    body: list[ast.stmt] = []
    for node in ast.parse(code).body:
        if isinstance(node, ast.FunctionDef):
            helpers: list[Function] = []
            for name, change in DISGUISES.items():
                if kind in (name, "all"):
                    helpers += change(node, rng)
            body += helpers
        body.append(node)
    return ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))


def _rename(function: Function, rng: random.Random) -> list[Function]:
    inner = {n.name for n in ast.walk(function) if isinstance(n, Function) and n is not function}
    names = sorted(_locals(function) | inner)
    fresh = [f"q{n}" for n in range(len(names))]
    rng.shuffle(fresh)
    new = dict(zip(names, fresh, strict=True))
    for node in ast.walk(function):
        if isinstance(node, ast.Name):
            node.id = new.get(node.id, node.id)
        elif isinstance(node, ast.arg):
            node.arg = new.get(node.arg, node.arg)
        elif isinstance(node, Function) and node is not function:
            node.name = new[node.name]
    return []


def _restyle(function: Function, rng: random.Random) -> list[Function]:
    """No annotations, another docstring; comments and layout fall away with unparsing."""
    function.returns = None
    for argument in ast.walk(function.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    if ast.get_docstring(function) is not None:
        function.body[0] = ast.Expr(ast.Constant("All my own work."))
    return []


def _reorder(function: Function, rng: random.Random) -> list[Function]:
    """Independent neighbours change places; so do the operands of sums and products of numbers."""
    body = function.body
    for index in range(len(body) - 1):
        one, other = body[index], body[index + 1]
        simple = isinstance(one, ast.Assign) and isinstance(other, ast.Assign)
        if simple and not (_stores(one) & _names(other)) and not (_stores(other) & _names(one)):
            body[index], body[index + 1] = other, one
    for node in ast.walk(function):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Mult):
            node.left, node.right = node.right, node.left
    return []


def _pad(function: Function, rng: random.Random) -> list[Function]:
    for _ in range(3):
        index = rng.randrange(len(function.body))
        function.body[index:index] = ast.parse(rng.choice(_DEAD)).body
    return []


def _split(function: Function, rng: random.Random) -> list[Function]:
    """A name for every other call, and the last third moved to a helper."""
    body: list[ast.stmt] = []
    for number, statement in enumerate(function.body):
        if isinstance(statement, ast.Assign | ast.Return) and statement.value is not None:
            namer = _Namer(f"step_{number}_")
            statement.value = namer.visit(statement.value)
            body += namer.steps
        body.append(statement)
    cut = max(1, len(body) * 2 // 3)
    function.body, tail = body[:cut], body[cut:]
    if not tail or not isinstance(tail[-1], ast.Return):
        function.body = body
        return []
    before = {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)}
    before |= {name for s in body[:cut] for name in _stores(s)}
    before |= {s.name for s in body[:cut] if isinstance(s, Function)}
    given = ", ".join(sorted(before & {name for s in tail for name in _names(s)}))
    helper = ast.parse(f"def rest_of_{function.name}({given}): pass").body[0]
    assert isinstance(helper, Function)
    helper.body = tail
    function.body += [ast.Return(_expression(f"rest_of_{function.name}({given})"))]
    return [helper]


class _Namer(ast.NodeTransformer):
    """Calls become assignments of their own, but not where they run more than once or perhaps never."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.steps: list[ast.stmt] = []

    def visit(self, node: ast.AST) -> ast.AST:
        conditional = ast.Lambda | ast.ListComp | ast.GeneratorExp | ast.DictComp | ast.SetComp
        if isinstance(node, conditional | ast.IfExp | ast.BoolOp):
            return node
        self.generic_visit(node)
        if not isinstance(node, ast.Call):
            return node
        name = f"{self.prefix}{len(self.steps)}"
        self.steps.append(ast.Assign([ast.Name(name, ast.Store())], node))
        return ast.Name(name, ast.Load())


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _locals(function: Function) -> set[str]:
    arguments = {a.arg for a in ast.walk(function) if isinstance(a, ast.arg)}
    return arguments | {name for statement in function.body for name in _stores(statement)}


def _stores(node: ast.AST) -> set[str]:
    found = (n for n in ast.walk(node) if isinstance(n, ast.Name))
    return {n.id for n in found if isinstance(n.ctx, ast.Store)}


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


DISGUISES: dict[str, Callable[[Function, random.Random], list[Function]]] = {
    "rename": _rename,
    "restyle": _restyle,
    "reorder": _reorder,
    "pad": _pad,
    "split": _split,
}
