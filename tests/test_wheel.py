"""The wheel is what students install: everything the notebooks need, and not one answer."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.handouts.build import read_sources
from autograder.handouts.files import source_paths
from autograder.handouts.leaks import find_leaks
from course_lib.data import load_manifest

REPOSITORY = Path(__file__).parents[1]

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not any((REPOSITORY / "solutions").glob("*.py")), reason="a release carries no sources"
    ),
]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Built offline by the pinned hatchling."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
    )
    (path,) = folder.glob("*.whl")
    return zipfile.ZipFile(path)


def test_no_file_with_answers_or_submissions_is_inside(wheel: zipfile.ZipFile) -> None:
    names = wheel.namelist()
    solved = [name for name in names if name.startswith("course_lib/solved/")]
    assert solved == ["course_lib/solved/__init__.py"]
    top = {name.partition("/")[0] for name in names}
    assert {name for name in top if not name.endswith(".dist-info")} == {"autograder", "course_lib"}
    secret = ("sample_class", "solutions", "hidden", "secret", "answer_bank/", "__pycache__")
    assert [name for name in names if any(word in name for word in secret)] == []


def test_what_notebooks_need_is_inside(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    for source in read_sources(source_paths(REPOSITORY)):
        assert f"autograder/catalogue/{source.name}.json" in names
        assert f"course_lib/_assets/references/{source.name}.safetensors" in names
        assert any(name.startswith(f"autograder/checks/{source.topic}/check_") for name in names)
    assert {"autograder/py.typed", "course_lib/_assets/manifest.toml"} <= names
    for asset in load_manifest().values():
        assert {f"course_lib/_assets/{file}" for file in (asset.file, asset.licence_file)} <= names
    tracked = subprocess.run(
        ["git", "ls-files", "autograder", "course_lib"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
    ).stdout.split()
    data = {name for name in tracked if not name.endswith(".py")}  # templates, styles, lists
    assert data <= names


def test_no_line_of_an_answer_is_inside(wheel: zipfile.ZipFile) -> None:
    """Viewers take results as arguments: the library may not compute what students shall write."""
    files = [n for n in wheel.namelist() if n.startswith("course_lib/") and n.endswith(".py")]
    cells = [{"id": name, "source": wheel.read(name).decode()} for name in files]
    found = [
        f"{leak.cell_id}: {leak.text}"
        for source in read_sources(source_paths(REPOSITORY))
        for leak in find_leaks(source, {"cells": cells})
        if len(leak.text) > 24  # rows of a table of signs coincide by chance
    ]
    assert found == []
