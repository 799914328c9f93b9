"""fit(): the same seed gives the same curve, also across an interruption; checkpoints are whole and run no code."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from course_lib.training import (
    CheckpointError,
    FitConfig,
    History,
    bytes_kept,
    checkpoint_folder,
    fit,
    psnr,
)
from course_lib.training.checkpoints import read_checkpoint, write_checkpoint

CONFIG = FitConfig(steps=40, learning_rate=0.05, evaluate_every=10, seed=3)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def line_fitting() -> tuple[Tensor, Callable[[torch.Generator], Tensor]]:
    """Two numbers to find, a and b of a·x + b, from noisy batches."""
    weights = torch.zeros(2, requires_grad=True)

    def loss(generator: torch.Generator) -> Tensor:
        x = torch.rand(16, generator=generator)
        noise = 0.01 * torch.randn(16, generator=generator)
        return (weights[0] * x + weights[1] - (3 * x - 1 + noise)).square().mean()

    return weights, loss


def test_it_minimises() -> None:
    weights, loss = line_fitting()
    history = fit(loss, [weights], FitConfig(steps=600, learning_rate=0.05))
    assert torch.allclose(weights.detach(), torch.tensor([3.0, -1.0]), atol=0.03)
    assert len(history.losses) == 600
    assert history.losses[-1] < 1e-3 < history.losses[0]


def test_the_same_seed_gives_the_same_curve_and_another_seed_another() -> None:
    curves = []
    for seed in (1, 1, 2):
        weights, loss = line_fitting()
        curves.append(fit(loss, [weights], FitConfig(steps=20, seed=seed)).losses)
    assert curves[0] == curves[1] != curves[2]


@pytest.mark.parametrize("stop_at", [1, 17, 39])
def test_an_interrupted_run_goes_on_to_the_same_end(stop_at: int) -> None:
    weights, loss = line_fitting()
    whole = fit(loss, [weights], CONFIG, evaluate=lambda: {"a": weights[0].item()})

    other, other_loss = line_fitting()
    calls = 0

    def cut_off(generator: torch.Generator) -> Tensor:
        nonlocal calls
        if calls == stop_at:
            raise KeyboardInterrupt
        calls += 1
        return other_loss(generator)

    with pytest.raises(KeyboardInterrupt):
        fit(cut_off, [other], CONFIG, evaluate=lambda: {"a": other[0].item()}, checkpoint="line")
    fresh, fresh_loss = line_fitting()  # a new kernel knows nothing
    history = fit(
        fresh_loss, [fresh], CONFIG, evaluate=lambda: {"a": fresh[0].item()}, checkpoint="line"
    )
    assert history.losses == whole.losses
    assert history.curve("a") == whole.curve("a")
    assert torch.equal(fresh, weights)
    assert not list(checkpoint_folder().glob("*"))  # a finished run trains anew next time


def test_a_resumed_run_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    weights, loss = line_fitting()

    def stop(step: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(loss, [weights], CONFIG, evaluate=lambda: {"a": 0.0}, show=stop, checkpoint="line")
    fit(loss, [weights], CONFIG, checkpoint="line")
    assert "Continuing at step 10 from" in capsys.readouterr().out


def test_another_configuration_is_another_run() -> None:
    weights, loss = line_fitting()

    def stop(step: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(loss, [weights], CONFIG, evaluate=lambda: {"a": 0.0}, show=stop, checkpoint="line")
    history = fit(loss, [weights], FitConfig(steps=5), checkpoint="line")
    assert len(history.losses) == 5


def test_a_model_of_other_shape_is_refused_with_the_way_out() -> None:
    weights, loss = line_fitting()

    def stop(step: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(loss, [weights], CONFIG, evaluate=lambda: {"a": 0.0}, show=stop, checkpoint="line")
    larger = torch.zeros(3, requires_grad=True)
    with pytest.raises(CheckpointError, match=r"line-.*other parameters.*Delete it"):
        fit(lambda generator: larger.sum(), [larger], CONFIG, checkpoint="line")


def test_an_infinite_loss_stops_before_it_ruins_anything() -> None:
    weights = torch.ones(2, requires_grad=True)

    def loss(generator: torch.Generator) -> Tensor:
        return (weights * math.inf).sum()

    with pytest.raises(FloatingPointError, match="loss is inf at step 0"):
        fit(loss, [weights], CONFIG, checkpoint="broken")
    assert torch.equal(weights, torch.ones(2))
    assert not list(checkpoint_folder().glob("*"))


def test_groups_train_at_their_own_rates() -> None:
    slow, fast = torch.zeros(1, requires_grad=True), torch.zeros(1, requires_grad=True)

    def loss(generator: torch.Generator) -> Tensor:
        return (slow + fast - 100).square().sum()

    fit(loss, {1.0: [slow], 5.0: [fast]}, FitConfig(steps=10))
    assert fast.item() == pytest.approx(5 * slow.item(), rel=0.01)


def test_clipping_bounds_the_gradient_of_a_step() -> None:
    weights = torch.zeros(2, requires_grad=True)

    def loss(generator: torch.Generator) -> Tensor:
        return 1000 * (weights - 1).square().sum()

    fit(loss, [weights], FitConfig(steps=3, clip_gradient=0.5))
    assert weights.grad is not None
    assert weights.grad.norm().item() == pytest.approx(0.5, rel=1e-4)


def test_the_rate_falls_from_one_to_its_final_share() -> None:
    config = FitConfig(steps=100, final_rate=0.1)
    rates = [config.rate_at(step) for step in range(101)]
    assert rates[0] == 1
    assert rates[-1] == pytest.approx(0.1)
    assert all(a > b for a, b in pairwise(rates))


def test_bad_settings_are_named() -> None:
    with pytest.raises(ValueError, match="steps must be a whole number, 1 or more, not 0"):
        FitConfig(steps=0)
    with pytest.raises(ValueError, match="learning_rate must be a positive number"):
        FitConfig(steps=1, learning_rate=-1.0)
    with pytest.raises(ValueError, match="no parameters"):
        fit(lambda generator: torch.zeros(()), [], CONFIG)


def test_checkpoints_run_no_code(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "ran",))

    path = tmp_path / "evil.safetensors"
    for data in (pickle.dumps(Evil()), b"", b"\xff" * 64):
        path.write_bytes(data)
        with pytest.raises(CheckpointError, match=r"evil\.safetensors cannot be read.*Delete it"):
            read_checkpoint(path)
    assert not (tmp_path / "ran").exists()


def test_a_damaged_or_foreign_checkpoint_is_named(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    write_checkpoint(path, {"a": torch.zeros(100)}, {"step": 1})
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(CheckpointError, match=r"run\.safetensors cannot be read"):
        read_checkpoint(path)
    save_file({"a": torch.zeros(1)}, path)
    with pytest.raises(CheckpointError, match="no checkpoint of fit"):
        read_checkpoint(path)


def test_writing_leaves_the_old_file_if_it_fails(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    write_checkpoint(path, {"a": torch.ones(2)}, {"step": 1})
    with pytest.raises(TypeError):
        write_checkpoint(path, {"a": torch.zeros(2)}, {"step": object()})
    assert read_checkpoint(path).numbers == {"step": 1}
    assert torch.equal(read_checkpoint(path).tensors["a"], torch.ones(2))
    assert [p.name for p in tmp_path.iterdir()] == ["run.safetensors"]


def test_kept_bytes_grow_with_the_batch_and_shrink_with_checkpointing() -> None:
    weights = torch.randn(64, 64, requires_grad=True)

    def loss(rows: int, recompute: bool = False) -> Tensor:
        def layer(x: Tensor) -> Tensor:
            return (x @ weights).sin().exp()

        x = torch.ones(rows, 64)
        hidden = checkpoint(layer, x, use_reentrant=False) if recompute else layer(x)
        return hidden.sum()

    one = bytes_kept(lambda: loss(100))
    assert one == 3 * 100 * 64 * 4  # x, x @ weights, exp; the parameters do not count
    assert bytes_kept(lambda: loss(200)) == 2 * one
    assert bytes_kept(lambda: loss(100, recompute=True)) < one


def test_parameters_that_are_kept_as_views_do_not_count() -> None:
    layers = torch.nn.Parameter(torch.randn(3, 50, 40))
    x = torch.randn(3, 7, 40)
    assert bytes_kept(lambda: torch.bmm(x, layers.mT).sum()) == 3 * 7 * 40 * 4  # x alone


def test_history_names_what_was_evaluated() -> None:
    history = History()
    with pytest.raises(ValueError, match="pass evaluate"):
        history.last("psnr")
    history.add(10, {"psnr": 20.0})
    assert history.last("psnr") == 20.0
    with pytest.raises(KeyError, match="there are: psnr"):
        history.curve("ssim")


def test_psnr_of_known_images() -> None:
    image = torch.rand(4, 5, 3)
    assert psnr(image, image) == math.inf
    assert psnr(image + 0.1, image) == pytest.approx(20, abs=1e-4)
    with pytest.raises(ValueError, match=r"shapes differ: \(4, 5, 3\) and \(5, 3\)"):
        psnr(image, image[0])
