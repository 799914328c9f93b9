"""A handout's first cell, run by a kernel with Colab's packages: what a student sees when it cannot do its work."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from autograder.catalogue import all_notebooks, load_catalogue
from tests.colab.environment import REPOSITORY, Environment
from tests.colab.notebook_run import Ran, run

NOTEBOOKS = all_notebooks()
UNREACHABLE = "http://127.0.0.1:9/inverse_graphics_course-0.1.0-py3-none-any.whl"
SAID = (
    "RuntimeError: The course could not be installed; pip says above why. If there was no connection, run this "
    "cell again. If pip wants another Python, choose Runtime → Change runtime type, there the latest "
    "runtime version. Your notebook is as it was."
)


def handout_of(notebook: str) -> dict[str, Any]:
    """The notebook that students open."""
    path = REPOSITORY / "notebooks" / f"{notebook}.ipynb"
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return content


def set_up_cell(handout: dict[str, Any]) -> dict[str, Any]:
    """Its first cell of code."""
    found: dict[str, Any] = next(c for c in handout["cells"] if c["cell_type"] == "code")
    return found


def with_wheel(handout: dict[str, Any], address: str | Path) -> dict[str, Any]:
    """The same notebook, with the course's wheel elsewhere."""
    lines = set_up_cell(handout)["source"]
    (place,) = [i for i, line in enumerate(lines) if line.startswith("WHEEL = ")]
    lines[place] = f"WHEEL = {str(address)!r}\n"
    return handout


def wheel_for_another_python(folder: Path) -> Path:
    """A wheel of our name that no Python of today may install, as an old runtime sees the real one."""
    path = folder / "inverse_graphics_course-0.1.0-py3-none-any.whl"
    facts = {
        "METADATA": "Metadata-Version: 2.1\nName: inverse-graphics-course\nVersion: 0.1.0\n"
        "Requires-Python: >=3.99\n",
        "WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in facts.items():
            archive.writestr(f"inverse_graphics_course-0.1.0.dist-info/{name}", text)
    return path


@pytest.fixture(scope="module")
def bare(colab: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """Colab as a student finds it: without the course, and so it stays."""
    return Environment.copied(tmp_path_factory.mktemp("bare") / "colab")


def first_cell(environment: Environment, address: str | Path, folder: Path) -> Ran:
    """Run the set-up cell alone."""
    handout = with_wheel(handout_of(NOTEBOOKS[0]), address)
    handout["cells"] = [set_up_cell(handout)]
    return run(handout, NOTEBOOKS[0], environment, folder, PIP_NO_INDEX="1", PIP_FIND_LINKS="")


def said_by_pip(ran: Ran) -> str:
    """What pip printed, whichever stream IPython put it on."""
    return "\n".join(ran.streamed("stdout") + ran.streamed("stderr"))


def test_all_notebooks_begin_with_the_same_cell() -> None:
    cells = {"".join(set_up_cell(handout_of(notebook))["source"]) for notebook in NOTEBOOKS}
    assert len(cells) == 1


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("no connection", "Connection refused"),
        ("another Python", "requires a different Python: 3."),
        ("a package is missing", "No matching distribution found for jaxtyping"),
    ],
)
def test_it_says_what_to_do_and_changes_nothing(
    reason: str, words: str, bare: Environment, wheel: Callable[[int], Path], tmp_path: Path
) -> None:
    addresses: dict[str, Callable[[], str | Path]] = {
        "no connection": lambda: UNREACHABLE,
        "another Python": lambda: wheel_for_another_python(tmp_path),
        "a package is missing": lambda: wheel(1),
    }
    before = bare.versions()
    ran = first_cell(bare, addresses[reason](), tmp_path)
    assert ran.error == SAID
    assert words in said_by_pip(ran)
    assert bare.versions() == before


def test_a_stop_in_the_middle_is_mended_by_running_it_again(
    colab: Path, wheel: Callable[[int], Path], tmp_path: Path
) -> None:
    bare = Environment.copied(tmp_path / "colab")
    (tmp_path / "first").mkdir()
    assert first_cell(bare, UNREACHABLE, tmp_path / "first").error == SAID
    bare.add(colab / "additions")
    (tmp_path / "again").mkdir()
    handout = with_wheel(handout_of(NOTEBOOKS[0]), wheel(1))
    variables = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": ""}
    ran = run(handout, NOTEBOOKS[0], bare, tmp_path / "again", **variables)
    first = load_catalogue(NOTEBOOKS[0]).exercises[0]
    assert str(ran.error).startswith(f"NotImplementedError: Exercise {first.number}")
    assert ran.streamed("stderr") == []
    # After a restart it finds the course and does nothing, whether there is a connection or not.
    (tmp_path / "restarted").mkdir()
    restarted = first_cell(bare, UNREACHABLE, tmp_path / "restarted")
    assert restarted.error is None
    assert said_by_pip(restarted) == ""
