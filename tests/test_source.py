"""Reading a source: lines are kept, and every mistake is reported at its line, all at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.source import InvalidSourceError, Source, read_source
from autograder.source.regions import Region, with_answers, with_stubs

GOLDEN = Path(__file__).parent / "golden" / "solutions" / "01_toy.py"

TITLE = "# %% [markdown]\n# # 1 · Toys\n\n"  # lines 1 to 3; a test's own text starts at line 4
GOOD = '''# %% exercise="f" title="F" points=1
def f(x):
    """Doc."""
    # BEGIN SOLUTION
    return x + 1
    # END SOLUTION
'''


def read(folder: Path, text: str, name: str = "01_toys.py") -> Source:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_source(path)


def mistakes(folder: Path, text: str, name: str = "01_toys.py") -> list[str]:
    """What is wrong with a text, each as `line: message`."""
    with pytest.raises(InvalidSourceError) as caught:
        read(folder, text, name)
    assert str(caught.value).splitlines() == [str(error) for error in caught.value.errors]
    for error in caught.value.errors:
        assert str(error) == f"{folder / name}:{error.line}: {error.message}"
    return [f"{error.line}: {error.message}" for error in caught.value.errors]


def test_every_line_of_a_cell_is_found_at_its_place_in_the_file() -> None:
    file_lines = GOLDEN.read_text(encoding="utf-8").split("\n")
    source = read_source(GOLDEN)
    compared = 0
    for cell in source.cells:
        assert file_lines[cell.line - 1].startswith("# %%")
        for index, line in enumerate(cell.lines):
            original = file_lines[cell.first_line - 1 + index]
            assert line in (original, original.removeprefix("#").removeprefix(" "))
            compared += bool(line)
    assert compared > 40


def test_tasks_are_numbered_in_order_of_appearance() -> None:
    source = read_source(GOLDEN)
    assert [(task.number, task.id, task.points) for task in source.tasks] == [
        ("1.1", "areas", 4.5),
        ("Q1.1", "why", 2.0),
        ("1.2", "counter", 3.0),
        ("Q1.2", "quoted", 1.0),
    ]
    assert [task.functions for task in source.tasks] == [("square", "ring"), (), ("Counter",), ()]
    assert (source.name, source.topic, source.number) == ("01_toy", "toy", 1)
    assert source.title == "1 · Toys — süß"


def test_helpers_with_an_underscore_are_no_exercise_functions(tmp_path: Path) -> None:
    source = read(tmp_path, TITLE + GOOD + "def _helper():\n    return 1\n")
    assert source.tasks[0].functions == ("f",)


@pytest.mark.parametrize("bare", ["export", "export=true", "export=True"])
def test_export_may_be_spelt_as_jupytext_writes_it(tmp_path: Path, bare: str) -> None:
    source = read(tmp_path, f"{TITLE}# %% {bare}\nimport math\n")
    assert source.cells[1].exported


def test_windows_line_ends_and_a_byte_order_mark_are_harmless(tmp_path: Path) -> None:
    path = tmp_path / "01_toys.py"
    path.write_bytes(b"\xef\xbb\xbf" + (TITLE + GOOD).replace("\n", "\r\n").encode())
    assert read_source(path).cells[1].lines == read(tmp_path, TITLE + GOOD).cells[1].lines


def test_a_title_in_a_plain_header_is_harmless(tmp_path: Path) -> None:
    assert read(tmp_path, f"{TITLE}# %% Look at the picture\nx = 1\n").cells[1].lines == ("x = 1",)


def test_magics_are_no_syntax_errors(tmp_path: Path) -> None:
    text = (
        TITLE + "# %%\n%pip list\n!ls\nx = !ls\nif x:\n    %time x\nx?\n\n# %%\n%%bash\nls | wc\n"
    )
    assert len(read(tmp_path, text).cells) == 3


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
        ("# %% points=2\nx = 1\n", ["4: `points` without `exercise` or `written`"]),
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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "1: not a percent-format notebook"),
        ("import torch\n\nprint(torch.ones(3))\n", "1: not a percent-format notebook"),
        ('{"cells": [], "nbformat": 4}', "1: not a percent-format notebook"),
        ("# %%\nx = 1\n", "1: the first markdown cell needs the notebook's title: `# # 1 · ...`"),
        ("# %% [markdown]\n# text only\n", "1: the first markdown cell needs the notebook's title"),
        ("# %% [markdown]\n# # 2 · Toys\n", "2: the title says notebook 2, the file's name says 1"),
        ("import math\n" + TITLE, '1: code before the first `# %%`; start a cell above it'),
    ],
)  # fmt: skip
def test_what_is_no_source_at_all_is_refused(tmp_path: Path, text: str, expected: str) -> None:
    assert mistakes(tmp_path, text)[0].startswith(expected)


def test_a_file_name_without_a_number_is_refused(tmp_path: Path) -> None:
    assert mistakes(tmp_path, TITLE, "toys.py") == [
        '1: a source is named like "01_camera_geometry.py": number, then topic'
    ]


def test_text_that_is_not_utf_8_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "01_toys.py"
    path.write_bytes(TITLE.encode() + b"# %%\nx = 'caf\xe9'\n")
    with pytest.raises(InvalidSourceError, match=r":5: not UTF-8 text \(byte 0xe9\)"):
        read_source(path)


def test_an_unclosed_string_is_reported_where_it_opens(tmp_path: Path) -> None:
    text = TITLE + '# %%\nx = 1\ny = """open\n\n# %%\nz = 2\n'
    (only,) = mistakes(tmp_path, text)
    assert only.startswith("6: invalid Python: unterminated triple-quoted string")


def test_a_header_inside_a_string_is_refused(tmp_path: Path) -> None:
    (only,) = mistakes(tmp_path, TITLE + "# %% [markdown]\n# ```\n# %% not a cell\n# ```\n")
    assert only.startswith("1: a `# %%` line stands inside quoted text or a fenced block")


_BLANKS_AND_CODE = st.lists(st.sampled_from(["", "    x = 1", "    y = 2"]), max_size=4)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_BLANKS_AND_CODE, _BLANKS_AND_CODE, _BLANKS_AND_CODE)
def test_a_stub_is_the_solution_without_the_answer(
    before: list[str], answer: list[str], after: list[str]
) -> None:
    """Whatever blank lines surround the markers: no statement is lost, none is added."""
    lines = [*before, "    # BEGIN SOLUTION", *answer, "    # END SOLUTION", *after]
    region = Region(len(before), len(before) + len(answer) + 1, "    ")
    solved = with_answers(lines, [region])
    assert [s for s in solved if s] == [s for s in (*before, *answer, *after) if s]
    stub = with_stubs(lines, [region], lambda r: r.indent + "raise")
    assert stub == [*before, "    raise", *after]
