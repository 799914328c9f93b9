"""The curve over objects and photographs: what is compared with what, and numbers that are kept."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from benchmarks import kept, light_fields, objects_and_views, scene_networks
from benchmarks.objects_and_views import KNOWN, LFN, MINUTES, ONE, SRN, Job
from benchmarks.objects_and_views_drawn import by_question, draw
from course_lib.scenes import posed_views
from course_lib.solved.light_fields import LightFieldNetwork


def made_up() -> dict[Job, dict[str, float]]:
    """A world in which LFN is 1 dB behind SRN, and in the largest regime ever closer with every further seed."""
    found = {}
    for regime in objects_and_views.REGIMES:
        largest = regime == objects_and_views.LARGEST
        for seed in objects_and_views.SEEDS if largest else (0,):
            behind = 0.7 - 0.3 * seed if largest else 1.0
            for model, below in ((SRN, 0.0), (LFN, behind)):
                one = 20.0 + 0.01 * sum(regime) - below
                found[Job(model, *regime, seed)] = {KNOWN: one + 2 + below, ONE: one, MINUTES: 4.0}
    return found


def test_leads_are_those_of_the_largest_regime() -> None:
    figures = {figure.name: figure for figure in objects_and_views.listed(made_up())}
    worst = figures["1000 × 50, LFN before SRN: one photograph, worst seed"]
    assert worst.value == pytest.approx(-0.7)
    assert (worst.limit, worst.misses) == (-0.6, True)
    mean = figures["1000 × 50, LFN before SRN: one photograph, mean of seeds"]
    assert mean.value == pytest.approx(-0.4)
    assert not mean.misses
    known = figures["1000 × 50, LFN before SRN: known objects, worst seed"]
    assert known.value == pytest.approx(0.0)
    assert known.limit is None


def test_the_picture_has_every_regime_in_order_and_every_seed(tmp_path: Path) -> None:
    figures = objects_and_views.listed(made_up())
    reached = by_question(figures)
    assert set(reached) == {KNOWN, ONE}
    regimes = [f"{objects} × {views}" for objects, views in objects_and_views.REGIMES]
    assert list(reached[ONE][SRN]) == list(reached[ONE][LFN]) == regimes
    assert [len(values) for values in reached[ONE][LFN].values()] == [1, 1, 3]
    draw(figures, "made up", tmp_path / "picture.png")
    assert (tmp_path / "picture.png").stat().st_size > 10_000


def test_regimes_are_corners_of_one_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects_and_views, "COMPARED", 2)
    whole = posed_views("cars", 4, 7, (64, 64), geometry=False).all()
    seen, further = objects_and_views.corner(whole, 3, 2)
    assert (seen.batch_shape, further.batch_shape) == ((3, 2), (2, 3))
    alone = posed_views("cars", 3, 2, (64, 64), geometry=False).all()
    assert torch.allclose(seen.images, alone.images, atol=1e-3)
    assert torch.equal(further.images, whole.images[:2, -3:])


def test_photographs_are_made_once_and_refused_when_scenes_have_changed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(kept, "BUILD", tmp_path)
    monkeypatch.setattr(objects_and_views, "LARGEST", (2, 2))
    objects_and_views.check_photographs()
    (file,) = (tmp_path / "objects_and_views").iterdir()
    before = file.stat().st_mtime_ns
    objects_and_views.check_photographs()
    assert file.stat().st_mtime_ns == before
    views = objects_and_views.photographs()
    assert views.batch_shape == (2, 5)
    replace(views, images=1 - views.images).save(file)
    with pytest.raises(ValueError, match=r"cars_2x2\.safetensors was made .* delete it"):
        objects_and_views.check_photographs()


def test_numbers_are_kept_until_what_they_depend_on_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(kept, "BUILD", tmp_path)
    asked: list[int] = []

    def measure() -> dict[str, float]:
        asked.append(1)
        return {"dB": 20.0 + len(asked)}

    assert kept.kept("some", ("key", 1), measure) == {"dB": 21.0}
    assert kept.kept("some", ("key", 1), measure) == {"dB": 21.0}
    assert kept.kept("some", ("key", 2), measure) == {"dB": 22.0}
    files = sorted((tmp_path / "some").iterdir())
    assert [file.suffix for file in files] == [".json", ".json"]  # nothing half-written is left
    assert {json.loads(file.read_text())["dB"] for file in files} == {21.0, 22.0}
    for file in files:
        file.write_text("{")
    with pytest.raises(ValueError, match="delete it, and it is measured anew"):
        kept.kept("some", ("key", 1), measure)


def test_a_light_field_is_trained_by_its_recipe() -> None:
    recipe = replace(light_fields.RECIPES["cars"], objects=3, photographs=2, steps=3)
    seen, further = scene_networks.photographs(recipe, held_out=1)
    trained = scene_networks.train(recipe, 0, seen)
    assert isinstance(trained.model, LightFieldNetwork)
    assert trained.codes.shape == (3, recipe.config.code_length)
    assert len(trained.history.losses) == 3
    fresh = scene_networks.train(replace(recipe, steps=1), 0, seen).model
    moved = [
        not torch.equal(*pair)
        for pair in zip(trained.model.parameters(), fresh.parameters(), strict=True)
    ]
    assert all(moved)  # every parameter is in a group
    assert scene_networks.mean_psnr(trained.model, trained.codes, further) > 3


def test_factors_that_are_equal_lose_no_parameters() -> None:
    recipe = replace(
        scene_networks.RECIPES["cars"], objects=3, photographs=2, steps=1, hyper=scene_networks.REST
    )
    seen, _ = scene_networks.photographs(recipe, held_out=1)
    one, other = (
        scene_networks.train(replace(recipe, learning_rate=rate), 0, seen).model
        for rate in (1e-3, 2e-3)
    )
    for name, part in one.named_children():
        pairs = zip(part.parameters(), getattr(other, name).parameters(), strict=True)
        assert any(not torch.equal(a, b) for a, b in pairs), name


def test_categories_share_the_objects_equally() -> None:
    recipe = replace(light_fields.RECIPES["cars and chairs"], objects=4, photographs=2)
    seen, further = scene_networks.photographs(recipe, held_out=1)
    assert (seen.batch_shape, further.batch_shape) == ((4, 2), (4, 1))
    for category, place in (("cars", 0), ("chairs", 2)):
        alone = posed_views(category, 2, 3, (64, 64), geometry=False).all()
        part = seen[place : place + 2]
        assert torch.equal(part.world_from_camera, alone.world_from_camera[:, :2])
        assert torch.allclose(part.images, alone.images[:, :2], atol=1e-3)
    with pytest.raises(ValueError, match="5 objects of cars and chairs: take a multiple of 2"):
        scene_networks.photographs(replace(recipe, objects=5))
