"""The light field network that comes trained: two categories in one model, as good in both as its file says."""

from __future__ import annotations

from dataclasses import asdict

import torch

from benchmarks import light_fields
from benchmarks.scene_networks import mean_psnr
from course_lib.data import PosedViews
from course_lib.data.manifest import asset_path
from course_lib.scenes import posed_views
from course_lib.training.pretrained import load_pretrained

NAME = "light_fields"
MARGIN = 2.0  # dB: twelve photographs against the hundred objects of `psnr_known`


def further(category: str, count: int, views: int) -> PosedViews:
    """A photograph of each known object that comes after those trained on."""
    whole = posed_views(category, count, views + 1, (64, 64), geometry=False).all()
    return PosedViews.stack([one[views:] for one in whole])


def test_both_categories_are_as_good_as_the_file_says() -> None:
    about, model, codes = light_fields.shipped(NAME)
    each = about["objects"] // 2
    assert len(codes) == 2 * each
    reached = {}
    for category, first in (("cars", 0), ("chairs", each)):
        views = further(category, 6, about["views"])
        reached[category] = mean_psnr(model, codes[first : first + 6], views)
        others = mean_psnr(model, codes[first + 6 : first + 12], views)
        assert others < reached[category] - 3  # other objects' codes show other objects
    assert sum(reached.values()) / 2 > about["psnr_known"] - MARGIN


def test_the_file_is_small_and_says_how_it_was_made() -> None:
    about, recipe = load_pretrained(NAME).about, light_fields.RECIPES["cars and chairs"]
    assert asset_path(f"pretrained_{NAME}").stat().st_size < 5e6
    assert about["category"] == recipe.category
    assert about["config"] == asdict(recipe.config)
    assert (about["objects"], about["views"]) == (recipe.objects, recipe.photographs)
    assert (about["steps"], about["seed"]) == (recipe.steps, 0)
    assert about["made_by"] == f"python -m assets.make.pretrained {NAME}"


def test_codes_of_a_category_are_nearer_to_each_other() -> None:
    about, _, codes = light_fields.shipped(NAME)
    cars, chairs = codes.split(about["objects"] // 2)
    distance = torch.cdist(codes, torch.stack([cars.mean(0), chairs.mean(0)]))
    named = distance.argmin(1)
    truth = torch.arange(len(codes)) // len(cars)
    assert (named == truth).float().mean() > 0.9  # though nobody told the network
