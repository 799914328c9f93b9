"""The stop button while the optimiser is at work: the step is made and counted, then the run stops."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.optim.optimizer import register_optimizer_step_post_hook

from course_lib.training import FitConfig, fit
from course_lib.training.interrupts import whole

pytestmark = pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(), reason="signals need the main thread"
)
CONFIG = FitConfig(steps=12, learning_rate=0.05)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    before = signal.getsignal(signal.SIGINT)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def train(weights: list[Tensor], checkpoint: str | None = None) -> list[float]:
    def loss(generator: torch.Generator) -> Tensor:
        x = torch.rand(2, generator=generator)
        return sum(((tensor - x).square().sum() for tensor in weights), torch.zeros(()))

    groups = {1.0: weights[:1], 5.0: weights[1:]}
    return fit(loss, groups, CONFIG, checkpoint=checkpoint).losses


def two() -> list[Tensor]:
    return [torch.zeros(2, requires_grad=True) for _ in range(2)]


@pytest.mark.parametrize("stop_at", [1, 7, 12])
def test_a_stop_after_the_update_and_before_its_count(stop_at: int) -> None:
    expected = two()
    losses = train(expected)
    updates = 0

    def press_stop(*_: object) -> None:
        nonlocal updates
        updates += 1
        if updates == stop_at:
            signal.raise_signal(signal.SIGINT)

    hook = register_optimizer_step_post_hook(press_stop)
    try:
        with pytest.raises(KeyboardInterrupt):
            train(two(), "run")
    finally:
        hook.remove()
    assert updates == stop_at  # stopped at once
    resumed = two()
    assert train(resumed, "run") == losses
    assert all(torch.equal(*pair) for pair in zip(resumed, expected, strict=True))


def test_the_signal_strikes_once_at_the_end_and_the_handler_is_back() -> None:
    reached = []

    def pressed_twice() -> None:
        with whole():
            signal.raise_signal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            reached.append("the end")

    with pytest.raises(KeyboardInterrupt):
        pressed_twice()
    assert reached == ["the end"]


def test_errors_pass_and_nothing_strikes_without_a_signal() -> None:
    with pytest.raises(ValueError, match="of its own"), whole():
        raise ValueError("of its own")
    with whole():
        pass


def test_in_another_thread_nothing_is_held_back() -> None:
    handlers = []

    def work() -> None:
        with whole():
            handlers.append(signal.getsignal(signal.SIGINT))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert handlers == [signal.default_int_handler]
