"""The scene networks that come trained: small, said to be what they are, and as good as they say."""

from __future__ import annotations

from dataclasses import asdict

import pytest

from benchmarks.scene_networks import RECIPES, mean_psnr, shipped
from course_lib.data import PosedViews
from course_lib.data.manifest import asset_path
from course_lib.scenes import posed_views
from course_lib.training.pretrained import load_pretrained

NAMES = ("cars", "chairs", "faces")
MARGIN = 2.0  # dB: four photographs against the fifty objects of `psnr_known`


@pytest.mark.parametrize("name", NAMES)
def test_a_network_reaches_what_its_file_says(name: str) -> None:
    about, model, codes = shipped(name)
    views = posed_views(about["category"], 4, about["views"] + 1, (64, 64), geometry=False).all()
    further = PosedViews.stack([one[about["views"] :] for one in views])
    reached = mean_psnr(model, codes[:4], further)
    assert reached > about["psnr_known"] - MARGIN
    wrong = mean_psnr(model, codes[4:8], further)  # other objects' codes show other objects
    assert wrong < reached - 3


@pytest.mark.parametrize("name", NAMES)
def test_a_file_is_small_and_says_how_it_was_made(name: str) -> None:
    about = load_pretrained(name).about
    assert asset_path(f"pretrained_{name}").stat().st_size < 5e6
    recipe = RECIPES[name]
    assert about["config"] == asdict(recipe.config)
    assert (about["objects"], about["views"]) == (recipe.objects, recipe.photographs)
    assert (about["steps"], about["seed"]) == (recipe.steps, 0)
    assert about["made_by"] == f"python -m assets.make.pretrained {name}"
