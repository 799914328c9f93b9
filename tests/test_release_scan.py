"""What a release may not hold is found, however it is laid out, named or stored; what resembles it is left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.handouts.files import source_paths
from autograder.handouts.leaks import find_lines
from autograder.release.answer_shapes import answer_shapes, shape_of
from autograder.release.rubric_lines import rubric_lines, rubric_path
from autograder.release.scan import TEXT_KINDS, find_answers, find_private_names, find_secrets
from autograder.source import Source, read_source
from tests.tiny_course import REPOSITORY, RING, TOTAL, write_source

ANSWER = """    whole_disc = math.pi * outer**2
    missing_disc = math.pi * inner**2
    return whole_disc - missing_disc
"""


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> Source:
    folder = tmp_path_factory.mktemp("ring")
    write_source(folder, "01_areas", RING)
    return read_source(folder / "solutions" / "01_areas.py")


@pytest.fixture(scope="module")
def total(tmp_path_factory: pytest.TempPathFactory) -> Source:
    folder = tmp_path_factory.mktemp("total")
    write_source(folder, "02_sums", TOTAL)
    return read_source(folder / "solutions" / "02_sums.py")


def found(source: Source, name: str, text: str, closed: tuple[str, ...] = ()) -> list[str]:
    return [
        f"{f.place}: {f.message}" for f in find_answers([source], closed, {name: text.encode()})
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("course_lib/a.py", f"def f(outer, inner):\n{ANSWER}"),
        ("course_lib/a.py", "x = (math.pi*outer ** 2)\nmissing_disc=math.pi*inner**2\n"),
        ("README.md", "Hint: `missing_disc = math.pi * inner**2`"),
        ("autograder/report/templates/x.html", "<pre>missing_disc = math.pi * inner**2</pre>"),
        ("assets/notes.txt", ANSWER),
    ],
)
def test_a_line_of_an_answer_is_found_in_every_kind_of_text(
    ring: Source, name: str, text: str
) -> None:
    said = found(ring, name, text)
    assert (
        f"{name}: shows this line of an answer: missing_disc = math.pi * inner**2 (solutions/01_areas.py:14)"
        in said
    )


def test_a_line_of_an_answer_is_found_in_a_notebooks_outputs(ring: Source) -> None:
    output = {"output_type": "stream", "name": "stdout", "text": ANSWER.splitlines(keepends=True)}
    cell = {"cell_type": "code", "id": "c7", "metadata": {}, "source": "f()", "outputs": [output]}
    (said,) = found(ring, "notebooks/x.ipynb", json.dumps({"cells": [cell]}))[:1]
    assert said.startswith("notebooks/x.ipynb, cell c7: shows this line of an answer")


def test_a_line_of_an_answer_is_found_in_a_pictures_comment(ring: Source) -> None:
    picture = b"\x89PNG\xff\x00" + ANSWER.encode() + b"\x00\xfe" * 50
    files = {"assets/data/a.png": picture, "assets/data/b.png": b"\x00\xfe" * 500}
    assert {f.place for f in find_answers([ring], (), files)} == {"assets/data/a.png"}


def test_a_damaged_notebook_is_read_as_text(ring: Source) -> None:
    assert found(ring, "notebooks/x.ipynb", '{"cells": [\n' + ANSWER)


@pytest.mark.parametrize(
    "text",
    [
        "def f(r, s):\n    a = math.pi * r**2\n    b = math.pi * s**2\n    return a - b\n",
        "def f(r, s):\n  a = (  # big\n     math.pi * r ** 2)\n  b = math . pi*s**2 ; return a-b\n",
    ],
)
def test_a_renamed_answer_is_found_unless_its_tokens_differ(ring: Source, text: str) -> None:
    said = found(ring, "course_lib/areas.py", text)
    same_tokens = "(" not in text.partition("\n")[2]
    assert bool(said) == same_tokens
    if said:
        what = "shows an answer to 'ring', perhaps under other names"
        assert said == [f"course_lib/areas.py: {what} (solutions/01_areas.py:13)"]


def test_a_renamed_part_of_an_answer_is_found_once(total: Source) -> None:
    part = """
def f(x):
    w = torch.arange(1, len(x) + 1,
                     dtype=x.dtype)  # ours
    y = w * x**2
    return y.mean()
"""
    (said,) = found(total, "course_lib/a.py", part + part)
    what = "shows an answer to 'total', perhaps under other names"
    assert said == f"course_lib/a.py: {what} (solutions/02_sums.py:11)"
    assert found(total, "course_lib/a.py", part.replace("torch.arange", "torch.linspace")) == []


@pytest.mark.parametrize(
    "text",
    [
        "weights = torch.arange(3)\nreturn whole\n",
        "area = math.pi * radius**2\n",
        "whole_disc = 3\n",
    ],
)
def test_other_code_is_no_leak(ring: Source, total: Source, text: str) -> None:
    assert found(ring, "course_lib/a.py", text) == []
    assert found(total, "course_lib/a.py", text) == []


PART = "nobody can tell its two circles apart"
CRITERION = f"of a ring's area alone (a single number), {PART}"
RUBRIC = f"""# how answers are graded
[why]
criteria = [
  {{ points = 1, text = "{CRITERION}" }},
  {{ points = 1, text = "two circles" }},
]
"""


def with_rubric(folder: Path, rubric: str) -> Source:
    write_source(folder, "01_areas", RING)
    (folder / "solutions/rubrics").mkdir()
    (folder / "solutions/rubrics/01_areas.toml").write_text(rubric)
    return read_source(folder / "solutions/01_areas.py")


@pytest.mark.parametrize("closed", [(), ("areas",)])
def test_a_quoted_rubric_is_found(tmp_path: Path, closed: tuple[str, ...]) -> None:
    source = with_rubric(tmp_path, RUBRIC)
    hint = f"Remember: {CRITERION.replace(' its ', chr(10) + 'its ')}.\n"
    place = "(solutions/rubrics/01_areas.toml:4)"
    said = [f"README.md: shows this line of a rubric: {CRITERION} {place}"]
    assert found(source, "README.md", hint, closed) == said
    cell = {"cell_type": "markdown", "id": "c1", "metadata": {}, "source": [hint]}
    (in_notebook,) = found(source, "notebooks/x.ipynb", json.dumps({"cells": [cell]}), closed)
    assert in_notebook.startswith("notebooks/x.ipynb, cell c1: shows this line of a rubric")
    assert found(source, "README.md", f"so {PART}!", closed) == [
        f"README.md: shows this line of a rubric: {PART} {place}"
    ]
    assert found(source, "README.md", "A ring lies between two circles.", closed) == []


@pytest.mark.parametrize("path", source_paths(REPOSITORY), ids=lambda path: str(path.stem))
def test_no_code_or_notebook_of_this_course_quotes_a_rubric(path: Path) -> None:
    """A docstring of ours did once; both packages are in students' hands."""
    folders = ("autograder", "course_lib", "notebooks")
    files = [
        f
        for folder in folders
        for f in (REPOSITORY / folder).rglob("*.*")
        if f.suffix in TEXT_KINDS
    ]
    cells = [{"id": f.name, "source": f.read_text()} for f in files]
    lines = [line for line in rubric_lines(rubric_path(path)) if len(line[1]) > 24]
    assert len(lines) >= 5
    assert find_lines(lines, {"cells": cells}) == []


def test_a_rubric_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (said,) = found(with_rubric(tmp_path, "[why\n"), "README.md", "nothing")
    assert said.startswith("solutions/rubrics/01_areas.toml: cannot be read: Expected ']'")


def test_a_closed_notebooks_code_is_public_but_its_prose_is_not(total: Source) -> None:
    code = "weights = torch.arange(1, len(numbers) + 1, dtype=numbers.dtype)\n"
    prose = "Because nobody wants negative numbers to cancel positive ones."
    assert found(total, "course_lib/solved/sums.py", code)
    assert found(total, "course_lib/solved/sums.py", code, closed=("sums",)) == []
    assert found(total, "README.md", prose, closed=("sums",))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("solutions/01_areas.py", "lies in a folder 'solutions'"),
        ("wheel.whl/autograder/answer_bank/x.py", "lies in a folder 'answer_bank'"),
        ("assets/sample_class/ada.zip", "lies in a folder 'sample_class'"),
        ("gradebook.db", "is of a kind (.db) that no release carries"),
        ("autograder/old.zip", "is of a kind (.zip)"),
        ("course_lib/notes", "is of a kind (no suffix)"),
        ("course_lib/a.py~", "is of a kind (.py~)"),
        ("a1.secret", "is of a kind (.secret)"),
    ],
)
def test_private_files_are_refused_by_name(name: str, reason: str) -> None:
    (finding,) = find_private_names(
        [name, "autograder/source/answer_bank.py", "LICENSE", "dist/WHEEL"]
    )
    assert finding.place == name
    assert finding.message.startswith(reason)


def test_a_kept_seed_is_found_in_any_file() -> None:
    secrets = {"secrets/a1.seed": b"281474976710655\n", "secrets/short": b"7\n"}
    files = {"a.py": b"SEED = 281474976710655", "b.bin": b"\xff\x00281474976710655", "c.py": b"7"}
    found = [(f.place, f.message) for f in find_secrets(secrets, files)]
    said = "holds what secrets/a1.seed keeps secret"
    assert found == [("a.py", said), ("b.bin", said)]


NAMES = st.from_regex(r"[a-z]{3,8}x", fullmatch=True)


@given(names=st.lists(NAMES, min_size=4, max_size=4, unique=True), spaces=st.integers(0, 3))
def test_shapes_do_not_depend_on_names_comments_or_layout(names: list[str], spaces: int) -> None:
    gap = " " * spaces
    code = "big = math.pi * r**2\nhole = math.pi * s**2  # inside\nreturn big - hole\n"
    renamed = code.replace("# inside", "# other words")
    for old, new in zip(("big", "hole", "r*", "s*"), names, strict=True):
        renamed = renamed.replace(old, new + ("*" if old.endswith("*") else ""))
    renamed = renamed.replace(" * ", f"{gap}*{gap}")
    assert shape_of(renamed) == shape_of(code)
    assert shape_of(code.replace("**2", "**3")) != shape_of(code)


@given(st.text(max_size=200))
def test_any_text_has_a_shape(text: str) -> None:
    shape = shape_of(text)
    assert shape.startswith("\0")
    assert shape.endswith("\0")


def test_short_answers_have_no_telling_shape(tmp_path: Path) -> None:
    write_source(
        tmp_path,
        "01_areas",
        RING.replace("math.pi * inner**2", "inner").replace("outer**2", "outer"),
    )
    assert list(answer_shapes(read_source(tmp_path / "solutions" / "01_areas.py"))) != []
    short = RING.replace("    whole_disc = math.pi * outer**2\n", "")
    short = short.replace("    missing_disc = math.pi * inner**2\n", "")
    write_source(tmp_path, "01_areas", short)
    assert list(answer_shapes(read_source(tmp_path / "solutions" / "01_areas.py"))) == []
