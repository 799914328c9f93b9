"""The task of a car from one photograph: its cars, its cameras, and that no seed is an easy or a hard one."""

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
from autograder.trained.tasks.one_photograph import TASK
from course_lib.data import PosedViews, load_task
from tests.drawn_cameras import cameras_of

DRAWN = draw_task(TASK, "a secret of these tests")
SHAPE = (12, 4, 64, 64, 3)


@settings(max_examples=5, deadline=None)
@given(st.text(max_size=8))
def test_cameras_stand_where_the_notebook_says(seed: str) -> None:
    azimuth, elevation, roll, radius = cameras_of(TASK, seed)
    assert ((elevation[:, 0] >= 15) & (elevation[:, 0] <= 40)).all()
    inside = elevation[:, [1, 2, 4]]
    assert ((inside >= 9.99) & (inside <= 40.01)).all()
    assert ((elevation[:, 3] >= 59.99) & (elevation[:, 3] <= 75.01)).all()
    assert np.allclose(radius[:, :4], 1.2, atol=1e-5)
    assert np.allclose(radius[:, 4], np.where(np.arange(12) % 2 == 0, 1.2, 0.9), atol=1e-5)
    assert np.abs(roll[:, :4]).max() < 0.01
    assert np.abs(roll[1::2, 4]).max() < 0.01
    turned = np.abs(roll[::2, 4])
    assert ((turned >= 29.99) & (turned <= 150.01)).all()
    apart = np.abs((azimuth[:, 1:] - azimuth[:, :1] + 180) % 360 - 180)
    assert apart.min() >= 19.99


def test_azimuths_and_elevations_are_spread_evenly() -> None:
    azimuth, elevation, _, _ = cameras_of(TASK, "even")
    assert sorted(np.floor((azimuth[:, 0] % 360) / 30).astype(int)) == list(range(12))
    for view, (low, high) in ((0, (15, 40)), (1, (10, 40)), (2, (10, 40)), (3, (60, 75))):
        bounds = np.sin(np.deg2rad([low, high]))
        part = (np.sin(np.deg2rad(elevation[:, view])) - bounds[0]) / (bounds[1] - bounds[0])
        assert sorted(np.floor(part * 12 + 1e-5).clip(0, 11).astype(int)) == list(range(12))
        order = np.argsort(elevation[:, view])
        assert order.tolist() != list(range(12))  # at random: no car is always seen from above


def test_cars_come_in_the_proportions_of_the_street() -> None:
    for seed in ("a", "b"):
        cars = cars_of(TASK.id, seed)
        assert Counter(car.kind for car in cars) == KINDS
        assert len({car.fingerprint() for car in cars}) == 12
    assert {car.fingerprint() for car in cars_of(TASK.id, "a")}.isdisjoint(
        car.fingerprint() for car in cars_of(TASK.id, "b")
    )


def test_every_view_shows_its_car_and_no_two_are_alike() -> None:
    hidden = views_of(DRAWN.hidden.images, SHAPE)
    shown = (DRAWN.public.train.images.numpy() * 255).round()
    every = np.concatenate([shown, hidden], 1).reshape(-1, 64, 64, 3)
    seen = (every < 250).any(-1).mean((1, 2))
    assert seen.min() > 0.05
    assert seen.max() < 0.5
    flat = every.reshape(len(every), -1).astype(float)
    differences = ((flat[:, None] - flat[None]) ** 2).mean(-1) + 1e9 * np.eye(len(flat))
    assert differences.min() > 100  # 28 dB: not even two views of one car
    # The photograph is of the same car: most of its colours are in the hidden views, too.
    for i in range(12):
        paint = np.median(shown[i, 0][(shown[i, 0] < 250).any(-1)], axis=0)
        nearest = np.abs(hidden[i].reshape(-1, 3) - paint).max(-1)
        assert (nearest < 60).mean() > 0.02


def test_everything_lies_between_near_and_far() -> None:
    from course_lib.scenes import photograph

    drawn = TASK.draw("depths")
    cars = cars_of(TASK.id, "depths")
    poses = drawn.hidden.world_from_camera
    views: PosedViews = photograph(cars, drawn.train.K[0, 0], poses, (64, 64))
    assert views.depth is not None
    middle = (torch.arange(64) + 0.5) / 64
    u, v = torch.meshgrid(middle, middle, indexing="xy")
    rays = torch.stack([u, v, torch.ones_like(u)], -1) @ drawn.train.K[0, 0].inverse().mT
    distance = (views.depth * rays.norm(dim=-1))[views.foreground()]
    assert drawn.train.near <= distance.min() < 0.6
    assert 1.4 < distance.max() <= drawn.train.far
    assert torch.equal(views.images, drawn.hidden.images)  # and this is what is hidden


def test_the_task_in_the_repository_is_this_one() -> None:
    task = load_task("one_photograph")
    assert task.train.batch_shape == (12, 1)
    assert task.hidden_shape == (12, 4)
    assert (len(task), *task.resolution) == TASK.views
    assert (task.near, task.far) == (pytest.approx(0.4), pytest.approx(1.7))
