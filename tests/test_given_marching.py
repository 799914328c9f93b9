"""The scene and the marcher that checks of notebook 4 hand to student code, and what they complain about."""

from __future__ import annotations

import re

import pytest
import torch
from torch import Tensor

from autograder.checking.given import given, raised
from course_lib.given.marching import Walk, walked, waves_at

STRENGTH = torch.tensor(0.9)


def points(*shape: int) -> Tensor:
    """Places that repeat nowhere."""
    count = torch.Size(shape).numel()
    return 2 * torch.sin(1.3 * torch.arange(count * 3.0)).reshape(*shape, 3)


def test_every_object_has_waves_of_its_own() -> None:
    x = points(1, 6).expand(3, 6, 3)
    features = waves_at(STRENGTH, x, objects=3, features=5)
    assert features.shape == (3, 6, 5)
    apart = (features[:, None] - features).abs().amax((-1, -2))
    assert (apart + torch.eye(3) > 0.1).all()


def test_every_coordinate_and_the_strength_matter() -> None:
    leaves = [t.double().requires_grad_() for t in (STRENGTH, points(2, 4))]
    waves = waves_at(*leaves, objects=2, features=3)
    cotangent = torch.cos(1.7 * torch.arange(24.0)).reshape(2, 4, 3)
    gradients = torch.autograd.grad((waves * cotangent).sum(), leaves)
    assert all((gradient.abs() > 1e-6).all() for gradient in gradients)
    assert waves.dtype == torch.float64


@pytest.mark.parametrize("shape", [(1, 6, 3), (3, 6, 4), (18, 3), (2, 9, 3)])
def test_a_scene_of_three_objects_reads_nothing_else(shape: tuple[int, ...]) -> None:
    words = re.escape(f"points (3, p, 3), p of each object, and got {shape}")
    with pytest.raises(ValueError, match=words):
        waves_at(STRENGTH, torch.zeros(shape), objects=3, features=5)


def march(features: list[Tensor], meter: dict[str, int]) -> list[Tensor]:
    """As many steps as there are features, the memory handed on."""
    steps, memory = [], None
    for x in features:
        step, memory = walked(STRENGTH, x, memory, size=4, meter=meter)
        steps.append(step)
    return steps


def test_steps_depend_on_all_that_a_ray_has_seen_and_on_no_other_ray() -> None:
    x = torch.sin(1.1 * torch.arange(3 * 2 * 5 * 4.0)).reshape(3, 2, 5, 4)
    steps = march(list(x), {})
    changed = x.clone()
    changed[0, 1, 2] += 0.5
    others = torch.ones(2, 5, dtype=torch.bool)
    others[1, 2] = False
    for step, moved in zip(steps, march(list(changed), {}), strict=True):
        assert torch.equal(step[others], moved[others])
        assert (step[1, 2] - moved[1, 2]).abs() > 1e-3


def test_steps_go_forwards_and_backwards() -> None:
    x = torch.sin(torch.arange(400.0).square()).reshape(1, 100, 4)
    (step,) = march([x], {})
    assert step.min() < -0.1
    assert step.max() > 0.5
    assert step.mean() > 0


def test_the_marcher_learns_through_its_memory() -> None:
    strength = STRENGTH.double().requires_grad_()
    x = points(1, 4).double()[..., [0, 1, 2, 0]].requires_grad_()
    _, memory = walked(strength, x, size=4, meter={"calls": 0})
    step, _ = walked(strength, torch.ones_like(x), memory, size=4, meter={"calls": 1})
    gradients = torch.autograd.grad(step.sum(), (strength, x))
    assert all((gradient.abs() > 1e-6).any() for gradient in gradients)


X = torch.ones(2, 3, 4)


@pytest.mark.parametrize(
    ("calls", "memory", "words"),
    [
        (
            0,
            Walk(1, torch.zeros(2, 3)),
            "the first call of the marcher came with a memory, Walk: let it be None",
        ),
        (0, (torch.zeros(2), torch.zeros(2)), "came with a memory, tuple"),
        (1, None, r"call 2 of the marcher came with another memory than call 1 returned \(None\)"),
        (
            3,
            Walk(2, torch.zeros(2, 3)),
            r"than call 3 returned \(that of call 2\): hand over the second",
        ),
        (1, torch.zeros(2, 3), r"than call 1 returned \(tensor\("),
    ],
)
def test_a_memory_that_is_not_the_last_is_refused(calls: int, memory: object, words: str) -> None:
    with pytest.raises(RuntimeError, match=words):
        walked(STRENGTH, X, memory, size=4, meter={"calls": calls})


@pytest.mark.parametrize("shape", [(2, 3, 3), (6, 4), (2, 3, 4, 1)])
def test_other_features_are_refused(shape: tuple[int, ...]) -> None:
    words = re.escape(f"reads 4 features a ray, (b, p, 4), and got {shape}: hand it what the scene")
    with pytest.raises(ValueError, match=words):
        walked(STRENGTH, torch.ones(shape), None, size=4, meter={})


def test_each_call_of_a_student_gets_a_marcher_that_was_never_called() -> None:
    marcher = given("course_lib.given.marching:walked", STRENGTH, size=4, meter={})
    sent = raised(marcher.lowered())
    for fresh in (marcher.resolve(), marcher.resolve(), sent):
        _, memory = fresh(X)
        assert memory.calls == 1
        with pytest.raises(RuntimeError, match="call 2"):
            fresh(X, None)
