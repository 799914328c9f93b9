"""The task of a car from two photographs: its cars, its cameras, and that no seed is an easy or a hard one."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.trained.drawn import draw_task
from autograder.trained.judge import views_of
from autograder.trained.street import KINDS, cars_of
from autograder.trained.tasks import one_photograph
from autograder.trained.tasks.two_photographs import TASK
from course_lib.data import load_task
from tests.drawn_cameras import cameras_of

DRAWN = draw_task(TASK, "a secret of these tests")
SHAPE = (12, 4, 64, 64, 3)


@settings(max_examples=5, deadline=None)
@given(st.text(max_size=8))
def test_cameras_stand_where_the_notebook_says(seed: str) -> None:
    azimuth, elevation, roll, radius = cameras_of(TASK, seed)
    usual = elevation[:, [0, 1, 2, 3, 5]]
    assert ((usual >= 9.99) & (usual <= 60.01)).all()
    assert ((elevation[:, 4] >= 74.99) & (elevation[:, 4] <= 85.01)).all()
    assert np.allclose(radius[:, :5], 1.2, atol=1e-5)
    assert np.allclose(radius[:, 5], np.where(np.arange(12) % 2 == 0, 1.2, 0.9), atol=1e-5)
    assert np.abs(roll[:, :5]).max() < 0.01
    assert np.abs(roll[1::2, 5]).max() < 0.01
    turned = np.abs(roll[::2, 5])
    assert ((turned >= 29.99) & (turned <= 150.01)).all()
    between = (azimuth[:, 1] - azimuth[:, 0]) % 360
    assert ((between >= 69.99) & (between <= 110.01)).all()
    for photograph in (0, 1):
        off = (azimuth[:, 2:] - azimuth[:, photograph, None] + 180) % 360 - 180
        assert np.abs(off).min() >= 24.99


def test_what_can_be_spread_is() -> None:
    azimuth, elevation, _, _ = cameras_of(TASK, "even")
    assert sorted(np.floor((azimuth[:, 0] % 360) / 30).astype(int)) == list(range(12))
    for view in range(5):
        low, high = np.sin(np.deg2rad((75, 85) if view == 4 else (10, 60)))
        part = (np.sin(np.deg2rad(elevation[:, view])) - low) / (high - low)
        assert sorted(np.floor(part * 12 + 1e-5).clip(0, 11).astype(int)) == list(range(12))
        assert np.argsort(elevation[:, view]).tolist() != list(range(12))


def test_cars_are_those_of_the_street_and_not_those_of_the_other_task() -> None:
    cars = cars_of(TASK.id, "a")
    assert Counter(car.kind for car in cars) == KINDS
    assert len({car.fingerprint() for car in cars}) == 12
    others = cars_of(one_photograph.TASK.id, "a") + cars_of(TASK.id, "b")
    assert {car.fingerprint() for car in cars}.isdisjoint(car.fingerprint() for car in others)


def test_every_view_shows_its_car_and_no_two_are_alike() -> None:
    hidden = views_of(DRAWN.hidden.images, SHAPE)
    shown = (DRAWN.public.train.images.numpy() * 255).round()
    every = np.concatenate([shown, hidden], 1).reshape(-1, 64, 64, 3)
    seen = (every < 250).any(-1).mean((1, 2))
    assert seen.min() > 0.05
    assert seen.max() < 0.6
    flat = every.reshape(len(every), -1).astype(float)
    differences = ((flat[:, None] - flat[None]) ** 2).mean(-1) + 1e9 * np.eye(len(flat))
    assert differences.min() > 100  # 28 dB


def test_the_task_in_the_repository_is_this_one() -> None:
    task = load_task("two_photographs")
    assert task.train.batch_shape == (12, 2)
    assert task.hidden_shape == (12, 4)
    assert (len(task), *task.resolution) == TASK.views
    assert (task.near, task.far) == (pytest.approx(0.4), pytest.approx(1.7))
    assert torch.allclose(task.train.K, task.K.expand_as(task.train.K))
