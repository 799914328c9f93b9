"""A loss that is no number stops the run, says where, and loses nothing that was good."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor

from course_lib.training import FitConfig, checkpoint_folder, fit
from course_lib.training.checkpoints import read_checkpoint

CONFIG = FitConfig(steps=20, learning_rate=0.05, checkpoint_seconds=0, seed=3)
LAZY = FitConfig(steps=20, learning_rate=0.05, checkpoint_seconds=1000, seed=3)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def the_file() -> Path:
    (path,) = checkpoint_folder().glob("*")
    return path


def drawing(weights: Tensor, batches: list[float]) -> Callable[[torch.Generator], Tensor]:
    """A loss that notes what it drew."""

    def loss(generator: torch.Generator) -> Tensor:
        x = torch.rand((), generator=generator)
        batches.append(x.item())
        return (weights - x).square().sum()

    return loss


def breaking(
    loss: Callable[[torch.Generator], Tensor], at: int, factor: float = math.nan
) -> Callable[[torch.Generator], Tensor]:
    """The same loss, but its call number `at` gives something else."""
    calls = 0

    def broken(generator: torch.Generator) -> Tensor:
        nonlocal calls
        calls += 1
        value = loss(generator)
        return value * factor if calls == at + 1 else value

    return broken


@pytest.mark.parametrize("config", [CONFIG, LAZY])
@pytest.mark.parametrize("broken_at", [1, 7, 19])
def test_the_run_goes_on_from_the_last_good_state_as_if_nothing_had_happened(
    config: FitConfig, broken_at: int
) -> None:
    whole, seen = torch.zeros(2, requires_grad=True), []
    history = fit(drawing(whole, seen), [whole], config)

    weights, batches = torch.zeros(2, requires_grad=True), []
    loss = breaking(drawing(weights, batches), broken_at)
    with pytest.raises(FloatingPointError) as caught:
        fit(loss, [weights], config, checkpoint="line")
    said = str(caught.value)
    assert f"the loss is nan at step {broken_at} (batch {broken_at + 1} of 20)" in said
    assert "still those before this step" in said
    assert f"stays in {the_file()}: mend the loss and make the same call" in said
    assert read_checkpoint(the_file()).numbers["step"] == broken_at
    assert torch.equal(read_checkpoint(the_file()).tensors["parameter 0"], weights)

    fresh, more = torch.zeros(2, requires_grad=True), []
    resumed = fit(drawing(fresh, more), [fresh], config, checkpoint="line")
    assert more == seen[broken_at:]  # the batch that broke is drawn again
    assert resumed.losses == history.losses
    assert torch.equal(fresh, whole)


def test_a_batch_that_was_cut_short_is_drawn_again() -> None:
    whole, seen = torch.zeros(2, requires_grad=True), []
    fit(drawing(whole, seen), [whole], LAZY)
    weights, batches = torch.zeros(2, requires_grad=True), []
    calls = 0

    def cut_off(generator: torch.Generator) -> Tensor:
        nonlocal calls
        calls += 1
        value = drawing(weights, batches)(generator)
        if calls == 8:
            raise KeyboardInterrupt
        return value

    with pytest.raises(KeyboardInterrupt):
        fit(cut_off, [weights], LAZY, checkpoint="line")
    fresh, more = torch.zeros(2, requires_grad=True), []
    fit(drawing(fresh, more), [fresh], LAZY, checkpoint="line")
    assert more == seen[7:]
    assert torch.equal(fresh, whole)


def test_the_curve_goes_on_whatever_way_the_parameters_lie_in_memory() -> None:
    def train(stop_at: int | None, **more: str) -> tuple[list[float], Tensor]:
        torch.manual_seed(0)
        layer = torch.nn.Conv2d(3, 5, 3).to(memory_format=torch.channels_last)
        calls = 0

        def loss(generator: torch.Generator) -> Tensor:
            nonlocal calls
            if calls == stop_at:
                raise KeyboardInterrupt
            calls += 1
            return layer(torch.rand(2, 3, 6, 6, generator=generator)).square().mean()

        return fit(loss, layer.parameters(), LAZY, **more).losses, layer.weight.detach()

    losses, weight = train(None)
    with pytest.raises(KeyboardInterrupt):
        train(7, checkpoint="conv")
    resumed, other = train(None, checkpoint="conv")
    assert resumed == losses
    assert torch.equal(other, weight)


def ruined_by_a_gradient(weights: Tensor, at: int) -> Callable[[torch.Generator], Tensor]:
    """At step `at` the loss is 0, but its gradient is NaN: √ at 0 times 0."""
    calls = 0

    def loss(generator: torch.Generator) -> Tensor:
        nonlocal calls
        calls += 1
        if calls == at + 1:
            return ((weights * 0).square().sum().sqrt() * 0).sum()
        return (weights - 1).square().sum()

    return loss


def test_ruined_parameters_come_back_from_the_checkpoint() -> None:
    weights = torch.zeros(2, requires_grad=True)
    with pytest.raises(FloatingPointError, match="ruined by a gradient, are again those of step 5"):
        fit(ruined_by_a_gradient(weights, 5), [weights], CONFIG, checkpoint="line")
    assert read_checkpoint(the_file()).numbers["step"] == 5  # a later one would be ruined
    assert torch.equal(read_checkpoint(the_file()).tensors["parameter 0"], weights)
    assert weights.isfinite().all()


def test_without_a_checkpoint_ruined_parameters_are_called_lost() -> None:
    weights = torch.zeros(2, requires_grad=True)
    with pytest.raises(FloatingPointError, match=r"step 6 .*build the model anew, and pass chec"):
        fit(ruined_by_a_gradient(weights, 5), [weights], CONFIG)
    assert not checkpoint_folder().exists()


def test_the_stop_button_does_not_save_ruined_parameters() -> None:
    weights = torch.zeros(2, requires_grad=True)
    ruin, calls = ruined_by_a_gradient(weights, 5), 0

    def loss(generator: torch.Generator) -> Tensor:
        nonlocal calls
        calls += 1
        if calls == 7:
            raise KeyboardInterrupt
        return ruin(generator)

    with pytest.raises(KeyboardInterrupt):
        fit(loss, [weights], LAZY, checkpoint="line")
    assert not list(checkpoint_folder().glob("*"))


def test_the_best_parameters_are_put_back_when_the_loss_breaks() -> None:
    weights = torch.zeros(1, requires_grad=True)
    loss = breaking(drawing(weights, []), 8, math.inf)
    config = FitConfig(steps=20, evaluate_every=3)
    at_step: dict[int, float] = {}
    scores = iter([1.0, 0.5])

    def evaluate() -> dict[str, float]:
        at_step[len(at_step)] = weights.item()
        return {"psnr": next(scores)}

    with pytest.raises(FloatingPointError, match="those of the best evaluation, at step 3"):
        fit(loss, [weights], config, evaluate=evaluate, keep_best="psnr")
    assert weights.item() == at_step[0] != at_step[1]
