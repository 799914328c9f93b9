"""SRN, light fields, volume rendering and a 2D baseline: quality against what it costs, on cars and on cars and chairs.

Every model sees the same photographs, 64×64: 300 cars × 12, and 300 cars and 300 chairs × 12 in one model, without
labels. Each trains for about four minutes of a core, from one seed (three seeds of SRN and light fields are in
`objects_and_views`). Training views are photographs trained on, held-out views others of the same objects; one
photograph: of objects never seen, four others are asked for. The volume-rendered auto-decoder stands for what
pixelNeRF's renderer costs, not for its encoder. Evaluations, operations and memory are counted; frames a second and
seconds per object are of one thread, and want a quiet machine. Quality is kept in build/comparison/ until a recipe or
the answers change, so that an interrupted run goes on. COURSE_MODE=smoke takes seconds.

As published, at other sizes and on other data, and so never in one table with ours (PSNR in dB / SSIM after one
photograph): cars SRN 22.25 / 0.89, LFN 22.42 / 0.89; many classes in one model, LFN 24.95 / 0.87, pixelNeRF
26.80 / 0.91; LFN 500 frames a second with 1 evaluation per ray, pixelNeRF 0.033 with 196 (Sitzmann et al. 2021).
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import torch

from benchmarks import volume_decoder
from benchmarks.comparison_cost import Cost, cost_of
from benchmarks.comparison_drawn import QUESTIONS, SETTINGS
from benchmarks.comparison_drawn import draw as draw  # the picture and the table of this group
from benchmarks.comparison_painters import (
    LFN,
    MODELS,
    SHOWN_OF_KNOWN,
    VOLUME,
    recipe_for,
    trained,
)
from benchmarks.kept import Numbers, in_two_processes, kept
from benchmarks.scene_networks import UNSEEN_FROM, Recipe, all_objects, photographs
from benchmarks.timing import Figure
from course_lib.data import PosedViews
from course_lib.models import split_views
from course_lib.scenes import posed_views
from course_lib.shapes import Float, Tensor
from course_lib.solved import auto_decoding
from course_lib.solved.auto_encoding import psnr, ssim
from course_lib.solved.light_fields import LightFieldNetwork, light_field, plucker

SMOKE = os.environ.get("COURSE_MODE") == "smoke"
EACH, VIEWS = (3, 6) if SMOKE else (300, 12)  # objects of a category, photographs of each
LOOKED_AT = 2 if SMOKE else 24  # known objects of a category
UNSEEN = 2 if SMOKE else 12  # objects of a category
SHOWN, ASKED, HELD_OUT = 1, 4, 3  # photographs
SEARCH = 3 if SMOKE else 200  # steps
RUNS = 1 if SMOKE else 15  # of which the fastest counts
TRAINING, FURTHER, ONE = QUESTIONS
CARS_ONLY = f"{ONE}, cars only"  # what several categories in one model cost the first one


@dataclass(frozen=True)
class Job:
    """One model in one setting."""

    model: str
    setting: str
    seed: int = 0

    @property
    def recipe(self) -> Recipe:
        """How the model is trained there."""
        count = EACH * len(self.setting.split(" and "))
        recipe = recipe_for(self.model, self.setting, count, VIEWS)
        if not SMOKE:
            return recipe
        small = replace(recipe, steps=3)
        if self.model == VOLUME:
            return replace(small, config=replace(small.config, samples=8))
        return small


def figures() -> list[Figure]:
    """Quality in both settings, then costs; times in this process, one thread, while nothing else of ours runs."""
    jobs = [Job(model, setting) for setting in reversed(SETTINGS) for model in MODELS]
    return listed(in_two_processes(measured, jobs), costs())


def costs() -> dict[str, Cost]:
    """The cost of every model, for a photograph of 64×64."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        photograph = posed_views("cars", 1, 1, (64, 64), first=UNSEEN_FROM, geometry=False).all()
        return {model: cost_of(model, photograph, SEARCH, RUNS) for model in MODELS}
    finally:
        torch.set_num_threads(threads)


def listed(found: Mapping[Job, Numbers], cost: Mapping[str, Cost]) -> list[Figure]:
    """All numbers by setting and model, costs by model, and how many times cheaper light fields are."""
    rows = [
        Figure(f"{setting}, {model}: {what}", found[Job(model, setting)][what], _unit(what))
        for setting in SETTINGS
        for model in MODELS
        for what in found[Job(model, setting)]
    ]
    for model in MODELS:
        rows += _costs(model, cost[model])
    light, volume = cost[LFN], cost[VOLUME]
    ratios = {
        "evaluations": volume.evaluations / light.evaluations,
        "frames a second": light.frames / volume.frames,
        "memory of a training step": volume.step_peak / light.step_peak,
        "memory of a picture": volume.picture_peak / light.picture_peak,
    }
    return rows + [
        Figure(f"volume rendering against light field: {what}", ratio, "×")
        for what, ratio in ratios.items()
    ]


def _unit(what: str) -> str:
    return "min" if what == "minutes" else "" if what.endswith("SSIM") else "dB"


def _costs(model: str, cost: Cost) -> Iterator[Figure]:
    yield Figure(f"{model}: evaluations per ray", cost.evaluations, "")
    yield Figure(f"{model}: operations per ray", cost.megaflops, "MFLOP")
    yield Figure(f"{model}: 64×64", cost.frames, "frames/s")
    if cost.folded is not None:
        yield Figure(f"{model}, folded: 64×64", cost.folded, "frames/s")
    yield Figure(f"{model}: kept by a training step", cost.kept / 1e6, "MB")
    yield Figure(f"{model}: memory of a training step", cost.step_peak / 1e6, "MB")
    yield Figure(f"{model}: memory of a picture", cost.picture_peak / 1e6, "MB")
    yield Figure(f"{model}: an object from one photograph", cost.search, "s")


def measured(job: Job) -> Numbers:
    """The quality of one model in one setting, from build/ if it was measured before."""
    code = inspect.getsource(auto_decoding)
    if job.model == LFN:
        code += "".join(map(inspect.getsource, (LightFieldNetwork, light_field, plucker)))
    if job.model == VOLUME:
        code += inspect.getsource(volume_decoder)
    key = (job, job.recipe, LOOKED_AT, UNSEEN, SEARCH, code)
    return kept("comparison", key, lambda: _measure(job))


def _measure(job: Job) -> Numbers:
    torch.set_num_threads(1)
    recipe = job.recipe
    seen, further = photographs(recipe, held_out=HELD_OUT)
    model, seconds = trained(job.model, recipe, seen, job.seed)
    some = [i for i in range(recipe.objects) if i % EACH < LOOKED_AT]
    # Views that the 2D baseline is not shown either.
    training = split_views(split_views(seen[some], SHOWN_OF_KNOWN)[1], HELD_OUT)[0]
    found: Numbers = {}
    for what, asked in ((TRAINING, training), (FURTHER, further[some])):
        found |= scores(what, model.known(some, seen[some], asked), asked.images)
    shown, asked = never_seen(recipe.categories)
    pictures = model.unseen(shown, asked, SEARCH)
    found |= scores(ONE, pictures, asked.images)
    if len(recipe.categories) > 1:
        found |= scores(CARS_ONLY, pictures[:UNSEEN], asked.images[:UNSEEN])
    return found | {"minutes": seconds / 60}


def never_seen(categories: list[str]) -> tuple[PosedViews, PosedViews]:
    """A photograph of each object that is shown, and others that are asked for: as in `auto_decoding`."""
    pairs = [split_views(_unseen(category), SHOWN) for category in categories]
    shown, asked = (all_objects(views) for views in zip(*pairs, strict=True))
    return shown, asked


def _unseen(category: str) -> PosedViews:
    number = SHOWN + ASKED
    return posed_views(category, UNSEEN, number, (64, 64), first=UNSEEN_FROM, geometry=False).all()


def scores(
    what: str, pictures: Float[Tensor, "b v h w 3"], truth: Float[Tensor, "b v h w 3"]
) -> Numbers:
    """Means over photographs, as the authors of SRN average."""
    return {
        f"{what}, PSNR": psnr(pictures, truth).mean().item(),
        f"{what}, SSIM": ssim(pictures, truth).mean().item(),
    }
