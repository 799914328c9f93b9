"""Recipes of notebook 5's light field networks outside the notebook: siblings of those of its scene networks.

They are trained and searched by `benchmarks.scene_networks`: a `LightFieldNetwork` has `weights`, `look` and `forward`
as a `SceneNetwork` has them. Objects, photographs and the time of training are those of notebook 4's networks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from torch import Tensor, nn

from benchmarks import scene_networks
from benchmarks.scene_networks import Recipe
from course_lib.solved.light_fields import LightFieldConfig, LightFieldNetwork

SMALL = LightFieldConfig(
    code_length=64, width=96, layers=6, hyper_hidden=32, hyper_depth=1, plain_start=True
)
# Each object needs many lines before a light field agrees with itself: 64 pixels of a photograph a step, not 16.
CARS = Recipe(
    "cars",
    objects=300,
    photographs=12,
    steps=5_000,
    config=SMALL,
    per_step=(16, 2, 64),
    network=LightFieldNetwork,
)
RECIPES = {
    "cars": CARS,
    "shepard_metzler": replace(CARS, category="shepard_metzler", objects=100, photographs=15),
    "three_boxes": replace(CARS, category="three_boxes", objects=100, photographs=15, steps=3_000),
}


def shipped(name: str) -> tuple[dict[str, Any], nn.Module, Tensor]:
    """A light field network that comes trained: what its file says, the network, and the codes of its objects."""
    return scene_networks.shipped(name, LightFieldNetwork, LightFieldConfig)
