"""A trained exercise in a source: how it is read, numbered, handed out, and told wrong."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

from autograder.catalogue import Catalogue, TrainedExercise, from_json
from autograder.handouts.build import build
from autograder.handouts.check import check
from autograder.handouts.exercise_list import catalogue_of
from autograder.handouts.notebook import handout, solution_notebook, to_json
from autograder.handouts.stubs import find_foreign_stubs
from autograder.handouts.task_files import draw_public, task_drift, task_path
from autograder.settings import Release
from autograder.source import InvalidSourceError, Source, read_source
from autograder.trained.task import Task, UnknownTaskError, find_task
from course_lib.data.view_task import ViewTask
from tests import trained_standin
from tests.trained_standin import TASK

RELEASE = Release("owner/name")
HEAD = "# %% [markdown]\n# # 2 · Toys\n\n"
EXERCISE = """# %% exercise="f" title="F" points=1
def f(x):
    # BEGIN SOLUTION
    return x + 1
    # END SOLUTION

"""
TRAINED = """# %% [markdown]
# What your views must reach:
#
# {{bands standin}}

# %% trained="standin" title="Stripes" points=6
from autograder import export_predictions

export_predictions("standin", images)

"""
LAST = EXERCISE.replace("f(x)", "g(x)").replace('"f"', '"g"')


@pytest.fixture(autouse=True)
def _standin(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stand-in as a task of the course."""
    name = "autograder.trained.tasks.standin"
    module = ModuleType(name)
    module.__spec__ = ModuleSpec(name, None)
    vars(module)["TASK"] = trained_standin.TASK
    monkeypatch.setitem(sys.modules, name, module)


def write(root: Path, text: str) -> Path:
    path = root / "solutions" / "02_toys.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def source(tmp_path: Path) -> Source:
    return read_source(write(tmp_path, HEAD + EXERCISE + TRAINED + LAST))


def test_it_is_counted_with_the_exercises(source: Source) -> None:
    assert [(t.kind, t.number) for t in source.tasks] == [
        ("exercise", "2.1"),
        ("trained", "2.2"),
        ("exercise", "2.3"),
    ]
    catalogue = catalogue_of(source)
    assert [e.id for e in catalogue.graded] == ["f", "standin", "g"]
    assert catalogue.trained == (
        TrainedExercise("standin", "2.2", "Stripes", 6, TASK.bands, TASK.views),
    )
    assert catalogue.max_points == 8
    assert from_json(catalogue.to_json()) == catalogue


def test_ten_exercises_stay_in_order() -> None:
    trained = TrainedExercise("t", "2.2", "T", 1, TASK.bands, TASK.views)
    late = replace(trained, id="u", number="2.10")
    assert [e.id for e in Catalogue("n", "n", "N", (), (), (late, trained)).graded] == ["t", "u"]


def test_the_handout_holds_its_cell_as_it_stands_and_its_bands(source: Source) -> None:
    for notebook in (handout(source, RELEASE), solution_notebook(source, RELEASE)):
        cells = {cell["id"]: cell for cell in notebook["cells"]}
        cell = cells["trained-standin"]
        assert "".join(cell["source"]) == (
            'from autograder import export_predictions\n\nexport_predictions("standin", images)'
        )
        assert cell["metadata"] == {"trained": "standin", "points": 6, "title": "Stripes"}
        text = to_json(notebook)
        assert "| PSNR ≥ 25 dB and SSIM ≥ 0.5 | 1.5 |" in text
        assert "{{" not in text
    assert find_foreign_stubs(source, handout(source, RELEASE)) == []


MISTAKES = [
    (TRAINED.replace('trained="', 'exercise="g" trained="'),
     "9: a cell is an exercise or a trained exercise, not both"),
    (TRAINED.replace('# %% trained="standin"', '# %% [markdown] trained="standin"'),
     "9: a trained exercise is a code cell, which exports predictions"),
    (TRAINED.replace(" points=6", ""), "9: trained 'standin' has no points; add points=5"),
    (TRAINED.replace(' title="Stripes"', ""), "9: trained 'standin' has no title"),
    (TRAINED.replace("images)\n", "images)\n# BEGIN SOLUTION\nx = 1\n# END SOLUTION\n"),
     "13: trained 'standin' is handed out as it stands, so it can hold no answer"),
    (TRAINED.replace("trained=", "train="), "9: unknown key 'train'; did you mean \"trained\"?"),
    (TRAINED + TRAINED, "duplicate id 'standin': line 9 has it already"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), MISTAKES)
def test_mistakes_are_reported_at_their_lines(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(InvalidSourceError) as caught:
        read_source(write(tmp_path, HEAD + text))
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (TRAINED.replace('"standin"', '"nosuch"', 1), "9: there is no trained task 'nosuch'; a module"),
        (TRAINED.replace("bands standin", "bands stand"),
         "4: {{bands stand}} names no trained exercise of this notebook; known: standin"),
    ],
)  # fmt: skip
def test_what_names_no_task_is_refused_before_anything_is_written(
    tmp_path: Path, text: str, message: str
) -> None:
    write(tmp_path, HEAD + text)
    with pytest.raises(InvalidSourceError) as caught:
        list(build(tmp_path, RELEASE))
    assert f"02_toys.py:{message}" in str(caught.value)
    assert [p.name for p in tmp_path.iterdir()] == ["solutions"]
    (finding,) = check(tmp_path, RELEASE)
    assert message.partition(": ")[2] in finding.message


def test_build_draws_the_task_of_the_public_seed_and_check_finds_drift(
    tmp_path: Path, source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = task_path("02_toys", "standin")
    steps = {step.path: step.outcome for step in build(tmp_path, RELEASE)}
    assert steps[path] == "written"
    committed = ViewTask.load(tmp_path / path)
    assert committed.fingerprint == draw_public("standin").fingerprint
    assert {s.outcome for s in build(tmp_path, RELEASE) if s.path == path} == {"unchanged"}
    assert list(check(tmp_path, RELEASE)) == []
    moved = committed.world_from_camera.clone()
    moved[0, 0, 3] += 0.01
    replace(committed, world_from_camera=moved).save(tmp_path / path)
    (finding,) = check(tmp_path, RELEASE)
    assert (finding.place, finding.message) == (
        str(path),
        "differs from what its task draws: other cameras",
    )
    drawn = draw_public("standin")
    other = replace(drawn, train=replace(drawn.train, images=1 - drawn.train.images))
    other.save(tmp_path / path)
    assert task_drift(tmp_path, path, drawn).startswith("other photographs (")
    replace(drawn, fingerprint="0" * 16).save(tmp_path / path)
    assert task_drift(tmp_path, path, drawn) == "drawn by another version of the task"
    (tmp_path / path).write_bytes(b"")
    assert task_drift(tmp_path, path, drawn).startswith("unreadable: ")
    (tmp_path / path).unlink()
    assert task_drift(tmp_path, path, drawn) == "missing"


def test_a_task_of_a_notebook_that_is_gone_is_stale(tmp_path: Path, source: Source) -> None:
    list(build(tmp_path, RELEASE))
    gone = tmp_path / task_path("03_gone", "standin")
    gone.parent.mkdir(parents=True)
    gone.write_bytes(b"x")
    assert [f.place for f in check(tmp_path, RELEASE)] == [str(task_path("03_gone", "standin"))]


def test_a_module_that_declares_something_else_is_no_task(monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["autograder.trained.tasks.standin"]
    monkeypatch.setattr(module, "TASK", replace(TASK, id="other"))
    with pytest.raises(UnknownTaskError, match="must be a Task whose id is 'standin'"):
        find_task("standin")


def test_a_draw_that_is_not_as_declared_is_refused() -> None:
    from autograder.trained.drawn import draw_task

    wrong: Task = replace(TASK, views=(6, 12, 16))
    with pytest.raises(
        ValueError, match=r"declares hidden views \(6, 12, 16\) and draws \(5, 12, 16\)"
    ):
        draw_task(wrong, "x")
    assert json.dumps(draw_task(TASK, "x").hidden.shape) == "[5, 12, 16, 3]"
