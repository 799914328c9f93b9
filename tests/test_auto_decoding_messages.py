"""What students read when the second half of notebook 4 fails: what is wrong, and what to do next."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from autograder.catalogue import load_catalogue
from autograder.checking.cases import Cases, draw_cases
from autograder.checking.runner import run_exercise
from autograder.checking.student import LocalStudent
from autograder.grading.reference import load_reference

NOTEBOOK = "04_auto_decoding"
SOURCE = Path(__file__).parent.parent / "solutions" / f"{NOTEBOOK}.py"


@cache
def solution() -> dict[str, Any]:
    return load_reference(SOURCE)


@cache
def cases() -> Cases:
    return draw_cases(load_catalogue(NOTEBOOK).topic, 3, solution())


def complaints(exercise: str, function: Any, name: str | None = None) -> str:
    """All that is said of this answer to an exercise."""
    catalogue = load_catalogue(NOTEBOOK)
    student = LocalStudent({**solution(), name or exercise: function})
    result = run_exercise(catalogue.topic, catalogue.exercise(exercise), student, cases())
    failed = [check for check in result.checks if check.message]
    return "\n".join(f"{c.name}: {c.message} {c.evidence.worst} {c.evidence.hint}" for c in failed)


def trained(model: Any, loss: Any, start: Tensor, steps: int = 200, rate: float = 1e-2) -> Tensor:
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    return solution()["infer_latent"](model, loss, start, steps, rate)  # type: ignore[no-any-return]


def attached(model: Any, loss: Any, start: Tensor, steps: int = 200, rate: float = 1e-2) -> Tensor:
    codes: Tensor = solution()["infer_latent"](model, loss, start, steps, rate)
    return codes.requires_grad_()


def floating(*args: Any) -> Tensor:
    return solution()["sample_pixels"](*args).double()  # type: ignore[no-any-return]


def recorded(trace: Any, resolution: tuple[int, int], portion: int = 4096) -> Any:
    rows = torch.arange(resolution[0] * resolution[1])
    uv = torch.stack([rows, rows], -1).float()
    return trace(uv)


def never_again(trace: Any, resolution: tuple[int, int], portion: int = 4096) -> Any:
    torch.set_grad_enabled(False)
    return solution()["render_view"](trace, resolution, portion)


class Haunted:
    """A marcher that goes on with its own memory where none is handed in."""

    def __new__(cls, *sizes: int) -> Any:
        made = solution()["RayMarcher"](*sizes)
        forward = made.forward
        kept: dict[torch.Size, Any] = {}

        def remembering(features: Tensor, memory: Any = None) -> Any:
            batch = features.shape[:-1]
            step, kept[batch] = forward(features, memory or kept.get(batch))
            return step, kept[batch]

        made.forward = remembering
        return made


class Rows(torch.nn.Module):
    """A parameter for each object."""

    def __init__(self, count: int, code_length: int, spread: float = 0.01) -> None:
        super().__init__()
        self.rows = torch.nn.ParameterList(torch.zeros(code_length) for _ in range(count))


class Unsorted(torch.nn.Module):
    """It names the smallest number of those that fit no object, not the first."""

    def __init__(self, count: int, code_length: int, spread: float = 0.01) -> None:
        super().__init__()
        self.codes = torch.nn.Parameter(torch.randn(count, code_length) * spread)

    def forward(self, objects: Tensor) -> Tensor:
        unknown = objects[(objects < 0) | (objects >= len(self.codes))]
        if len(unknown):
            raise IndexError(f"no object {unknown.min().item()}, there are {len(self.codes)}")
        return self.codes[objects]


def misled(features: Tensor, labels: Tensor, classes: int, decay: float = 1e-3) -> Any:
    return torch.zeros(features.shape[1], classes), torch.zeros(classes)


def drifting(start: Tensor, end: Tensor, count: int) -> Tensor:
    return start + torch.linspace(0, 1, count).to(start)[:, None] * (end - start)


def lazy(
    features: Tensor, labels: Tensor, classes: int, decay: float = 1e-3
) -> tuple[Tensor, Tensor]:
    return torch.zeros(classes, features.shape[1]), torch.zeros(classes)


def longer(depth: Tensor, K: Tensor) -> Tensor:
    return 2 * solution()["normals_from_depth"](depth, K)  # type: ignore[no-any-return]


def summed(rgb: Tensor, truth: Tensor, depth: Tensor, z: Tensor, *weights: float) -> Tensor:
    return solution()["srn_loss"](rgb, truth, depth, z, *weights) * len(z)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("exercise", "function", "words"),
    [
        (
            "infer_latent",
            trained,
            "its parameter A has requires_grad=False, and had True before: put",
        ),
        (
            "infer_latent",
            attached,
            "test_detached: The codes found are not detached. None return z.detach()",
        ),
        ("sample_pixels", floating, "should return whole numbers: they index images. None .long()"),
        ("render_view", recorded, "`trace` was called while gradients are recorded"),
        ("interpolate_codes", drifting, "(large and small): the last code"),
        ("interpolate_codes", drifting, "exactly the one given: (1 − t) · start + t · end"),
        ("semantic_head", lazy, "(three classes): the loss of W and b is"),
        ("semantic_head", misled, "W has a row for each class, as nn.Linear(features, classes)"),
        ("normals_from_depth", longer, "of length 1, turned so that normal · point < 0"),
        ("srn_loss", summed, "means over all numbers, batch included"),
    ],
)
def test_what_a_student_reads(exercise: str, function: Any, words: str) -> None:
    assert words in complaints(exercise, function)


def test_gradients_that_stay_off_are_told_and_how_to_bring_them_back() -> None:
    with torch.enable_grad():  # whose end undoes what the answer does
        said = complaints("render_view", never_again)
    assert "gradients were off already when this call began" in said
    assert "with torch.no_grad():" in said
    assert "torch.set_grad_enabled(True) brings them back" in said


def test_thousands_of_parameters_are_not_listed() -> None:
    said = complaints("latent_table", Rows, "LatentTable")
    assert "LatentTable should have one parameter for all codes." in said
    assert len(said) < 2000


def test_which_number_is_to_be_named_is_said() -> None:
    said = complaints("latent_table", Unsorted, "LatentTable")
    assert "name '59' in its message" in said
    assert "a long list with 59, then 84, then -26 in it: name the first number" in said


def test_advice_on_gradients_waits_until_the_numbers_are_right() -> None:
    def ending_in_tanh(*sizes: int) -> torch.nn.Module:
        made: torch.nn.Module = solution()["PixelGenerator"](*sizes)
        made.register_forward_hook(lambda module, inputs, output: output.tanh())
        return made

    said = complaints("pixel_generator", ending_in_tanh, "PixelGenerator")
    assert "no sigmoid or tanh after it" in said
    assert "test_generator_learns" in said
    assert "no .detach()" not in said


def test_a_marcher_with_a_memory_of_its_own_is_told() -> None:
    said = complaints("ray_marcher", Haunted, "RayMarcher")
    assert "when the first features come a second time without a memory" in said
    assert "no memory means zeros, every time" in said


@pytest.mark.parametrize("exercise", ["infer_latent", "interpolate_codes"])
def test_right_answers_hear_nothing(exercise: str) -> None:
    assert complaints(exercise, solution()[exercise]) == ""
