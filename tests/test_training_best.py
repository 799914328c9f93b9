"""keep_best: the parameters of the best evaluation outlive overshooting, the stop button and a new kernel."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from course_lib.training import FitConfig, checkpoint_folder, fit

CONFIG = FitConfig(steps=12, learning_rate=0.1, evaluate_every=2, seed=1)


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


class Walk:
    """One parameter that moves at every step, and scripted scores with the values they were given to."""

    def __init__(self, scores: Iterable[float], metric: str = "psnr") -> None:
        self.weight = torch.zeros(1, requires_grad=True)
        self.scores, self.metric = iter(scores), metric
        self.seen: list[float] = []

    def loss(self, generator: torch.Generator) -> Tensor:
        return (self.weight - 10 - torch.rand((), generator=generator)).square().sum()

    def evaluate(self) -> dict[str, float]:
        self.seen.append(self.weight.item())
        return {self.metric: next(self.scores)}

    def fit(self, **more: Any) -> Any:
        call: dict[str, Any] = {"keep_best": "psnr", "evaluate": self.evaluate} | more
        return fit(call.pop("loss", self.loss), [self.weight], CONFIG, **call)


@pytest.mark.parametrize(
    ("scores", "keep_best", "best"),
    [
        ([1, 5, 4, 3, 2, 1], "psnr", 1),
        ([1, 2, 3, 4, 5, 6], "psnr", 5),
        ([3, 2, 1, 5, 5, 5], "-psnr", 2),
        ([-3, -2, -5, -5, -5, -5], "psnr", 1),
        ([math.nan, 2, math.nan, 3, math.nan, 1], "psnr", 3),
        ([7, 7, 7, 7, 7, 7], "psnr", 0),
    ],
)
def test_the_best_evaluation_wins(scores: list[float], keep_best: str, best: int) -> None:
    walk = Walk(scores)
    history = walk.fit(keep_best=keep_best)
    assert walk.weight.item() == walk.seen[best]
    assert history.best_step == 2 * (best + 1)
    assert len(set(walk.seen)) == 6  # it did move
    assert history.curve("psnr") == pytest.approx(scores, nan_ok=True)


def test_without_keep_best_the_last_parameters_stay() -> None:
    walk = Walk([1, 5, 4, 3, 2, 1])
    history = walk.fit(keep_best=None)
    assert walk.weight.item() == walk.seen[-1]
    assert history.best_step is None


def test_scores_that_are_no_numbers_keep_the_last_parameters() -> None:
    walk = Walk([math.nan] * 6)
    assert walk.fit().best_step is None
    assert walk.weight.item() == walk.seen[-1]


@pytest.mark.parametrize("stop_at", [3, 4, 11])
def test_the_best_survives_a_new_kernel(stop_at: int) -> None:
    scores = [1, 5, 4, 3, 2, 1]
    whole = Walk(scores)
    history = whole.fit()

    walk, calls = Walk(scores), 0

    def cut_off(generator: torch.Generator) -> Tensor:
        nonlocal calls
        if calls == stop_at:
            raise KeyboardInterrupt
        calls += 1
        return walk.loss(generator)

    with pytest.raises(KeyboardInterrupt):
        walk.fit(loss=cut_off, checkpoint="walk")
    assert walk.weight.item() == walk.seen[min(1, len(walk.seen) - 1)]  # to play with meanwhile
    fresh = Walk(scores[stop_at // 2 :])
    resumed = fresh.fit(checkpoint="walk")
    assert torch.equal(fresh.weight, whole.weight)
    assert vars(resumed) | {"seconds": 0, "trained_seconds": 0} == vars(history) | {
        "seconds": 0,
        "trained_seconds": 0,
    }
    assert walk.seen + fresh.seen == whole.seen
    assert not list(checkpoint_folder().glob("*"))


def test_an_evaluation_that_was_cut_off_is_made_again() -> None:
    walk, scores = Walk([1, 5, 4, 3, 2, 1]), [1, 5, 4, 3, 2, 1]
    whole = Walk(scores).fit()

    def cut_off() -> dict[str, float]:
        if len(walk.seen) == 1:
            raise KeyboardInterrupt
        return walk.evaluate()

    with pytest.raises(KeyboardInterrupt):
        walk.fit(evaluate=cut_off, checkpoint="walk")
    fresh = Walk(scores[1:])
    resumed = fresh.fit(checkpoint="walk")
    assert resumed.steps == whole.steps == [2, 4, 6, 8, 10, 12]
    assert resumed.metrics == whole.metrics


def test_the_best_by_another_metric_is_no_candidate() -> None:
    walk = Walk([9, 8, 7], "ssim")
    with pytest.raises(StopIteration):  # the fourth evaluation
        walk.fit(keep_best="ssim", checkpoint="walk")
    fresh = Walk([2, 3, 1])
    history = fresh.fit(checkpoint="walk")
    assert history.best_step == 10
    assert fresh.weight.item() == fresh.seen[1]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"keep_best": "ssim"}, "keep_best is 'ssim', but evaluate returned psnr"),
        ({"keep_best": "-ssim"}, "keep_best is '-ssim', but evaluate returned psnr"),
        ({"keep_best": "psnr", "evaluate": None}, "no evaluate=… to judge by"),
        ({"keep_best": ""}, "name of a metric, such as 'psnr', not ''"),
        ({"keep_best": "-"}, "name of a metric, such as 'psnr', not '-'"),
        ({"keep_best": True}, "name of a metric, such as 'psnr', not True"),
    ],
)
def test_what_cannot_be_judged_is_named(call: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Walk([1, 2, 3, 4, 5, 6]).fit(**call)


def test_pictures_are_drawn_without_gradients() -> None:
    walk = Walk([1, 2, 3, 4, 5, 6])
    shown: list[tuple[int, bool]] = []
    walk.fit(show=lambda step: shown.append((step, (walk.weight * 2).requires_grad)))
    assert shown == [(step, False) for step in (2, 4, 6, 8, 10, 12)]
