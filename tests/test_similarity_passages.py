"""Which definitions of a notebook are compared, and which of them are shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from autograder.similarity.fingerprints import Vocabulary, fingerprint, passages_of
from autograder.similarity.passages import Definitions, read_definitions

KNOWN = frozenset({"f"})


def same(one: str, other: str) -> bool:
    """Whether `f` computes the same in both."""
    vocabulary = Vocabulary()
    first, second = (
        fingerprint(read_definitions([(1, code)]), ("f",), KNOWN, vocabulary)
        for code in (one, other)
    )
    return bool(first) and first.keys() == second.keys()


def test_a_broken_line_costs_only_its_own_definition() -> None:
    cell = "import torch\ndef broken(:\n    pass\n\ndef f(a):\n    return torch.cat([a, a])\n"
    assert same(cell, "import torch\ndef f(a):\n    return torch.cat([a, a])\n")
    assert read_definitions([(4, cell)]).passages["f"].first_line == 5


def test_magics_do_not_hide_a_definition() -> None:
    code = "%pip install x\n!ls\ndef f(a):\n    return a.norm() + 1\n"
    assert same(code, "def f(b):\n    return b.norm() + 2\n")


def test_the_last_written_definition_counts() -> None:
    stub = "def f(a):\n    raise NotImplementedError('exercise f')\n"
    first, second = "def f(a):\n    return a + 1\n", "def f(a):\n    return a @ a\n"
    assert same(first + second, second)
    assert same(first + stub, first)


def test_helpers_are_shown_with_the_exercise_and_nothing_else_is() -> None:
    cells = [
        (2, "import torch\ndef unused(x):\n    return x * 3\n"),
        (5, "\n\n@torch.no_grad()\ndef tail(y):\n    return y.norm() * 2\n"),
        (7, "def f(a):\n    return tail(a + 1)\n"),
    ]
    definitions: Definitions = read_definitions(cells)
    found = fingerprint(definitions, ("f",), KNOWN, Vocabulary())
    shown = passages_of(definitions, ("f",), found)
    assert [(p.cell, p.first_line, p.lines[0]) for p in shown] == [
        (7, 1, "def f(a):"),
        (5, 3, "@torch.no_grad()"),
    ]
    assert {place for places in found.values() for place in places} == {(5, 5), (7, 2)}


def test_odd_strings_neither_warn_nor_break() -> None:
    code = "def f(a):\n    return a.find('\\d') + 1 is 2\n"
    assert same(code, code.replace("\\d", "d"))


SNIPPETS = st.sampled_from(
    ["def f(", "a", "):", "\n    ", "\n", "return ", "lambda: ", "if ", "else ", "for x in ", "[", "]",
     "(", ")", "+", "**", "=", ":=", "*", "\"", "f'{", "}'", "class f:", "await ", "yield ", "...",
     "@", "1", "0", "%time ", "!ls", "\t", "match a:", "case _:", "with a as b:", "import f as g", "\x00"]
)  # fmt: skip


@given(st.lists(st.one_of(SNIPPETS, st.text(max_size=5)), max_size=40).map("".join))
def test_no_text_whatever_stops_the_comparison(text: str) -> None:
    for code in (text, f"def f(a):\n    x = a\n    {text}\n    return x\n", f"f = {text}"):
        definitions = read_definitions([(1, code), (2, "def f(a):\n    return a @ a\n")])
        assert fingerprint(definitions, ("f",), KNOWN, Vocabulary())
