"""All five notebooks on Colab's packages, with the course as students have it at that stage."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.catalogue import all_notebooks, load_catalogue
from autograder.handouts.notebook import handout, solution_notebook
from autograder.handouts.solved import solved_module
from autograder.settings import load_settings
from autograder.source import Source, read_source
from tests.colab.environment import REPOSITORY, Environment
from tests.colab.notebook_run import run

pytestmark = pytest.mark.skipif(
    not any((REPOSITORY / "solutions").glob("*.py")), reason="a release carries no sources"
)
NOTEBOOKS = all_notebooks()
LAST = len(NOTEBOOKS)
FAST = NOTEBOOKS[0]  # the whole notebook takes ten seconds; the others train
CORE_WIDGETS = {f"@jupyter-widgets/{part}" for part in ("base", "controls", "output")}
Install = Callable[[int], Environment]

# What a student's kernel knows once every exercise is answered, and then what `check()` runs.
CHECK_ALL = """
import json, sys, warnings
warnings.simplefilter("error")
# torch.func.jvp compiles torch's own formulas by it, the first time that a process calls it.
warnings.filterwarnings("ignore", ".torch.jit.script. is deprecated", DeprecationWarning)
from autograder.notebook.display import run_checks
answers, notebook = sys.argv[1:]
namespace = {"__name__": "__main__"}
with open(answers, encoding="utf-8") as file:
    exec(compile(file.read(), answers, "exec"), namespace)
report = run_checks(None, namespace)
print(json.dumps({r.exercise: [c.status for c in r.checks] for r in report.results}))
"""


def source_of(notebook: str) -> Source:
    """The notebook as instructors write it."""
    return read_source(REPOSITORY / "solutions" / f"{notebook}.py")


def stage_of(notebook: str) -> int:
    """The release with which a notebook comes out."""
    return 1 + NOTEBOOKS.index(notebook)


def slow(notebook: str) -> object:
    """A parameter that is left out of `make test`."""
    return pytest.param(notebook, marks=pytest.mark.slow)


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_every_check_passes_on_the_answers(
    notebook: str, installed: Install, tmp_path: Path
) -> None:
    answers = tmp_path / f"{notebook}.py"
    answers.write_text(solved_module(source_of(notebook)), encoding="utf-8")
    done = installed(LAST).run("-c", CHECK_ALL, answers, notebook)
    assert done.returncode == 0, done.stderr
    checked = json.loads(done.stdout)
    for exercise in load_catalogue(notebook).exercises:
        assert set(checked[exercise.id]) == {"passed"}, (exercise.id, checked[exercise.id])


@pytest.mark.parametrize("notebook", [NOTEBOOKS[0], *map(slow, NOTEBOOKS[1:-1]), NOTEBOOKS[-1]])
def test_the_handout_stops_at_an_exercise_and_nowhere_before(
    notebook: str, installed: Install, tmp_path: Path
) -> None:
    release = load_settings(REPOSITORY).release
    ran = run(
        handout(source_of(notebook), release), notebook, installed(stage_of(notebook)), tmp_path
    )
    # Not always the first one: a class raises when it is used, which may be after the next stub.
    known = [f"Exercise {e.number} `{e.id}` is not" for e in load_catalogue(notebook).exercises[:2]]
    assert ran.error is not None
    assert ran.error.startswith(tuple(f"NotImplementedError: {words}" for words in known))
    assert ran.streamed("stderr") == []


@pytest.mark.parametrize("notebook", [FAST, *map(slow, NOTEBOOKS[1:])])
def test_with_answers_it_runs_to_its_end_in_silence(
    notebook: str, installed: Install, tmp_path: Path
) -> None:
    """One run, of a minute for some: all that can be said about it is said here."""
    whole = solution_notebook(source_of(notebook), load_settings(REPOSITORY).release)
    ran = run(whole, notebook, installed(stage_of(notebook)), tmp_path)
    assert ran.error is None
    # Warnings of libraries, in versions that our own environment does not have.
    assert ran.streamed("stderr") == []
    # Any other widget would need `output.enable_custom_widget_manager()` and a download.
    assert ran.widget_modules
    assert ran.widget_modules <= CORE_WIDGETS
