"""What the benchmark of digits compares: the same held-out digits, in a direction that a worse code would miss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from autograder.grading.reference import load_reference
from benchmarks import digits
from benchmarks.digits import Reached, Recipe
from course_lib.data import load_digits

ROOT = Path(__file__).parent.parent
LINEAR = Reached(0.02, 0.9)


@pytest.fixture(scope="module")
def answers() -> dict[str, Any]:
    """The notebook's answers by name."""
    return load_reference(ROOT / "solutions" / "03_auto_encoding.py")


@pytest.mark.parametrize(
    ("runs", "missed"),
    [
        ([Reached(0.01, 0.95, 20.0)], []),
        ([Reached(0.03, 0.95, 20.0)], ["error", "error, worst seed"]),
        ([Reached(0.01, 0.85, 20.0)], ["neighbours", "neighbours, worst seed"]),
        ([Reached(0.01, 0.95, 30.0)], ["training"]),
        (
            [Reached(0.01, 0.95), Reached(0.03, 0.85), Reached(0.01, 0.95)],
            ["error, worst seed", "neighbours, worst seed"],
        ),
    ],
)
def test_a_worse_code_misses_its_limit(runs: list[Reached], missed: list[str]) -> None:
    found = digits.compared(8, LINEAR, runs)
    assert [f.name for f in found if f.misses] == [f"8 numbers: {name}" for name in missed]


def test_principal_components_are_judged_on_digits_they_have_not_seen(
    answers: dict[str, Any],
) -> None:
    """Forty components through forty digits rebuild those exactly, and others not at all well."""
    train, held_out = load_digits(400).split(41)
    same = digits.principal_components(answers, train, train, 40)
    others = digits.principal_components(answers, train, held_out, 40)
    assert same.error < 1e-9
    assert 0.02 < others.error < 0.06
    longer = digits.principal_components(answers, *load_digits(400).split(200), 40)
    assert longer.error < others.error


def test_a_few_steps_of_training_lower_the_error(
    answers: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    train, held_out = load_digits(600).split(500)
    found = []
    for steps in (1, 25):
        monkeypatch.setattr(digits, "STEPS", steps)
        found.append(digits.auto_encoder(answers, train, held_out, 8, seed=0))
    assert found[1].error < 0.8 * found[0].error
    assert found[1].seconds > 0


def test_recipes_differ_in_what_they_say() -> None:
    """PyTorch's weights shrink the signal, the notebook's keep it."""
    torch.manual_seed(0)
    layers = nn.Sequential(*(nn.Linear(64, 64) if i % 2 == 0 else nn.ReLU() for i in range(8)))
    x = torch.randn(256, 64)
    before = layers(x).std()
    digits.he_initialised(layers)
    assert layers(x).std() > 5 * before
    assert not any(layer.bias.any() for layer in layers if isinstance(layer, nn.Linear))
    assert Recipe().loss is F.binary_cross_entropy
    assert all(recipe != Recipe() for recipe in digits.VARIANTS.values())
