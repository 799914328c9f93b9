"""What a fingerprint sees and what it does not: same computation, same patterns; another computation, others."""

from __future__ import annotations

import ast
import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.similarity.fingerprints import Patterns, Vocabulary, fingerprint
from autograder.similarity.passages import read_definitions

PLAIN = """
import torch

def f(points, centre):
    moved = points - centre
    length = moved.norm(dim=-1, keepdim=True)
    if (length == 0).any():
        raise ValueError("no direction")
    return torch.cat([moved / length, length.square()], dim=-1)
"""
KNOWN = frozenset({"f", "given"})


def patterns(code: str, vocabulary: Vocabulary) -> Patterns:
    return fingerprint(read_definitions([(1, code)]), ("f",), KNOWN, vocabulary)


def same(one: str, other: str) -> bool:
    vocabulary = Vocabulary()
    return patterns(one, vocabulary).keys() == patterns(other, vocabulary).keys()


@pytest.mark.parametrize(
    "other",
    [
        # names, annotations, docstring, comments, layout
        """
import torch as T
from torch import cat as join

def f(a: "Float", b) -> "Float":
    '''Mine.'''
    c = (a -
         b)  # moved
    d: T.Tensor = c.norm(dim=-1, keepdim=True)
    if (d == 0).any(): raise ValueError(f"other {a} words")
    return join([c / d, d.square()], dim=-1)
""",
        # no temporaries, function instead of method, keywords as positions
        """
import torch
def f(p, q):
    if (0 == torch.linalg.norm(p - q, dim=-1, keepdim=True)).any():
        raise ValueError("x")
    return torch.concat([torch.div(p - q, (p - q).norm(dim=-1, keepdim=True)),
                         torch.square((p - q).norm(dim=-1, keepdim=True))], -1)
""",
        # helpers, at the top and inside, and a lambda
        """
import torch
EPS = 1e-9
def _how_long(v):
    return v.norm(dim=-1, keepdim=True)
join = lambda a, b: torch.cat([a, b], dim=-1)
def _guard(l):
    if (l == 0).any():
        raise ValueError("no")
def f(points, centre):
    def offset():
        return points - centre
    m = offset()
    n = _how_long(m)
    _guard(n)
    return join(m / n, n.square())
""",
        # what nobody uses
        """
import torch
def f(points, centre):
    table = [k ** 2 for k in range(10)]
    moved = points - centre
    eye = torch.eye(3) @ torch.rand(3, 3)
    length = moved.norm(dim=-1, keepdim=True)
    if (length == 0).any():
        raise ValueError("no direction")
    again = moved * length + eye
    return torch.cat([moved / length, length.square()], dim=-1)
    print("never")
""",
    ],
)
def test_the_same_computation_has_the_same_patterns(other: str) -> None:
    vocabulary = Vocabulary()
    one, two = patterns(PLAIN, vocabulary), patterns(other, vocabulary)
    missing = one.keys() - two.keys()
    assert len(one) > 15
    assert not missing, [k for k, v in vocabulary.numbers.items() if v in missing]


BODY = PLAIN.partition("def f(points, centre):\n")[2]
DEEP = "    deep = " + " + ".join(["points"] * 450) + "\n"


@pytest.mark.parametrize(
    "other",
    [
        f"import torch\ndef _g(points, centre):\n{BODY}\nf = _g\n",
        f"import torch\ndef _g(points, centre):\n{BODY}\nf = lambda p, c: _g(p, c)\n",
        f"import torch\ndef _g(points, centre):\n{BODY}\n"
        "table = {'way': _g}\ndef f(p, c):\n    return table['way'](p, c)\n",
        "import torch\nclass Solver:\n    @staticmethod\n    def run(points, centre):\n"
        + BODY.replace("\n    ", "\n        ").replace("    moved", "        moved", 1)
        + "\ndef f(p, c):\n    return Solver().run(p, c)\n",
        f"import torch\nDATA = {list(range(30_000))}\ndef f(points, centre):\n{BODY}\n    DATA\n",
        f"import torch\ndef f(points, centre):\n{DEEP}{BODY}",
        f"import torch\n{'# nothing to see' * 9000}\ndef f(points, centre):\n{BODY}",
        f"import torch\ndef given(points, centre):\n{BODY}\ndef f(p, c):\n    return given(p, c)\n",
    ],
    ids=[
        "alias",
        "lambda",
        "table",
        "class",
        "giant constant",
        "deep expression",
        "long cell",
        "given name",
    ],
)
def test_hiding_the_code_elsewhere_does_not_help(other: str) -> None:
    """Everything telling is still found; parameters may turn into "·", so not every deep pattern is."""
    vocabulary = Vocabulary()
    known = frozenset({"f"})
    one = fingerprint(read_definitions([(1, PLAIN)]), ("f",), known, vocabulary)
    two = fingerprint(read_definitions([(1, other)]), ("f",), known, vocabulary)
    assert len(one.keys() & two.keys()) > 0.8 * len(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a + b", "b + a"),
        ("a * b", "torch.multiply(b, a)"),
        ("a > b", "b < a"),
        ("a @ b", "torch.matmul(a, b)"),
        ("-a", "a.neg()"),
        ("a.add_(b)", "a + b"),
        ("a.sum(1)", "a.sum(dim=0)"),  # constants count by their kind
        ("a[:, -1] * 2", "a[:, 0] * 7"),
        ("[x for x in a]", "[y for y in a]"),
        ("a @ b", "1 * (a.clone() + 0) @ +b.contiguous().detach() ** 1 / 1 - 0"),
    ],
)
def test_spellings_of_one_operation(one: str, other: str) -> None:
    head = "import torch\ndef f(a, b):\n    return "
    assert same(head + one, head + other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a - b", "a + b"),
        ("a @ b", "a * b"),
        ("a.sum()", "a.mean()"),
        ("a / b.norm()", "a.norm() / b"),
        ("a * 2", "a * 2.0"),
        ("0 - a", "a"),
        ("1 / a", "a"),
        ("a * 0", "a"),
        ("1 ** a", "a"),
        ("0 + a", "a - 1"),
        ("given(a)", "a"),
        ("a[0]", "a.sum"),
    ],
)
def test_other_operations_differ(one: str, other: str) -> None:
    head = "import torch\ndef f(a, b):\n    return "
    assert not same(head + one, head + other)


NAMES = st.text("abcdefghxyz_", min_size=1, max_size=6).filter(
    lambda s: not keyword.iskeyword(s) and s not in KNOWN
)


@given(st.lists(NAMES.map("my_{}".format), min_size=4, max_size=4, unique=True))
def test_no_choice_of_names_changes_anything(names: list[str]) -> None:
    tree = ast.parse(PLAIN)
    new = dict(zip(("points", "centre", "moved", "length"), names, strict=True))
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = new.get(node.id, node.id)
        elif isinstance(node, ast.arg):
            node.arg = new[node.arg]
    assert same(PLAIN, ast.unparse(tree))


def test_methods_see_through_the_names_of_fields() -> None:
    code = (
        "import torch\nclass f(torch.nn.Module):\n"
        "    def __init__(self, wide):\n        super().__init__()\n"
        "        self.layer = torch.nn.Linear(wide, 3)\n"
        "    def forward(self, x):\n        return self.layer(x).sigmoid()\n"
    )
    other = code.replace("self", "me").replace("layer", "block").replace("wide", "n")
    assert same(code, other)
    assert not same(code, code.replace("sigmoid", "relu"))


def test_loops_branches_and_the_rest_of_the_language_are_read() -> None:
    code = """
import torch
async def helper(x):
    async with x as y:
        await y
def f(a, *b, key=None, **c):
    global TABLE
    total, *rest = a, a, a
    with torch.no_grad() as g:
        while a.any():
            a -= 1
    for i, (p, q) in enumerate(zip(a, b)):
        total[i] = p if q else {p: q, **c}
        a.flag = {p for p in q if p} | {p: q for p in q}
        try:
            del c["x"]
        except (KeyError, ValueError) as error:
            assert error, f"{p!r:>{q}}"
        else:
            continue
        finally:
            pass
    match a:
        case [x, y]:
            return x + y
    if (n := len(a)) > 3 > 2 and not n:
        yield n
    nested = lambda *z: nested(*z)
    return torch.func.vmap(lambda row: row.sum())(a), nested(a), a[1:2, ...], helper(a)
"""
    assert len(patterns(code, Vocabulary())) > 30


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("def f(a):\n    return " + "-" * 3000 + "a", "too deep for Python's parser"),
        ("def f(a):\n    return a" + " + a" * 3000, "too deep for Python's parser"),
        ("def f(a):\n    x = a\n" + "    x = x + a\n" * 30_000, "more than anybody writes"),
        ("def f(a):\n" + "".join(f"    def g{n}(x): return g{n - 1}(g{n - 1}(x))\n" for n in range(1, 30))
         + "    return g29(a)", "helpers that double"),
        ("f = " + " + ".join(["1"] * 900), "a deep constant"),
        ("def f(a):\n    raise " + "a" + "[0]" * 900, "a deep error"),
        ("def f(a: int", "not Python"),
        ("# " + "x" * 400_000 + "\ndef f(a): return a + 1", "pasted data"),
        ("\x00def f(a): return 1", "no text"),
        ("", "nothing"),
        ("f = 3", "no function"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_empty_and_harmless(code: str, why: str) -> None:
    found = patterns(code, Vocabulary())
    assert len(found) < 20_000, why
    assert all(cell == 1 for places in found.values() for cell, _ in places)


def test_recursion_ends() -> None:
    code = "def g(x): return h(x) + 1\ndef h(x): return g(x) * 2\ndef f(a): return f(g(a))\n"
    assert patterns(code, Vocabulary())
