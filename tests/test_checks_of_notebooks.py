"""The checks of every notebook against its bank: wrong answers must fail, right-but-different answers must pass."""

from __future__ import annotations

import functools
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest
import torch

from autograder.catalogue import Exercise, all_notebooks, load_catalogue
from autograder.checking import pictures
from autograder.checking.cases import Cases, draw_cases
from autograder.checking.runner import run_exercise, topic_checks
from autograder.checking.student import LocalStudent
from autograder.grading.reference import load_reference
from autograder.results import ExerciseResult, Status
from autograder.source.answer_bank import load_answer_bank

ROOT = Path(__file__).parent.parent
SEEDS = (1, 7, 20)
SLOW = {"estimate_pose"}  # an optimisation: its bank runs on one seed
POINTS = {  # code, written, trained
    "01_camera_geometry": (94, 6, 0),
    "02_rendering": (90, 4, 6),
    "03_auto_encoding": (90, 4, 6),
    "04_auto_decoding": (90, 4, 6),
    "05_light_fields": (90, 4, 6),
}

BANKS = [
    pytest.param(notebook, answer, id=f"{answer.exercise}-{answer.title}")
    for notebook in all_notebooks()
    for answer in load_answer_bank(ROOT / "solutions" / "answer_bank" / f"{notebook}.py")
]
EXERCISES = [
    pytest.param(notebook, exercise, id=exercise.id)
    for notebook in all_notebooks()
    for exercise in load_catalogue(notebook).exercises
]


@functools.cache
def reference(notebook: str) -> dict[str, Any]:
    return load_reference(ROOT / "solutions" / f"{notebook}.py")


@functools.cache
def hidden(notebook: str, seed: int) -> Cases:
    return draw_cases(load_catalogue(notebook).topic, seed, reference(notebook))


def grade(notebook: str, namespace: dict[str, Any], exercise: str, seed: int) -> ExerciseResult:
    catalogue = load_catalogue(notebook)
    student = LocalStudent(namespace)
    return run_exercise(
        catalogue.topic, catalogue.exercise(exercise), student, hidden(notebook, seed)
    )


def complaints(result: ExerciseResult) -> str:
    return "\n".join(f"{c.name}: {c.message} {c.evidence}" for c in result.checks if c.message)


@pytest.fixture
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing hundreds of them would take most of the time; one test below draws some."""
    monkeypatch.setattr(pictures, "comparison_png", lambda *_: b"")


@pytest.mark.usefixtures("no_pictures")
@pytest.mark.parametrize(("notebook", "answer"), BANKS)
def test_banked_answer(notebook: str, answer: Any) -> None:
    written = next(f for f in reference(notebook).values() if isinstance(f, FunctionType))
    for seed in SEEDS[: 1 if answer.exercise in SLOW else None]:
        namespace = dict(written.__globals__)
        exec(compile(answer.code, answer.title, "exec"), namespace)
        result = grade(notebook, namespace, answer.exercise, seed)
        if answer.right:
            assert result.status == Status.PASSED, complaints(result)
            assert result.points == result.max_points
        else:
            assert result.status == Status.FAILED, f"{answer.title} survives"
            assert "NameError" not in complaints(result), "the banked answer itself is broken"
            assert result.points < result.max_points


@pytest.mark.parametrize("seed", [*SEEDS, 123456789, 2**40 + 3])
@pytest.mark.parametrize(("notebook", "exercise"), EXERCISES)
def test_solution_passes_for_every_seed(notebook: str, exercise: Exercise, seed: int) -> None:
    result = grade(notebook, reference(notebook), exercise.id, seed)
    assert result.status == Status.PASSED, complaints(result)


@pytest.mark.parametrize(("notebook", "exercise"), EXERCISES)
def test_bank_is_large_enough(notebook: str, exercise: Exercise) -> None:
    bank = load_answer_bank(ROOT / "solutions" / "answer_bank" / f"{notebook}.py")
    kinds = [a.right for a in bank if a.exercise == exercise.id]
    assert kinds.count(False) >= 3
    assert kinds.count(True) >= 2


@pytest.mark.parametrize("notebook", all_notebooks())
def test_every_check_belongs_to_an_exercise_with_one_entrance(notebook: str) -> None:
    catalogue = load_catalogue(notebook)
    checks = topic_checks(catalogue.topic)
    assert {c.exercise for c in checks} == {e.id for e in catalogue.exercises}
    for exercise in catalogue.exercises:
        own = [c for c in checks if c.exercise == exercise.id]
        assert [c.entrance for c in own] == [True] + [False] * (len(own) - 1)
        assert len(own) >= 2


@pytest.mark.parametrize("notebook", all_notebooks())
@pytest.mark.parametrize(
    "value",
    [None, 3, "text", torch.zeros(()), torch.full((4, 4), torch.nan), (), [torch.zeros(3)] * 3],
)
def test_nonsense_earns_nothing(notebook: str, value: Any) -> None:
    exercises = load_catalogue(notebook).exercises
    names = [name for e in exercises for name in e.functions]
    namespace = dict.fromkeys(names, lambda *args, **kwargs: value)
    for exercise in exercises:
        result = grade(notebook, namespace, exercise.id, 1)
        assert result.points == 0, f"{exercise.id} gives points for {value!r}"
        assert complaints(result)


@pytest.mark.parametrize("notebook", all_notebooks())
def test_the_points_add_up_as_the_handout_says(notebook: str) -> None:
    catalogue = load_catalogue(notebook)
    kinds = (catalogue.exercises, catalogue.written, catalogue.trained)
    assert tuple(sum(task.points for task in kind) for kind in kinds) == POINTS[notebook]
    assert catalogue.max_points == 100


def test_wrong_pictures_are_shown_beside_the_right_ones() -> None:
    def dark(normals: Any, *_: Any) -> Any:
        return torch.zeros_like(normals)

    def empty(vertices: Any, faces: Any, K: Any, pose: Any, resolution: Any, near: float) -> Any:
        background = torch.full(resolution, torch.inf)
        return background, torch.zeros(*resolution, 3), torch.full(resolution, -1)

    notebook = "02_rendering"
    for name, function in (("shade", dark), ("rasterize", empty)):
        result = grade(notebook, {**reference(notebook), name: function}, name, 1)
        drawn = [c.evidence.picture_png for c in result.checks if c.evidence.picture_png]
        assert drawn, name
        assert all(png.startswith(b"\x89PNG") for png in drawn)
