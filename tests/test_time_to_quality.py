"""Time to quality: both networks on the same photographs, in one plot."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import scene_networks, time_to_quality
from benchmarks.scene_networks import Recipe
from course_lib.data import PosedViews


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    def least(recipe: Recipe) -> Recipe:
        return replace(recipe, objects=2, photographs=2, steps=2)

    monkeypatch.setattr(time_to_quality, "_budget", least)
    monkeypatch.setattr(time_to_quality, "EVALUATIONS", 1)


def test_both_networks_learn_from_the_same_photographs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    learned: dict[str, PosedViews] = {}

    def noted(
        recipe: Recipe, seed: int, seen: PosedViews, *rest: PosedViews, **more: int
    ) -> object:
        learned[recipe.network.__name__] = seen
        return scene_networks.train(recipe, seed, seen, *rest, **more)

    monkeypatch.setattr(time_to_quality, "train", noted)
    figures = {figure.name: figure for figure in time_to_quality._curves("cars")}
    scenes, lights = learned["SceneNetwork"], learned["LightFieldNetwork"]
    assert scenes.batch_shape == lights.batch_shape == (2, 2)
    assert scenes.images.equal(lights.images)
    assert 10 < figures["cars: mean image"].value < 25
    for model in time_to_quality.MODELS:
        assert figures[f"cars, {model}: training"].value > 0
        assert figures[f"cars, {model}: held-out views"].value > 0
        assert 0.1 < figures[f"cars, {model}: parameters without codes"].value < 2


def test_what_was_aimed_at_binds_the_scene_network_only(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {figure.name: figure for figure in time_to_quality._curves("three_boxes")}
    aimed = {name: figure.limit for name, figure in found.items() if figure.limit is not None}
    assert aimed == {"three boxes, SRN: held-out views": 26.0, "three boxes, SRN: training": 60.0}
    assert found["three boxes, SRN: held-out views"].misses  # after two steps
    assert not found["three boxes, SRN: training"].misses


def test_curves_end_where_training_ends(tmp_path: Path) -> None:
    value = {}
    for title in time_to_quality.TITLES.values():
        value[f"{title}: mean image"] = 14.0
        for model, ahead in (("SRN", 0.0), ("LFN", 0.5)):
            curve = {5: 18.0 + ahead, 10: 20.0 + ahead}
            value |= {f"{title}, {model}: after {s} s": dB for s, dB in curve.items()}
            value |= {f"{title}, {model}: training": 15.4}
            value |= {f"{title}, {model}: held-out views": 22.0 + ahead}
    assert time_to_quality.steps(value, "cars, LFN") == [(5, 18.5), (10, 20.5), (15.4, 22.5)]
    figures = [time_to_quality.Figure(name, number, "dB") for name, number in value.items()]
    time_to_quality.draw(figures, "made up", tmp_path / "plot.png")
    assert (tmp_path / "plot.png").stat().st_size > 10_000
