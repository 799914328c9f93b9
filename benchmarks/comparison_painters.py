"""The four models of the comparison behind one interface: known objects and unseen ones become pictures."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import torch
from torch import Tensor, nn

from benchmarks import light_fields, scene_networks, volume_decoder
from benchmarks.scene_networks import Recipe, rendered, train
from course_lib.data import PosedViews
from course_lib.models import (
    Baseline,
    BaselineTraining,
    PoseConditioned,
    PoseConditionedConfig,
    split_views,
    train_baseline,
)
from course_lib.shapes import Float
from course_lib.solved.auto_decoding import explain

SRN, LFN, VOLUME, PAINTER = "SRN", "LFN", "volume rendering", "2D baseline"
RECIPES = {
    SRN: scene_networks.RECIPES["cars"],
    LFN: light_fields.RECIPES["cars"],
    VOLUME: volume_decoder.CARS,
}
MODELS = (VOLUME, SRN, LFN, PAINTER)
PAINTER_STEPS = 2_500  # about as long as the others train
SHOWN_OF_KNOWN = (
    2  # photographs that the 2D baseline, which has no codes of its own, sees of a known object
)


class Painter(Protocol):
    """A trained model."""

    def known(
        self, objects: Sequence[int], seen: PosedViews, asked: PosedViews
    ) -> Float[Tensor, "b v h w 3"]:
        """What the cameras of `asked` see of objects trained on; `seen` are their photographs from training."""
        ...

    def unseen(
        self, shown: PosedViews, asked: PosedViews, steps: int
    ) -> Float[Tensor, "b v h w 3"]:
        """What the cameras of `asked` see of objects of which only `shown` is known; `steps` of a search."""
        ...


@dataclass(frozen=True)
class AutoDecoder:
    """A network with a code for each object that it was trained on."""

    model: nn.Module
    codes: Float[Tensor, "n d"]

    def known(
        self, objects: Sequence[int], seen: PosedViews, asked: PosedViews
    ) -> Float[Tensor, "b v h w 3"]:
        """By the codes learned in training."""
        return rendered(self.model, self.codes[list(objects)], asked)

    def unseen(
        self, shown: PosedViews, asked: PosedViews, steps: int
    ) -> Float[Tensor, "b v h w 3"]:
        """By codes searched for, from the mean of all."""
        return rendered(self.model, explain(self.model, shown, self.codes.mean(0), steps), asked)


@dataclass(frozen=True)
class Encoder:
    """A network that reads its code off photographs, without a search."""

    model: Baseline

    def known(
        self, objects: Sequence[int], seen: PosedViews, asked: PosedViews
    ) -> Float[Tensor, "b v h w 3"]:
        """By a glance at two photographs of its training."""
        return self.unseen(split_views(seen, SHOWN_OF_KNOWN)[0], asked, 0)

    @torch.no_grad()
    def unseen(
        self, shown: PosedViews, asked: PosedViews, steps: int
    ) -> Float[Tensor, "b v h w 3"]:
        """By a glance at what is shown."""
        pictures: Tensor = self.model(
            shown.images, shown.world_from_camera, asked.world_from_camera
        )
        return pictures


def trained(model: str, recipe: Recipe, seen: PosedViews, seed: int) -> tuple[Painter, float]:
    """A model after its training on the photographs (objects, views), and the seconds of a core that it took."""
    if model != PAINTER:
        done = train(recipe, seed, seen)
        return AutoDecoder(done.model, done.codes), done.seconds
    network, plan = PoseConditioned(PoseConditionedConfig(seed=seed)), BaselineTraining()
    begin = time.process_time()
    budget = replace(plan.fit, steps=recipe.steps, evaluate_every=0, seed=seed)
    train_baseline(network, seen, replace(plan, fit=budget))
    return Encoder(network), time.process_time() - begin


def recipe_for(model: str, category: str, objects: int, photographs: int) -> Recipe:
    """How a model is trained on these objects: its own recipe for cars, in sizes and steps."""
    known = RECIPES.get(model, replace(RECIPES[SRN], steps=PAINTER_STEPS))
    return replace(known, category=category, objects=objects, photographs=photographs)
