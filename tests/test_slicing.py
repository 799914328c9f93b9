"""Which statements an exercise needs: tables filled by functions, globals, decorators; and no training loops."""

from __future__ import annotations

import ast
import textwrap

import pytest

from autograder.sandbox.cells import read_cells
from autograder.sandbox.planning import make_plans

NEEDED = {
    "a table filled by a function": """
        TABLE = {}
        def fill():
            for i in range(3):
                TABLE[i] = i * i
        fill()
        def f(x):
            return TABLE[x]
    """,
    "a table filled by a function that another one calls": """
        TABLE = []
        def add(x):
            TABLE.append(x)
        def fill():
            for i in range(3):
                add(i * i)
        fill()
        def f(x):
            return TABLE[x]
    """,
    "a global that is set up": """
        SCALE = 0
        def set_up(scale):
            global SCALE
            SCALE = scale
        set_up(1)
        def f(x):
            return x * x * SCALE
    """,
    "a decorator that registers": """
        RULES = {}
        def rule(function):
            RULES[function.__name__] = function
            return function
        @rule
        def square(x):
            return x * x
        def f(x):
            return RULES["square"](x)
    """,
    "a decorator with arguments": """
        RULES = {}
        def rule(name):
            def keep(function):
                RULES[name] = function
                return function
            return keep
        @rule("sq")
        def _(x):
            return x * x
        def f(x):
            return RULES["sq"](x)
    """,
    "a call inside an assignment": """
        TABLE = []
        def fill():
            TABLE.extend([0, 1, 4])
            return len(TABLE)
        count = fill()
        def f(x):
            return TABLE[x]
    """,
    "a method that fills": """
        TABLE = {}
        class Filler:
            def go(self):
                TABLE.update({0: 0, 1: 1, 2: 4})
        filler = Filler()
        filler.go()
        def f(x):
            return TABLE[x]
    """,
    "two statements in one line": "a = 1; b = a\ndef f(x): return x * x * b",
    "a multi-line decorator": """
        def same(*_):
            return lambda g: g
        @same(
            1,
        )
        def f(x):
            return x * x
    """,
}


def run(source: str) -> object:
    """What f(2) comes to when only the plan's statements are executed."""
    cells = [(1, textwrap.dedent(source))]
    statements, broken = read_cells(cells)
    assert not broken
    wanted = set(make_plans(cells, {"e": ["f"]})["e"].steps)
    namespace: dict[str, object] = {}
    for statement in statements:
        if (statement.cell, statement.index) in wanted:
            exec(compile(ast.Module([statement.node], []), "cell", "exec"), namespace)
    return namespace["f"](2)  # type: ignore[operator]


@pytest.mark.parametrize("name", NEEDED)
def test_what_a_function_needs_is_run(name: str) -> None:
    assert run(NEEDED[name]) == 4


def test_training_is_not_run_again() -> None:
    source = """
    losses, model = [], object()
    def step():
        losses.append(1)
        model.step()
    def train():
        while True:
            step()
    train()
    for _ in iter(int, 1):
        train()
    def f(x):
        return x * x
    """
    assert run(source) == 4


def test_local_names_are_nobody_elses() -> None:
    source = """
    table = {}
    def train():
        table = {}
        while True:
            table[0] = 1
    train()
    def f(x):
        return x * x + len(table)
    """
    assert run(source) == 4


def test_an_unwritten_answer_is_recognised() -> None:
    stub = "def f(x):\n    '''Doc.'''\n    raise NotImplementedError('Exercise 1')"
    cells = {"stub": [(1, stub)], "none": [(1, "x = 1")], "written": [(1, "def f(x): return x")]}
    plans = {name: make_plans(c, {"e": ["f"]})["e"] for name, c in cells.items()}
    assert {n: p.unwritten for n, p in plans.items()} == {
        "stub": True,
        "none": True,
        "written": False,
    }


def test_the_other_exercises_that_an_answer_calls_are_named() -> None:
    functions = [
        "def g(x): return x",
        "def h(x): return g(x)",
        "def f(x): return helper(x)",
        "def helper(x): return h(x)",
    ]
    cells = list(enumerate(functions))
    plans = make_plans(cells, {"a": ["f"], "b": ["g"], "c": ["h"]})
    assert plans["a"].uses == ("g", "h")
    assert plans["b"].uses == ()
    assert plans["c"].uses == ("g",)


def test_a_function_that_patches_a_library_is_not_called_for_it() -> None:
    source = """
    import math
    def spoil():
        math.sqrt = None
        while True: pass
    spoil()
    def f(x):
        return x * math.sqrt(4.0)
    """
    assert run(source) == 4
