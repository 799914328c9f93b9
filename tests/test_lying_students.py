"""Whatever a submission answers, checks of notebooks 3 to 5 fail it; they never fall over it themselves."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch

from autograder.catalogue import load_catalogue
from autograder.checking.cases import Cases, draw_cases
from autograder.checking.runner import run_exercise
from autograder.checking.student import LocalStudent
from autograder.grading.reference import load_reference

NOTEBOOKS = ["03_auto_encoding", "04_auto_decoding", "05_light_fields"]
SOLUTIONS = Path(__file__).parent.parent / "solutions"
NONSENSE = [
    None,
    10**400,
    "text",
    True,
    {"a": 1},
    (None, None, None),
    torch.full((3, 3), torch.nan),
    torch.zeros(2, 2, dtype=torch.complex64),
    torch.zeros(1, device="meta"),
    torch.eye(2).to_sparse(),
    [torch.zeros(3), "x"],
]


@cache
def solution(notebook: str) -> dict[str, Any]:
    return load_reference(SOLUTIONS / f"{notebook}.py")


@cache
def cases(notebook: str) -> Cases:
    return draw_cases(load_catalogue(notebook).topic, 1, solution(notebook))


class Liar:
    """A module with the right parameters, as a worker may claim to have one, that answers nonsense."""

    class_name = "Liar"

    def __init__(self, honest: Any, value: Any) -> None:
        self.honest, self.value = honest, value

    def __call__(self, *args: Any) -> Any:
        return self.value

    def method(self, name: str, *args: Any) -> Any:
        return self.value

    def attribute(self, name: str) -> Any:
        return self.value

    def parameter_shapes(self) -> Any:
        return self.honest.parameter_shapes()

    def load_parameters(self, values: Any) -> None:
        self.honest.load_parameters(values)

    def gradient(self, *args: Any) -> torch.Tensor:
        return self.value if isinstance(self.value, torch.Tensor) else torch.zeros(1)

    def parameter_gradients(self, *args: Any) -> dict[str, torch.Tensor]:
        return {"unheard of": torch.zeros(2)}


class LyingStudent:
    """Functions that return nonsense, and classes that make liars."""

    def __init__(self, notebook: str, value: Any) -> None:
        self.value, self.right = value, solution(notebook)
        self.honest = LocalStudent(self.right)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if isinstance(self.right[name], type):
            return lambda *args, **kwargs: Liar(
                getattr(self.honest, name)(*args, **kwargs), self.value
            )
        return lambda *args, **kwargs: self.value

    def gradient(self, *args: Any) -> torch.Tensor:
        return self.value if isinstance(self.value, torch.Tensor) else torch.zeros(1)


@pytest.mark.parametrize("notebook", NOTEBOOKS)
@pytest.mark.parametrize("value", NONSENSE, ids=lambda value: str(value)[:12])
def test_no_check_falls_over_nonsense(notebook: str, value: Any) -> None:
    catalogue = load_catalogue(notebook)
    for exercise in catalogue.exercises:
        result = run_exercise(
            catalogue.topic, exercise, LyingStudent(notebook, value), cases(notebook)
        )
        assert result.points == 0, exercise.id
