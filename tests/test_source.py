"""Reading a source: lines and numbers are kept, and what is no source at all is refused."""

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
