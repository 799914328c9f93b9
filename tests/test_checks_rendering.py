"""Every check of notebook 2 against its bank: wrong answers must fail, right-but-different answers must pass."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest
import torch

from autograder.catalogue import load_catalogue
from autograder.checking import pictures
from autograder.checking.cases import Cases, draw_cases
from autograder.checking.runner import run_exercise, topic_checks
from autograder.checking.student import LocalStudent
from autograder.grading.reference import load_reference
from autograder.results import ExerciseResult, Status
from autograder.source.answer_bank import load_answer_bank

ROOT = Path(__file__).parent.parent
NOTEBOOK, TOPIC = "02_rendering", "rendering"
BANK = load_answer_bank(ROOT / "solutions" / "answer_bank" / f"{NOTEBOOK}.py")
CATALOGUE = load_catalogue(NOTEBOOK)
SEEDS = (1, 7, 20)


@functools.cache
def reference() -> dict[str, Any]:
    return load_reference(ROOT / "solutions" / f"{NOTEBOOK}.py")


@functools.cache
def hidden(seed: int) -> Cases:
    return draw_cases(TOPIC, seed, reference())


def grade(namespace: dict[str, Any], exercise_id: str, seed: int) -> ExerciseResult:
    exercise = CATALOGUE.exercise(exercise_id)
    return run_exercise(TOPIC, exercise, LocalStudent(namespace), hidden(seed))


def complaints(result: ExerciseResult) -> str:
    return "\n".join(f"{c.name}: {c.message} {c.evidence}" for c in result.checks if c.message)


@pytest.fixture
def no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing hundreds of them would take most of the time; one test below draws some."""
    monkeypatch.setattr(pictures, "comparison_png", lambda *_: b"")


@pytest.mark.usefixtures("no_pictures")
@pytest.mark.parametrize("answer", BANK, ids=lambda a: f"{a.exercise}-{a.title}")
def test_banked_answer(answer: Any) -> None:
    for seed in SEEDS:
        namespace = dict(reference()["shade"].__globals__)
        exec(compile(answer.code, answer.title, "exec"), namespace)
        result = grade(namespace, answer.exercise, seed)
        if answer.right:
            assert result.status == Status.PASSED, complaints(result)
            assert result.points == result.max_points
        else:
            assert result.status == Status.FAILED, f"{answer.title} survives"
            assert "NameError" not in complaints(result), "the banked answer itself is broken"
            assert result.points < result.max_points


@pytest.mark.parametrize("seed", [*SEEDS, 123456789, 2**40 + 3])
@pytest.mark.parametrize("exercise", CATALOGUE.exercises, ids=lambda e: e.id)
def test_solution_passes_for_every_seed(exercise: Any, seed: int) -> None:
    result = grade(reference(), exercise.id, seed)
    assert result.status == Status.PASSED, complaints(result)


@pytest.mark.parametrize("exercise", CATALOGUE.exercises, ids=lambda e: e.id)
def test_bank_is_large_enough(exercise: Any) -> None:
    kinds = [a.right for a in BANK if a.exercise == exercise.id]
    assert kinds.count(False) >= 3
    assert kinds.count(True) >= 2


def test_every_check_belongs_to_an_exercise_with_one_entrance() -> None:
    checks = topic_checks(TOPIC)
    assert {c.exercise for c in checks} == {e.id for e in CATALOGUE.exercises}
    for exercise in CATALOGUE.exercises:
        own = [c for c in checks if c.exercise == exercise.id]
        assert [c.entrance for c in own] == [True] + [False] * (len(own) - 1)
        assert len(own) >= 2


@pytest.mark.parametrize(
    "value",
    [None, 3, "text", torch.zeros(()), torch.full((4, 4), torch.nan), (), [torch.zeros(3)] * 3],
)
def test_nonsense_earns_nothing(value: Any) -> None:
    names = [name for e in CATALOGUE.exercises for name in e.functions]
    namespace = dict.fromkeys(names, lambda *args, **kwargs: value)
    for exercise in CATALOGUE.exercises:
        result = grade(namespace, exercise.id, 1)
        assert result.points == 0, f"{exercise.id} gives points for {value!r}"
        assert complaints(result)


def test_wrong_pictures_are_shown_beside_the_right_ones() -> None:
    def dark(normals: Any, *_: Any) -> Any:
        return torch.zeros_like(normals)

    def empty(vertices: Any, faces: Any, K: Any, pose: Any, resolution: Any, near: float) -> Any:
        background = torch.full(resolution, torch.inf)
        return background, torch.zeros(*resolution, 3), torch.full(resolution, -1)

    for name, function in (("shade", dark), ("rasterize", empty)):
        result = grade({**reference(), name: function}, name, 1)
        drawn = [c.evidence.picture_png for c in result.checks if c.evidence.picture_png]
        assert drawn, name
        assert all(png.startswith(b"\x89PNG") for png in drawn)
