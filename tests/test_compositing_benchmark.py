"""The derivative by hand that the benchmark times is the derivative, also where samples are opaque."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from autograder.grading.reference import load_reference
from benchmarks import compositing

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("result", [0, 1, 2])
def test_values_and_gradients_are_those_of_composite(
    result: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compositing, "PORTION", 3)  # the last portion is smaller than the others
    generator = torch.Generator().manual_seed(5)
    alpha = torch.rand(8, 6, generator=generator, dtype=torch.float64)
    alpha[0, 2] = alpha[2, 5] = alpha[3, 0] = alpha[4, 1] = alpha[4, 3] = 1.0
    alpha[1] = 1.0
    values = torch.rand(8, 6, 4, generator=generator, dtype=torch.float64)
    background = torch.rand(4, generator=generator, dtype=torch.float64)
    composite = load_reference(ROOT / "solutions" / "02_rendering.py")["composite"]
    found = []
    for way in (composite, compositing.composite_in_portions):
        leaves = [alpha.clone().requires_grad_(), values.clone().requires_grad_()]
        results = way(*leaves, background)
        wave = torch.cos(torch.arange(results[result].numel(), dtype=torch.float64))
        (results[result].flatten() @ wave).backward()
        found.append(
            [*results, *(torch.zeros_like(x) if x.grad is None else x.grad for x in leaves)]
        )
    for ours, theirs in zip(*found, strict=True):
        assert torch.allclose(ours, theirs, atol=1e-12)


def test_the_traffic_is_that_of_every_number_once() -> None:
    values = 4 * compositing.RAYS * compositing.SAMPLES * compositing.CHANNELS
    assert compositing.bytes_to_move() == 3 * values + 7 * values // compositing.CHANNELS
