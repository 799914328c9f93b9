"""Training and search of notebook 4's scene networks outside the notebook: one recipe per category.

Used by `benchmarks.auto_decoding` and by `assets/make/pretrained.py`. The classes are the reference solution's; a
recipe is what they are trained on and for how long. Measured choices: see `RECIPES`.
"""

from __future__ import annotations

import functools
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from autograder.grading.reference import load_reference
from course_lib.data import PosedViews
from course_lib.models import split_views
from course_lib.scenes import make_scene, posed_views
from course_lib.training import FitConfig, History, fit, psnr
from course_lib.training.pretrained import load_pretrained

ROOT = Path(__file__).parents[1]
FACTORS = {"hyper": 0.25, "rest": 1.0, "table": 5.0}  # on the learning rate
UNSEEN_FROM = 100_000  # objects from this number on are never trained on


@functools.cache
def notebook() -> dict[str, Any]:
    """The answers of notebook 4 by name."""
    return load_reference(ROOT / "solutions" / "04_auto_decoding.py")


@dataclass(frozen=True)
class Recipe:
    """What a scene network is trained on, and for how long."""

    category: str
    objects: int
    photographs: int
    steps: int
    config: dict[str, Any] = field(default_factory=dict)  # what differs from the small network
    learning_rate: float = 4e-3
    per_step: tuple[int, int, int] = (
        32,
        2,
        16,
    )  # objects, photographs of each, pixels of each of these
    spread: float = 0.3  # of the codes before training
    coded: bool = False  # by the scene's own numbers instead of a table
    precision: str = "float32"

    @property
    def scene_config(self) -> Any:
        """The sizes of the network, a `SceneConfig`."""
        return notebook()["SceneConfig"](**(SMALL | self.config))


# Rays begin half-way between where objects can begin and their middle: objects reach 0.5 to 0.6 from it, three boxes 1.
SMALL: dict[str, Any] = {
    "code_length": 64,
    "width": 64,
    "hyper_hidden": 32,
    "hyper_depth": 1,
    "generator_depth": 1,
    "steps": 3,
    "before": 0.6,
    "plain_start": True,
    "octaves": 2,
}
NEARER = {"before": 0.3}
RECIPES = {
    "shepard_metzler": Recipe(
        "shepard_metzler", 100, 15, 11_000, NEARER | {"steps": 4, "octaves": 3}
    ),
    "three_boxes": Recipe("three_boxes", 100, 15, 3_000),
    "cars": Recipe("cars", 300, 12, 8_000, NEARER),
    "chairs": Recipe("chairs", 300, 12, 8_000, NEARER),
    # Twice as many faces with wider layers and another octave came out worse: faces without eyes.
    "faces": Recipe("faces", 300, 12, 8_000, NEARER | {"code_length": 17}, coded=True),
}


def shipped(name: str) -> tuple[dict[str, Any], nn.Module, Tensor]:
    """A network that comes trained: what its file says, the network, and the codes of its objects."""
    found, answers = load_pretrained(name), notebook()
    config = answers["SceneConfig"](**found.about["config"])
    model = answers["SceneNetwork"](config)
    modules = {part: getattr(model, part) for part in ("hyper", "marcher", "generator")}
    if "table" not in found.parameters:
        found.fill(**modules)
        return found.about, model, scene_codes(name, range(found.about["objects"]))
    table = answers["LatentTable"](found.about["objects"], config.code_length)
    found.fill(**modules, table=table)
    return found.about, model, table.codes.detach()


@dataclass(frozen=True)
class Trained:
    """A scene network after training."""

    model: nn.Module
    codes: Tensor  # objects d
    history: History
    seconds: float  # of processor time, without evaluations
    table: nn.Module | None


def photographs(recipe: Recipe, *, held_out: int = 3) -> tuple[PosedViews, PosedViews]:
    """Views to train on and further ones of the same objects, (objects, photographs) and (objects, held_out)."""
    count = recipe.photographs + held_out
    views = posed_views(recipe.category, recipe.objects, count, (64, 64), geometry=False).all()
    return split_views(views, recipe.photographs)


def train(
    recipe: Recipe,
    seed: int,
    seen: PosedViews,
    held_out: PosedViews | None = None,
    *,
    evaluations: int = 0,
) -> Trained:
    """Train a network on photographs; the history has the PSNR of `held_out` now and then, if it is given."""
    answers, config = notebook(), recipe.scene_config
    torch.manual_seed(seed)
    model = answers["SceneNetwork"](config)
    if recipe.coded:
        table = _Given(scene_codes(recipe.category, range(recipe.objects)))
    else:
        table = answers["LatentTable"](recipe.objects, config.code_length, recipe.spread)
    groups = {
        FACTORS["hyper"]: list(model.hyper.parameters()),
        FACTORS["rest"]: [*model.marcher.parameters(), *model.generator.parameters()],
    }
    if not recipe.coded:
        groups[FACTORS["table"]] = list(table.parameters())
    spent, few = 0.0, torch.arange(min(24, recipe.objects))

    def evaluate() -> dict[str, float]:
        nonlocal spent
        begin = time.process_time()
        found = mean_psnr(model, table(few), held_out[:24]) if held_out else 0.0
        spent += time.process_time() - begin
        return {"psnr": found}

    begin = time.process_time()
    history = fit(
        answers["step_loss"](model, table, seen, *recipe.per_step),
        groups,
        FitConfig(
            recipe.steps,
            recipe.learning_rate,
            final_rate=0.02,
            seed=seed,
            evaluate_every=recipe.steps // evaluations if evaluations else 0,
            precision=recipe.precision,
        ),
        evaluate=evaluate if evaluations else None,
        title=f"{recipe.category}, seed {seed}",
    )
    seconds = time.process_time() - begin - spent
    with torch.no_grad():
        codes = table(torch.arange(recipe.objects))
    return Trained(model, codes, history, seconds, None if recipe.coded else table)


class _Given(nn.Module):
    """A table that is not learned."""

    def __init__(self, codes: Tensor) -> None:
        super().__init__()
        self.register_buffer("codes", codes)

    def forward(self, objects: Tensor) -> Tensor:
        """The codes of these objects."""
        return self.codes[objects]  # type: ignore[index]


def scene_codes(category: str, objects: range) -> Tensor:
    """The numbers from which scenes were made, as rows: `Scene.code`."""
    rows = [make_scene(category, 0, i).code for i in objects]
    return torch.tensor(np.array(rows), dtype=torch.float32)


def rendered(model: nn.Module, codes: Tensor, views: PosedViews) -> Tensor:
    """What the cameras of `views` see of the objects with these codes: images `b v h w 3`."""
    K = views.K.reshape(-1, 3, 3)[0]
    images: Tensor = notebook()["pictures"](
        model, codes, K, views.world_from_camera, views.resolution
    )
    return images


def mean_psnr(model: nn.Module, codes: Tensor, views: PosedViews) -> float:
    """Mean over photographs of the PSNR in dB, as the authors of SRN average."""
    return image_psnr(rendered(model, codes, views), views.images)


def image_psnr(images: Tensor, truth: Tensor) -> float:
    """Mean over photographs `b v h w 3` of the PSNR in dB."""
    pairs = zip(images.flatten(0, 1), truth.flatten(0, 1), strict=True)
    found = [psnr(image, photograph) for image, photograph in pairs]
    return sum(found) / len(found)
