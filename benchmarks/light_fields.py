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
from course_lib.solved.light_fields import SMALL, LightFieldConfig, LightFieldNetwork

# Twice SRN's steps and twice its pixels take as long. A hypernetwork at the full rate is ahead by 0.7 dB early on.
CARS = Recipe(
    "cars",
    objects=300,
    photographs=12,
    steps=16_000,
    config=SMALL,
    hyper=1.0,
    per_step=(32, 2, 32),
    network=LightFieldNetwork,
)
RECIPES = {
    "cars": CARS,
    "cars and chairs": replace(CARS, category="cars and chairs", objects=600, steps=24_000),
    "shepard_metzler": replace(
        CARS, category="shepard_metzler", objects=100, photographs=15, steps=22_000
    ),
    "three_boxes": replace(CARS, category="three_boxes", objects=100, photographs=15, steps=6_000),
}


def shipped(name: str) -> tuple[dict[str, Any], nn.Module, Tensor]:
    """A light field network that comes trained: what its file says, the network, and the codes of its objects."""
    return scene_networks.shipped(name, LightFieldNetwork, LightFieldConfig)
