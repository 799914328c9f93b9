"""The task of cars and chairs from one photograph: its objects, its cameras, and that no seed is a hard one."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from autograder.trained.drawn import draw_task
from autograder.trained.judge import views_of
from autograder.trained.street import objects_of
from autograder.trained.tasks.one_glance import CARS, CHAIRS, TASK, objects_on_show
from course_lib.data import load_task
from course_lib.scenes import make_scene, photograph
from tests.drawn_cameras import cameras_of

DRAWN = draw_task(TASK, "a secret of these tests")
SHAPE = (12, 4, 64, 64, 3)


@settings(max_examples=5, deadline=None)
@given(st.text(max_size=8))
def test_cameras_stand_where_the_notebook_says(seed: str) -> None:
    azimuth, elevation, roll, radius = cameras_of(TASK, seed)
    for views, (low, high) in (([0], (15, 45)), ([1, 2, 4], (10, 60)), ([3], (70, 80))):
        assert ((elevation[:, views] >= low - 0.01) & (elevation[:, views] <= high + 0.01)).all()
    assert np.allclose(radius[:, :4], 1.2, atol=1e-5)
    assert np.allclose(radius[:, 4], np.where(np.arange(12) % 2 == 0, 1.2, 0.9), atol=1e-5)
    assert np.abs(roll[:, :4]).max() < 0.01
    assert np.abs(roll[1::2, 4]).max() < 0.01
    turned = np.abs(roll[::2, 4])
    assert ((turned >= 29.99) & (turned <= 150.01)).all()
    apart = np.abs((azimuth[:, 1:] - azimuth[:, :1] + 180) % 360 - 180)
    assert apart.min() >= 24.99


def test_what_can_be_spread_is() -> None:
    azimuth, elevation, _, _ = cameras_of(TASK, "even")
    assert sorted(np.floor((azimuth[:, 0] % 360) / 30).astype(int)) == list(range(12))
    for view, ends in enumerate([(15, 45), (10, 60), (10, 60), (70, 80)]):
        low, high = np.sin(np.deg2rad(ends))
        part = (np.sin(np.deg2rad(elevation[:, view])) - low) / (high - low)
        assert sorted(np.floor(part * 12 + 1e-5).clip(0, 11).astype(int)) == list(range(12))
        assert np.argsort(elevation[:, view]).tolist() != list(range(12))


def test_there_is_a_car_of_each_kind_and_then_a_chair_of_each_kind() -> None:
    for seed in ("a", "b"):
        objects = objects_on_show(seed)
        assert [scene.category for scene in objects] == ["cars"] * 6 + ["chairs"] * 6
        assert Counter(scene.kind for scene in objects) == Counter((*CARS, *CHAIRS))
    fingerprints = [{s.fingerprint() for s in objects_on_show(seed)} for seed in ("a", "b")]
    assert fingerprints[0].isdisjoint(fingerprints[1])


def test_objects_of_a_kind_are_the_first_that_come() -> None:
    street = [make_scene("chairs", "some task x", index) for index in range(200)]
    arms = [chair.fingerprint() for chair in street if chair.kind == "arm"]
    found = objects_of("chairs", {"arm": 3}, "some task", "x")
    assert [chair.fingerprint() for chair in found] == arms[:3]
    assert objects_of("chairs", {"arm": 0}, "some task", "x") == []


def test_every_picture_is_of_its_own_object() -> None:
    objects = objects_on_show(DRAWN.seed)
    public, hidden = DRAWN.public, views_of(DRAWN.hidden.images, SHAPE)
    for i in (0, 5, 6, 11):  # the first and the last of each category
        K, poses = public.train.K[i, 0], public.world_from_camera[i]
        alone = photograph(objects[i], K, poses, (64, 64)).images
        assert np.abs((alone * 255).round().numpy() - hidden[i]).max() <= 1
        first = photograph(objects[i], K, public.train.world_from_camera[i], (64, 64)).images
        assert torch.allclose(first, public.train.images[i], atol=1.01 / 255)


def test_every_view_shows_something_and_no_two_are_alike() -> None:
    hidden = views_of(DRAWN.hidden.images, SHAPE)
    shown = (DRAWN.public.train.images.numpy() * 255).round()
    every = np.concatenate([shown, hidden], 1).reshape(-1, 64, 64, 3)
    seen = (every < 250).any(-1).mean((1, 2))
    assert seen.min() > 0.04
    assert seen.max() < 0.6
    flat = every.reshape(len(every), -1).astype(float)
    differences = ((flat[:, None] - flat[None]) ** 2).mean(-1) + 1e9 * np.eye(len(flat))
    assert differences.min() > 100  # 28 dB


def test_everything_lies_between_near_and_far() -> None:
    drawn, objects = TASK.draw("depths"), objects_on_show("depths")
    middle = (torch.arange(64) + 0.5) / 64
    u, v = torch.meshgrid(middle, middle, indexing="xy")
    K = drawn.train.K[0, 0]
    longer = (torch.stack([u, v, torch.ones_like(u)], -1) @ K.inverse().mT).norm(dim=-1)
    for some in (slice(0, 6), slice(6, 12)):
        views = photograph(objects[some], K, drawn.hidden.world_from_camera[some], (64, 64))
        assert views.depth is not None
        distance = (views.depth * longer)[views.foreground()]
        assert drawn.train.near <= distance.min() < 0.8
        assert 1.2 < distance.max() <= drawn.train.far


def test_the_task_in_the_repository_is_this_one() -> None:
    task = load_task("one_glance")
    assert task.train.batch_shape == (12, 1)
    assert task.hidden_shape == (12, 4)
    assert (len(task), *task.resolution) == TASK.views
    assert (task.near, task.far) == (pytest.approx(0.4), pytest.approx(1.7))
    assert torch.allclose(task.train.K, task.K.expand_as(task.train.K))
