"""The benchmark of the baselines measures what it says."""

from __future__ import annotations

import math

import pytest
import torch

from benchmarks import baselines
from course_lib.models import Disentangling, DisentanglingConfig, split_views
from tests.sound_views import make_views


def test_the_mean_image_is_judged_photograph_by_photograph() -> None:
    known, further = split_views(make_views(3, 5, extras=False), 4)
    mean = known.images.double().mean((0, 1))
    errors = [(mean - photo).square().mean().item() for photo in further.images.flatten(0, 1)]
    expected = sum(-10 * math.log10(error) for error in errors) / 3
    assert baselines.mean_image(known, further) == pytest.approx(expected, abs=1e-3)


def test_every_model_has_its_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(baselines, "OBJECTS", 2)
    monkeypatch.setattr(baselines, "UNSEEN", 1)
    monkeypatch.setattr(baselines, "STEPS", 2)
    monkeypatch.setattr(baselines, "SEEDS", (0, 1))
    small = {
        "small": lambda seed: Disentangling(DisentanglingConfig(vectors=2, width=2, seed=seed))
    }
    monkeypatch.setattr(baselines, "MODELS", small)
    threads = torch.get_num_threads()
    found = {figure.name: figure for figure in baselines.figures()}
    assert torch.get_num_threads() == threads
    assert list(found) == [
        "mean image",
        "small: parameters",
        "small: 2 steps",
        "small: further views",
        "small: unseen, 1 view",
        "small: unseen, 4 views",
    ]
    judged = found["small: further views"]
    assert (judged.limit, judged.at_least) == (found["mean image"].value, True)
    assert 5 < judged.value < 30
