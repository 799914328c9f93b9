"""Training and search of scene networks outside the notebooks: one recipe per category.

Used by the benchmarks of notebooks 4 and 5 and by `assets/make/pretrained.py`. The classes are the notebooks'; a
recipe is what they are trained on and for how long. `RECIPES` are those of notebook 4's network; light fields have
theirs in benchmarks/light_fields.py, volumes in benchmarks/volume_decoder.py.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from course_lib.data import PosedViews
from course_lib.models import split_views
from course_lib.scenes import make_scene, posed_views
from course_lib.solved.auto_decoding import (
    SMALL,
    LatentTable,
    SceneConfig,
    SceneNetwork,
    pictures,
    step_loss,
)
from course_lib.training import FitConfig, History, fit, psnr
from course_lib.training.pretrained import load_pretrained

REST, TABLE = 1.0, 5.0  # factors on the learning rate: of what no hypernetwork writes, of the codes
UNSEEN_FROM = 100_000  # objects from this number on are never trained on


@dataclass(frozen=True)
class Recipe:
    """What a scene network is trained on, and for how long."""

    category: str  # or several, "cars and chairs", with equally many objects of each, those of the first one first
    objects: int  # of all categories together
    photographs: int
    steps: int
    config: Any = SMALL  # the sizes of `network`
    learning_rate: float = 4e-3
    hyper: float = 0.25  # factor on the learning rate: of the hypernetwork
    # Of a step: objects, photographs of each, pixels of each of these.
    per_step: tuple[int, int, int] = (32, 2, 16)
    spread: float = 0.3  # of the codes before training
    coded: bool = False  # by the scene's own numbers instead of a table
    precision: str = "float32"
    # What is trained: it has `weights`, `look` and `forward` as notebook 4's SceneNetwork has them.
    network: Callable[[Any], nn.Module] = SceneNetwork

    @property
    def categories(self) -> list[str]:
        """The categories by name."""
        return self.category.split(" and ")


# Rays begin half-way between where objects can begin and their middle: objects reach 0.5 to 0.6 from it, three boxes 1.
RECIPES = {
    "shepard_metzler": Recipe(
        "shepard_metzler", 100, 15, 11_000, replace(SMALL, steps=4, octaves=3)
    ),
    "three_boxes": Recipe("three_boxes", 100, 15, 3_000, replace(SMALL, before=0.6)),
    "cars": Recipe("cars", 300, 12, 8_000),
    "chairs": Recipe("chairs", 300, 12, 8_000),
    # Twice as many faces with wider layers and another octave came out worse: faces without eyes.
    "faces": Recipe("faces", 300, 12, 8_000, replace(SMALL, code_length=17), coded=True),
}


def shipped(
    name: str,
    network: Callable[[Any], nn.Module] = SceneNetwork,
    sizes: Callable[..., Any] = SceneConfig,
) -> tuple[dict[str, Any], nn.Module, Tensor]:
    """A network that comes trained: what its file says, the network, and the codes of its objects."""
    found = load_pretrained(name)
    config = sizes(**found.about["config"])
    model = network(config)
    modules = dict(model.named_children())
    if "table" not in found.parameters:
        found.fill(**modules)
        return found.about, model, scene_codes(name, range(found.about["objects"]))
    table = LatentTable(found.about["objects"], config.code_length)
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
    """Views to train on and further ones of the same objects, (objects, photographs) and (objects, held_out).

    Raises:
        ValueError: the objects cannot be shared out equally among the categories.
    """
    each, left = divmod(recipe.objects, len(recipe.categories))
    if left:
        raise ValueError(
            f"{recipe.objects} objects of {recipe.category}: take a multiple of {len(recipe.categories)}"
        )
    count = recipe.photographs + held_out
    views = all_objects(
        posed_views(category, each, count, (64, 64), geometry=False).all()
        for category in recipe.categories
    )
    return split_views(views, recipe.photographs)


def all_objects(sets: Iterable[PosedViews]) -> PosedViews:
    """Several sets of photographs (objects, views) as one: the objects of the first set first."""
    listed = list(sets)
    if len(listed) == 1:
        return listed[0]
    images, K, poses = (
        torch.cat([getattr(views, name) for views in listed])
        for name in ("images", "K", "world_from_camera")
    )
    near, far = min(views.near for views in listed), max(views.far for views in listed)
    return PosedViews(images, K, poses, near, far, name=" and ".join(v.name for v in listed))


def train(
    recipe: Recipe,
    seed: int,
    seen: PosedViews,
    held_out: PosedViews | None = None,
    *,
    evaluations: int = 0,
) -> Trained:
    """Train a network on photographs; the history has the PSNR of `held_out` now and then, if it is given."""
    torch.manual_seed(seed)
    model = recipe.network(recipe.config)
    groups: dict[float, list[nn.Parameter]] = defaultdict(list)
    for name, part in model.named_children():
        groups[recipe.hyper if name == "hyper" else REST] += part.parameters()
    learned = None
    table: Callable[[Tensor], Tensor]
    if recipe.coded:
        table = scene_codes(recipe.category, range(recipe.objects)).__getitem__
    else:
        table = learned = LatentTable(recipe.objects, recipe.config.code_length, recipe.spread)
        groups[TABLE] += learned.parameters()
    spent, few = 0.0, torch.arange(min(24, recipe.objects))

    def evaluate() -> dict[str, float]:
        nonlocal spent
        begin = time.process_time()
        found = mean_psnr(model, table(few), held_out[:24]) if held_out else 0.0
        spent += time.process_time() - begin
        return {"psnr": found}

    begin = time.process_time()
    history = fit(
        step_loss(model, table, seen, *recipe.per_step),
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
    return Trained(model, codes, history, seconds, learned)


def scene_codes(category: str, objects: range) -> Tensor:
    """The numbers from which scenes were made, as rows: `Scene.code`."""
    rows = [make_scene(category, 0, i).code for i in objects]
    return torch.tensor(np.array(rows), dtype=torch.float32)


def rendered(model: nn.Module, codes: Tensor, views: PosedViews) -> Tensor:
    """What the cameras of `views` see of the objects with these codes: images `b v h w 3`."""
    K = views.K.reshape(-1, 3, 3)[0]
    return pictures(model, codes, K, views.world_from_camera, views.resolution)


def mean_psnr(model: nn.Module, codes: Tensor, views: PosedViews) -> float:
    """Mean over photographs of the PSNR in dB, as the authors of SRN average."""
    return image_psnr(rendered(model, codes, views), views.images)


def image_psnr(images: Tensor, truth: Tensor) -> float:
    """Mean over photographs `b v h w 3` of the PSNR in dB."""
    pairs = zip(images.flatten(0, 1), truth.flatten(0, 1), strict=True)
    found = [psnr(image, photograph) for image, photograph in pairs]
    return sum(found) / len(found)
