"""Mistakes inside a source: each is reported at its line, all of them at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.source import InvalidSourceError, read_source

TITLE = "# %% [markdown]\n# # 1 · Toys\n\n"  # lines 1 to 3; a test's own text starts at line 4
GOOD = '''# %% exercise="f" title="F" points=1
def f(x):
    """Doc."""
    # BEGIN SOLUTION
    return x + 1
    # END SOLUTION
'''


def mistakes(folder: Path, text: str) -> list[str]:
    """What is wrong with a text, each as `line: message`."""
    path = folder / "01_toys.py"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidSourceError) as caught:
        read_source(path)
    return [f"{error.line}: {error.message}" for error in caught.value.errors]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # regions
        (
            GOOD.replace("    # END SOLUTION\n", ""),
            ["7: unclosed region: `# BEGIN SOLUTION` without `# END SOLUTION` in the same cell"],
        ),
        (
            GOOD.replace("    return x", "    # BEGIN SOLUTION\n    return x"),
            ["8: nested region: the one begun in line 7 is still open"],
        ),
        (
            GOOD.replace("    # BEGIN SOLUTION\n", ""),
            [
                "8: stray `# END SOLUTION`: no region is open here",
            ],
        ),
        (
            GOOD.replace("    return x + 1\n", "    # only a remark\n"),
            ["7: empty region: there is no answer in it"],
        ),
        (
            GOOD.replace(' exercise="f" title="F" points=1', ""),
            [
                "7: stray region: the cell sets no task; "
                "give its header exercise= or written=",
            ],
        ),
        (
            GOOD.replace("# BEGIN SOLUTION", "#BEGIN SOLUTIONS"),
            [
                "7: '#BEGIN SOLUTIONS' looks like a marker; write `# BEGIN SOLUTION` or "
                "`# END SOLUTION` alone on its line",
                "9: stray `# END SOLUTION`: no region is open here",
            ],
        ),
        (
            '# %% exercise="f" title="F" points=1\n'
            "# BEGIN SOLUTION\ndef f(x):\n    return x + 1\n# END SOLUTION\n",
            [
                "5: the region does not lie inside one function's body: "
                "signature and docstring must stay outside it",
            ],
        ),
        (
            GOOD.replace("    # BEGIN SOLUTION", "# BEGIN SOLUTION"),
            [
                "7: `# BEGIN SOLUTION` must be indented like the answer below it: "
                "its place is where the stub goes"
            ],
        ),
        (
            GOOD.replace("    return x + 1\n", "    try:\n        return x + 1\n").replace(
                "    # END SOLUTION\n", "    # END SOLUTION\n    except ValueError:\n        pass\n"
            ),
            ["7: with a stub in place of its answer the cell is invalid Python: invalid syntax"],
        ),
        (
            GOOD.replace("    # BEGIN SOLUTION\n    return x + 1\n    # END SOLUTION\n", ""),
            ["4: exercise 'f' has no answer between `# BEGIN SOLUTION` and `# END SOLUTION`"],
        ),
        # ids, titles, points
        (GOOD + GOOD.replace("def f", "def g"), ["10: duplicate id 'f': line 4 has it already"]),
        (
            GOOD + GOOD.replace('"f"', '"g"'),
            ["10: 'f' is defined by the exercise in line 4 too"],
        ),
        (GOOD.replace(" points=1", ""), ["4: exercise 'f' has no points; add points=5"]),
        (
            GOOD.replace("points=1", "points=0"),
            ["4: points of 'f' must be a number above 0, not 0"],
        ),
        (
            GOOD.replace("points=1", "points=-2.5"),
            ["4: points of 'f' must be a number above 0, not -2.5"],
        ),
        (
            GOOD.replace("points=1", "points=true"),
            ["4: points of 'f' must be a number above 0, not True"],
        ),
        (
            GOOD.replace("points=1", 'points="1"'),
            ["4: points of 'f' must be a number above 0, not '1'"],
        ),
        (
            GOOD.replace("points=1", "points=NaN"),
            ["4: points of 'f' must be a number above 0, not nan"],
        ),
        (GOOD.replace(' title="F"', ""), ["4: exercise 'f' has no title; add title=\"...\""]),
        (GOOD.replace('title="F"', 'title=" "'), ["4: title of 'f' must be text, not ' '"]),
        (
            GOOD.replace('exercise="f"', 'exercise="F 1"'),
            [
                "4: exercise='F 1' is no id: a lower-case name of letters, digits and `_`, "
                "at most 40 characters"
            ],
        ),
        (
            GOOD.replace("def f(x):", "if x:").replace("return x + 1", "y = x + 1"),
            [
                "4: exercise 'f' defines no function or class",
                "7: the region does not lie inside one function's body: "
                "signature and docstring must stay outside it",
            ],
        ),
        # headers
        (
            GOOD.replace("points=", "poinst="),
            [
                "4: unknown key 'poinst'; did you mean \"points\"?",
                "4: exercise 'f' has no points; add points=5",
            ],
        ),
        ("# %% exprot\nx = 1\n", ["4: unknown key 'exprot'; did you mean \"export\"?"]),
        (
            GOOD.replace('title="F"', "title=Fine"),
            ['4: cannot read title=Fine; write text in quotes: title="..."',
             "4: title of 'f' must be text, not None"],
        ),
        (
            GOOD.replace('title="F"', 'title="F" title="G"'),
            ["4: 'title' is given twice"],
        ),
        (
            "# %% exercise\nx = 1\n",
            ["4: 'exercise' needs a value: exercise=\"...\" without spaces around `=`"],
        ),
        ("# %% points=2\nx = 1\n", ["4: `points` without `exercise`, `trained` or `written`"]),
        ("# %% [markdwon]\n# text\n", ["4: unknown cell type [markdwon]; use [markdown] or [raw]"]),
        ("# %% [markdown] export\n# text\n", ["4: `export` stands alone, on a code cell"]),
        (
            '# %% exercise="f" written="g" title="F" points=1\nx = 1\n',
            ["4: a cell is an exercise or a written question, not both"],
        ),
        (
            '# %% [markdown] exercise="f" title="F" points=1\n# text\n',
            ["4: an exercise is a code cell; use written= for a question"],
        ),
        (
            '# %% written="f" title="F" points=1\nx = 1\n',
            ["4: a written question is a markdown cell: `# %% [markdown]`"],
        ),
        # Python
        ("# %%\nx = 1\n\ny = = 2\n", ["7: invalid Python: invalid syntax"]),
        ("# %%\nx = '\\d'\n", ["5: invalid Python: invalid escape sequence '\\d'"]),
        (
            "# %% export\nimport math\n\n# %% export\nfrom __future__ import annotations\n",
            ["7: `from __future__` must be the first line of the first exported cell"],
        ),
        (
            "# %% export\n!ls\n",
            ["4: a cell that is exported to a module may hold no magics"],
        ),
    ],
)  # fmt: skip
def test_mistakes_are_reported_at_their_lines(
    tmp_path: Path, text: str, expected: list[str]
) -> None:
    found = mistakes(tmp_path, TITLE + text)
    # Python words escapes differently from release to release.
    assert [m.partition(" Such")[0].replace('"\\d" is an', "an") for m in found] == expected


def test_a_marker_that_is_a_near_miss_in_prose_is_refused(tmp_path: Path) -> None:
    text = '# %% [markdown] written="q" title="Q" points=1\n# <!-- BEGIN SOLUTION -->\n# Yes.\n'
    assert any("looks like a marker" in line for line in mistakes(tmp_path, TITLE + text))


def test_all_the_mistakes_of_a_file_are_told_at_once(tmp_path: Path) -> None:
    text = TITLE + GOOD.replace(" points=1", "") + "\n# %%\nx = = 1\n\n# %% tilte='x'\n"
    assert [line.partition(":")[0] for line in mistakes(tmp_path, text)] == ["4", "12", "14"]


def test_a_function_whose_answer_would_be_published_is_refused(tmp_path: Path) -> None:
    text = """# %% [markdown]
# # 1 · Toys

# %% exercise="pair" title="Two functions" points=2
def first(x):
    return x + 1


def second(x):
    # BEGIN SOLUTION
    return x + 2
    # END SOLUTION
"""
    (mistake,) = mistakes(tmp_path, text)
    assert mistake.startswith("5: `first` has no `# BEGIN SOLUTION`: the handout would publish")
