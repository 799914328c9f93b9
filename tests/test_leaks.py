"""Lines of an answer that are still readable in a handout."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.handouts.build import build
from autograder.handouts.leaks import find_leaks
from autograder.handouts.notebook import handout, solution_notebook, to_json
from autograder.source import InvalidSourceError, Source, read_source
from tests.toy_course import RELEASE, TOY, findings, unbuilt


@pytest.fixture
def toy() -> Source:
    return read_source(TOY)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return unbuilt(tmp_path)


@pytest.mark.parametrize(
    ("cell", "leaked"),
    [
        ("# %%\ny = square(3)\nsmall = math.pi * square(inner)\n", "small = math.pi * square(inner)"),
        ("# %%\nsmall = math.pi*square( inner )\n", "small = math.pi * square(inner)"),
        ("# %%\nsmall = (math.pi\n* square(inner))\nsmall = math.pi * square(\n    inner)\n",
         "small = math.pi * square(inner)"),
        ("# %% [markdown]\n# Hint: write `return side**2` there.\n", "return side**2"),
        ("# %%\nanswer = 'self.count += 1'\n", "self.count += 1"),
        ("# %% [markdown]\n# Because it has a hole in the middle.\n",
         "Because it has a hole in the middle."),
        ("# %%\n# (small = math.pi * square(inner))\n", "small = math.pi * square(inner)"),
    ],
)  # fmt: skip
def test_a_line_of_an_answer_elsewhere_is_a_leak(root: Path, cell: str, leaked: str) -> None:
    path = root / "solutions" / "01_toy.py"
    path.write_text(path.read_text(encoding="utf-8") + "\n" + cell, encoding="utf-8")
    source = read_source(path)
    assert {leak.text for leak in find_leaks(source, handout(source, RELEASE))} == {leaked}
    with pytest.raises(InvalidSourceError, match="shows this line of an answer") as caught:
        list(build(root, RELEASE))
    (error,) = caught.value.errors
    assert leaked in path.read_text(encoding="utf-8").split("\n")[error.line - 1]
    assert [f.place for f in findings(root)] == [f"solutions/01_toy.py:{error.line}"]


@pytest.mark.parametrize(
    "cell",
    [
        "# %%\nunsmall = math.pi * square(inner_radius)\n",  # a part of longer names
        "# %%\nmyself.count += 1\n",
        "# %%\nself.count += 15\n",
        "# %%\nside = 3\nprint(side)\n",
        "# %% [markdown]\n# It has a hole.\n",
        "# %%\nreturn_value = 3\n",
    ],
)
def test_what_only_resembles_an_answer_is_no_leak(root: Path, cell: str) -> None:
    path = root / "solutions" / "01_toy.py"
    path.write_text(path.read_text(encoding="utf-8") + "\n" + cell, encoding="utf-8")
    source = read_source(path)
    assert find_leaks(source, handout(source, RELEASE)) == []


@pytest.mark.parametrize(
    "line",
    ["else:", "return x", "return image, depth", "import math", "height, width = image.shape[:2]",
     "for i in range(n):", "a, b = c, d", "x = y"],
)  # fmt: skip
def test_lines_that_every_program_has_are_no_secret(tmp_path: Path, line: str) -> None:
    body = {"else:": "if x:\n        pass\n    else:\n        pass"}.get(
        line, f"{line}\n        pass" if line.endswith(":") else line
    )
    path = tmp_path / "01_toys.py"
    path.write_text(
        "# %% [markdown]\n# # 1 · Toys\n# Prose may hold " + line + "\n"
        f'# %% exercise="f" title="F" points=1\ndef f(x, y, n, c, d, image, depth):\n'
        f"    # BEGIN SOLUTION\n    {body}\n    # END SOLUTION\n",
        encoding="utf-8",
    )
    source = read_source(path)
    assert find_leaks(source, handout(source, RELEASE)) == []


@pytest.mark.parametrize(
    "shown", ["return x['key'] + 1", 'return x["key"] + 15\nreturn x["key"] + 1']
)
def test_neither_quotes_nor_a_near_miss_before_it_hide_a_leak(tmp_path: Path, shown: str) -> None:
    path = tmp_path / "01_toys.py"
    path.write_text(
        '# %% [markdown]\n# # 1 · Toys\n\n# %% exercise="f" title="F" points=1\ndef f(x):\n'
        '    # BEGIN SOLUTION\n    return x["key"] + 1\n    # END SOLUTION\n',
        encoding="utf-8",
    )
    source = read_source(path)
    cell = {"id": "x", "source": shown}
    assert [leak.line for leak in find_leaks(source, {"cells": [cell]})] == [7]


def test_an_answer_put_into_the_committed_handout_is_found(root: Path) -> None:
    """Somebody saved the solved notebook over the handout."""
    list(build(root, RELEASE))
    source = read_source(root / "solutions" / "01_toy.py")
    path = root / "notebooks" / "01_toy.ipynb"
    path.write_text(to_json(solution_notebook(source, RELEASE)), encoding="utf-8")
    messages = [f.message for f in findings(root) if f.place == "notebooks/01_toy.ipynb"]
    assert any("exercise-areas shows this line of an answer: return side**2" in m for m in messages)


def test_outputs_are_searched_too(toy: Source) -> None:
    notebook = handout(toy, RELEASE)
    output = {"output_type": "stream", "name": "stdout", "text": ["return side**2\n"]}
    notebook["cells"].append(
        {"id": "x", "cell_type": "code", "source": "", "metadata": {}, "outputs": [output]}
    )
    assert [leak.cell_id for leak in find_leaks(toy, notebook)] == ["x"]
