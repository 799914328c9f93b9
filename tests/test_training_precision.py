"""Mixed precision: what each device computes in, scaled losses, and the same curve after a disconnect."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from course_lib.training import FitConfig, checkpoint_folder, fit
from course_lib.training.checkpoints import read_checkpoint
from course_lib.training.precision import Precision, chosen_dtype
from course_lib.training.run import Run

CUDA = torch.device("cuda", 0)
CPU = torch.device("cpu")
T4, A100 = (7, 5), (8, 0)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("capability", "precision", "dtype"),
    [
        (None, "float32", None),
        (None, "auto", None),
        (None, "bf16", torch.bfloat16),
        (None, "fp16", torch.float16),
        (T4, "float32", None),
        (T4, "auto", torch.float16),
        (T4, "fp16", torch.float16),
        (A100, "float32", None),
        (A100, "auto", torch.bfloat16),
        (A100, "bf16", torch.bfloat16),
        (A100, "fp16", torch.float16),
        ((12, 0), "auto", torch.bfloat16),
    ],
)
def test_every_device_computes_in_what_it_is_fast_in(
    monkeypatch: pytest.MonkeyPatch,
    capability: tuple[int, int] | None,
    precision: str,
    dtype: torch.dtype | None,
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: capability)
    assert chosen_dtype(precision, CPU if capability is None else CUDA) == dtype


def test_a_t4_has_no_bfloat16_and_the_message_says_what_it_has(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: T4)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Tesla T4")
    with pytest.raises(
        ValueError, match=r"'bf16', but Tesla T4 has .*\(7, 5\)\); precision='auto'"
    ):
        chosen_dtype("bf16", CUDA)


@pytest.mark.parametrize("precision", ["half", "bfloat16", None, 16])
def test_a_precision_that_is_none_is_named(precision: object) -> None:
    with pytest.raises(ValueError, match="precision must be one of float32, auto, bf16, fp16, not"):
        FitConfig(steps=1, precision=precision)  # type: ignore[arg-type]


def network() -> tuple[nn.Module, Callable[[torch.Generator], Tensor], list[torch.dtype]]:
    """A small network for y = sin 3x, and the numbers that it computes in."""
    torch.manual_seed(0)
    model, used = nn.Sequential(nn.Linear(1, 16), nn.Tanh(), nn.Linear(16, 1)), []

    def loss(generator: torch.Generator) -> Tensor:
        x = 2 * torch.rand(64, 1, generator=generator) - 1
        y = model(x)
        used.append(y.dtype)
        return (y.float() - torch.sin(3 * x)).square().mean()

    return model, loss, used


@pytest.mark.parametrize(
    ("precision", "dtype"),
    [
        ("float32", torch.float32),
        ("auto", torch.float32),
        ("bf16", torch.bfloat16),
        ("fp16", torch.float16),
    ],
)
def test_it_learns_in_every_precision_and_keeps_its_parameters_in_float32(
    precision: str, dtype: torch.dtype
) -> None:
    model, loss, used = network()
    evaluated: list[torch.dtype] = []

    def evaluate() -> dict[str, float]:
        evaluated.append(model(torch.zeros(1, 1)).dtype)
        return {}

    config = FitConfig(steps=300, learning_rate=0.02, precision=precision, clip_gradient=1.0)
    history = fit(loss, model.parameters(), config, evaluate=evaluate)
    assert history.losses[-1] < 0.01 < history.losses[0]
    assert set(used) == {dtype}
    assert evaluated == [torch.float32]
    assert {tensor.dtype for tensor in model.parameters()} == {torch.float32}


def test_float32_leaves_an_autocast_around_it_alone() -> None:
    model, loss, used = network()
    with torch.autocast("cpu", torch.bfloat16):
        fit(loss, model.parameters(), FitConfig(steps=2))
    assert set(used) == {torch.bfloat16}


def test_a_step_that_overflows_changes_the_scale_and_nothing_else() -> None:
    weights = torch.ones(2, requires_grad=True)
    run = Run([weights], FitConfig(steps=5, precision="fp16"))
    assert run.precision.scaler is not None

    def loss(generator: torch.Generator) -> Tensor:
        return (weights * 2.0**120).sum()

    run.advance(loss)
    assert torch.equal(weights, torch.ones(2))
    assert run.precision.scaler.get_scale() == 2.0**15
    run.advance(lambda generator: weights.sum())
    assert (weights < 1).all()


def test_a_gradient_is_clipped_as_if_it_had_never_been_scaled() -> None:
    weights = torch.zeros(2, requires_grad=True)
    config = FitConfig(steps=3, clip_gradient=0.5, precision="fp16")
    fit(lambda _: 1000 * (weights - 1).square().sum(), [weights], config)
    assert weights.grad is not None
    assert weights.grad.norm().item() == pytest.approx(0.5, rel=1e-4)


def test_the_scale_is_part_of_the_checkpoint_and_the_curve_goes_on() -> None:
    config = FitConfig(steps=12, learning_rate=0.05, precision="fp16", seed=2)
    whole = torch.ones(2, requires_grad=True)
    history = fit(overflowing_twice(whole), [whole], config)

    weights = torch.ones(2, requires_grad=True)
    loss, calls = overflowing_twice(weights), 0

    def cut_off(generator: torch.Generator) -> Tensor:
        nonlocal calls
        calls += 1
        value = loss(generator)
        if calls == 7:
            raise KeyboardInterrupt
        return value

    with pytest.raises(KeyboardInterrupt):
        fit(cut_off, [weights], config, checkpoint="scaled")
    (path,) = checkpoint_folder().glob("*")
    assert read_checkpoint(path).numbers["precision"]["scale"] == 2.0**14
    fresh = torch.ones(2, requires_grad=True)
    resumed = fit(overflowing_twice(fresh), [fresh], config, checkpoint="scaled")
    assert resumed.losses == history.losses
    assert torch.equal(fresh, whole)
    assert (whole < 0.9).all()  # it did move


def overflowing_twice(weights: Tensor) -> Callable[[torch.Generator], Tensor]:
    """Gradients of 3 are too large for float16 under scales of 2¹⁶ and 2¹⁵: two steps change only the scale."""

    def loss(generator: torch.Generator) -> Tensor:
        x = torch.rand(1, 2, generator=generator)
        return 3 * nn.functional.linear(x, weights[None]).float().sum()

    return loss


def test_gradients_that_are_never_finite_stop_the_run() -> None:
    weights = torch.zeros(2, requires_grad=True)
    config = FitConfig(steps=1000, precision="fp16")

    def loss(generator: torch.Generator) -> Tensor:
        return ((weights * 0).square().sum().sqrt() * 0).sum()

    with pytest.raises(
        FloatingPointError, match=r"at every scale of the loss at step 36 \(batch 37"
    ):
        fit(loss, [weights], config)
    assert torch.equal(weights, torch.zeros(2))


def test_numbers_too_large_for_float16_are_told_the_way_out() -> None:
    weights = torch.full((1, 2), 300.0, requires_grad=True)

    def loss(generator: torch.Generator) -> Tensor:
        return nn.functional.linear(torch.full((1, 2), 300.0), weights).float().sum()

    with pytest.raises(
        FloatingPointError, match=r"loss is inf .*65504: precision='float32' has room"
    ):
        fit(loss, [weights], FitConfig(steps=3, precision="fp16"))
    fit(loss, [weights], FitConfig(steps=3))


def test_a_run_that_moves_to_a_device_without_scaling_goes_on_without() -> None:
    scaled, plain = Precision("fp16", CPU), Precision("float32", CPU)
    plain.load(scaled.state())
    assert plain.state() == {}
    scaled.load({})
    assert scaled.state()["scale"] == 2.0**16
