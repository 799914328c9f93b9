"""What is made from a source: golden files, stable ids, honest stubs, tidy modules."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograder.catalogue import from_json
from autograder.handouts.build import build
from autograder.handouts.exercise_list import catalogue_of
from autograder.handouts.notebook import handout, solution_notebook, to_json
from autograder.handouts.solved import solved_module
from autograder.handouts.stubs import find_foreign_stubs, is_subset
from autograder.settings import Release
from autograder.source import InvalidSourceError, Source, read_source
from tests.toy_course import GOLDEN, RELEASE, TOY, unbuilt


@pytest.fixture
def toy() -> Source:
    return read_source(TOY)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return unbuilt(tmp_path)


def cell_text(notebook: dict[str, Any], cell_id: str) -> str:
    (cell,) = (c for c in notebook["cells"] if c["id"] == cell_id)
    return "".join(cell["source"])


@pytest.mark.parametrize("name", ["handout.json", "solution.json", "solved.txt", "exercises.json"])
def test_golden(toy: Source, name: str) -> None:
    """Run with UPDATE_GOLDEN=1 to accept what is made now, then read the difference in git."""
    made = {
        "handout.json": lambda: to_json(handout(toy, RELEASE)),
        "solution.json": lambda: to_json(solution_notebook(toy, RELEASE)),
        "solved.txt": lambda: solved_module(toy),
        "exercises.json": lambda: catalogue_of(toy).to_json(),
    }[name]()
    path = GOLDEN / "expected" / name
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(made, encoding="utf-8")
    assert made == path.read_text(encoding="utf-8")


def test_notebooks_are_valid_and_bare(toy: Source) -> None:
    for notebook in (handout(toy, RELEASE), solution_notebook(toy, RELEASE)):
        nbformat.validate(nbformat.reads(to_json(notebook), as_version=nbformat.NO_CONVERT))
        assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
        code = [c for c in notebook["cells"] if c["cell_type"] == "code"]
        assert all(c["outputs"] == [] and c["execution_count"] is None for c in code)
        assert len({c["id"] for c in notebook["cells"]}) == len(notebook["cells"])


def test_metadata_is_what_colab_reads(toy: Source) -> None:
    notebook = handout(toy, RELEASE)
    assert notebook["metadata"]["accelerator"] == "GPU"
    assert notebook["metadata"]["colab"] == {
        "gpuType": "T4",
        "provenance": [],
        "generative_ai_disabled": True,
        "toc_visible": True,
    }
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    first = notebook["cells"][0]
    assert first["cell_type"] == "markdown"
    assert (
        "(https://colab.research.google.com/github/owner/name/blob/stable/notebooks/01_toy.ipynb)"
        in "".join(first["source"])
    )


def test_a_stub_names_its_exercise_at_the_markers_indentation(toy: Source) -> None:
    stub = cell_text(handout(toy, RELEASE), "exercise-areas")
    line = (
        'raise NotImplementedError("Exercise 1.1 `areas` is not written yet. '
        'Replace this line with your answer.")'
    )
    assert stub.split("\n").count("    " + line) == 2
    assert stub.split("\n").count("        " + line) == 1
    assert '"""The area of a square."""' in stub
    assert "return large - small" in stub  # what follows an answer stays
    assert "SOLUTION" not in stub


def test_cell_metadata_keeps_the_task_and_drops_what_only_the_source_needs(toy: Source) -> None:
    cells = {c["id"]: c["metadata"] for c in handout(toy, RELEASE)["cells"]}
    assert cells["exercise-areas"] == {
        "exercise": "areas",
        "points": 4.5,
        "title": "Areas",
        "tags": ["geometry"],
    }
    assert cells["written-why"] == {"written": "why", "points": 2, "title": "Why?"}
    assert not any("export" in metadata for metadata in cells.values())


def test_ids_survive_changes_elsewhere(tmp_path: Path, toy: Source) -> None:
    path = tmp_path / "01_toy.py"
    text = toy.path.read_text(encoding="utf-8")
    path.write_text(text.replace("Two exercises", "Several exercises"), encoding="utf-8")
    before = [c["id"] for c in handout(toy, RELEASE)["cells"]]
    after = [c["id"] for c in handout(read_source(path), RELEASE)["cells"]]
    assert [a == b for a, b in zip(before, after, strict=True)].count(False) == 1


def test_the_solved_module_runs_and_is_tidy(toy: Source) -> None:
    text = solved_module(toy)
    assert text.startswith("# Generated from solutions/01_toy.py by `autograder handouts build`")
    assert "SOLUTION" not in text
    assert "print" not in text
    assert "\n\n\n\n" not in text
    assert text.endswith("\n")
    assert not text.endswith("\n\n")
    assert "def ring(outer: Float, inner: Float) -> Float:" in text


def test_a_catalogue_comes_back_as_it_was(toy: Source) -> None:
    catalogue = catalogue_of(toy)
    assert from_json(catalogue.to_json()) == catalogue
    assert catalogue.exercise("areas").functions == ("square", "ring")
    assert sum(e.points for e in catalogue.exercises) == 7.5


def test_a_notebook_is_json_that_ends_with_a_line_end(toy: Source) -> None:
    text = to_json(handout(toy, RELEASE))
    assert text.endswith("}\n")
    assert "süß" in text
    assert json.loads(text)["cells"]


def test_a_stub_is_a_subsequence_of_its_solution() -> None:
    assert is_subset(["a", "c"], ["a", "b", "c"])
    assert is_subset([], ["a"])
    assert not is_subset(["c", "a"], ["a", "b", "c"])
    assert not is_subset(["a", "a"], ["a"])


def test_a_stub_with_a_line_of_its_own_is_found(toy: Source) -> None:
    notebook = handout(toy, RELEASE)
    assert find_foreign_stubs(toy, notebook) == []
    (cell,) = (c for c in notebook["cells"] if c["id"] == "exercise-counter")
    cell["source"][0] = "class Counter(list):\n"
    notebook["cells"] = [c for c in notebook["cells"] if c["id"] != "written-why"]
    assert find_foreign_stubs(toy, notebook) == ["why", "counter"]


def test_a_placeholder_that_course_toml_does_not_fill_is_an_error(root: Path) -> None:
    with pytest.raises(InvalidSourceError, match=r"01_toy.py:\d+: the cell needs {{wheel}}"):
        list(build(root, Release("owner/name")))
