"""SRN beside three baselines on three seeds: known objects, unseen ones from photographs, cameras unlike the trained.

Known objects: three photographs that nobody trained on; baselines are shown two of those that they were trained on.
Unseen objects: one or two photographs are shown, four others asked for; then, after two, cameras that are rolled, above
or closer. Every model sees the same photographs. Two processes with one thread each; a model's numbers are kept in
build/auto_decoding/ until its recipe or the notebook's answers change, so that an interrupted run goes on.
COURSE_MODE=smoke takes seconds. SRN's recipes: benchmarks/scene_networks.py.
"""

from __future__ import annotations

import inspect
import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from benchmarks.kept import Numbers, in_two_processes, kept
from benchmarks.ordering_drawn import draw as draw  # the picture of this group
from benchmarks.scene_networks import (
    RECIPES,
    UNSEEN_FROM,
    Recipe,
    image_psnr,
    mean_psnr,
    photographs,
    train,
)
from benchmarks.timing import Figure
from course_lib.data import PosedViews
from course_lib.models import (
    Baseline,
    BaselineTraining,
    DeterministicGqn,
    DeterministicGqnConfig,
    Disentangling,
    DisentanglingConfig,
    PoseConditioned,
    PoseConditionedConfig,
    novel_view_psnr,
    split_views,
    train_baseline,
)
from course_lib.scenes import make_scene, orbit_poses, photograph, posed_views
from course_lib.solved import auto_decoding
from course_lib.solved.auto_decoding import explain

SMOKE = os.environ.get("COURSE_MODE") == "smoke"
SEEDS = (0,) if SMOKE else (0, 1, 2)
UNSEEN = 3 if SMOKE else 12  # objects
SHOWN, ASKED = 2, 4  # photographs of each
SEARCH = 3 if SMOKE else 200  # steps
SRN, MEAN = "SRN", "mean image"
BASELINES: dict[str, Callable[[int], Baseline]] = {
    "pose-conditioned": lambda seed: PoseConditioned(PoseConditionedConfig(seed=seed)),
    "disentangling": lambda seed: Disentangling(DisentanglingConfig(seed=seed)),
    "deterministic GQN": lambda seed: DeterministicGqn(DeterministicGqnConfig(seed=seed)),
}
CNN = "pose-conditioned"
# Single-view inference means nothing on a hundred objects of Shepard and Metzler: nobody is asked for it there.
DATA = {"Shepard–Metzler": "shepard_metzler", "cars": "cars"}
FEW_SHOT = ("cars",)
KNOWN, ONE, TWO, STRANGE = "known objects", "1 photograph", "2 photographs", "strange cameras"
AHEAD_OUTSIDE = 3.0  # dB ahead of the CNN baseline at strange cameras


@dataclass(frozen=True)
class Job:
    """One model on one data set from one seed."""

    data: str
    model: str
    seed: int

    @property
    def recipe(self) -> Recipe:
        """What the data set is, and how SRN is trained on it."""
        recipe = RECIPES[DATA[self.data]]
        return replace(recipe, objects=6, photographs=4, steps=4) if SMOKE else recipe


def figures() -> list[Figure]:
    """PSNR of every model, data set and seed, and by how much the ordering holds on the worst seed."""
    jobs = [
        Job(data, model, seed) for data in DATA for model in (SRN, *BASELINES) for seed in SEEDS
    ]
    jobs += [Job(data, MEAN, 0) for data in DATA]
    found = in_two_processes(measured, jobs)
    listed = []
    for data in DATA:
        for model in (MEAN, *BASELINES, SRN):
            of_model = {
                job.seed: found[job] for job in jobs if (job.data, job.model) == (data, model)
            }
            listed += _listed(data, model, of_model)
    return listed + _ordering(found)


def _listed(data: str, model: str, by_seed: Mapping[int, Numbers]) -> list[Figure]:
    found = []
    for what in by_seed[0]:
        unit = "min" if what == "minutes" else "dB"
        found += [
            Figure(f"{data}, {model}: {what}, seed {seed}", numbers[what], unit)
            for seed, numbers in by_seed.items()
        ]
    return found


def _ordering(found: Mapping[Job, Numbers]) -> list[Figure]:
    """Leads in dB on the worst seed, beside what was published: SRN first, two photographs before one."""

    def lead(data: str, what: str, others: tuple[str, ...]) -> float:
        return min(
            found[Job(data, SRN, seed)][what]
            - max(found[Job(data, other, seed)][what] for other in others)
            for seed in SEEDS
        )

    every = tuple(BASELINES)
    leads = {
        "Shepard–Metzler: SRN before all baselines, known objects": (
            lead("Shepard–Metzler", KNOWN, every),
            0.0,
        )
    }
    for data in FEW_SHOT:
        for what in (ONE, TWO):
            leads[f"{data}: SRN before all baselines, {what}"] = lead(data, what, every), 0.0
        two = min(
            found[Job(data, SRN, seed)][TWO] - found[Job(data, SRN, seed)][ONE] for seed in SEEDS
        )
        leads[f"{data}: SRN, two photographs before one"] = two, 0.0
        leads[f"{data}: SRN before the CNN baseline, {STRANGE}"] = (
            lead(data, STRANGE, (CNN,)),
            AHEAD_OUTSIDE,
        )
    return [
        Figure(f"{name}, worst seed", value, "dB", limit, at_least=True)
        for name, (value, limit) in leads.items()
    ]


def measured(job: Job) -> Numbers:
    """The numbers of one job, from build/ if they were measured before."""
    key = (job, job.recipe, SEARCH, UNSEEN, inspect.getsource(auto_decoding))
    return kept("auto_decoding", key, lambda: _measure(job))


def _measure(job: Job) -> Numbers:
    torch.set_num_threads(1)
    seen, further = photographs(job.recipe)
    measure = {SRN: _srn, MEAN: _mean}.get(job.model, _baseline)
    return measure(job, seen, further[:100])


def _srn(job: Job, seen: PosedViews, further: PosedViews) -> Numbers:
    trained = train(job.recipe, job.seed, seen)
    model, codes = trained.model, trained.codes
    found = {
        "minutes": trained.seconds / 60,
        KNOWN: mean_psnr(model, codes[: len(further)], further),
    }
    if job.data in FEW_SHOT:
        shown, asked, strange = unseen(job.recipe.category)
        for what, count in ((ONE, 1), (TWO, 2)):
            views = split_views(shown, count)[0] if count < SHOWN else shown
            z = explain(model, views, codes.mean(0), SEARCH)
            found[what] = mean_psnr(model, z, asked)
        found |= _strange({kind: mean_psnr(model, z, views) for kind, views in strange.items()})
    return found


def _baseline(job: Job, seen: PosedViews, further: PosedViews) -> Numbers:
    model = BASELINES[job.model](job.seed)
    config = BaselineTraining()
    steps = 3 if SMOKE else config.fit.steps
    budget = replace(config.fit, steps=steps, evaluate_every=0, seed=job.seed)
    begin = time.process_time()
    train_baseline(model, seen, replace(config, fit=budget))
    found = {"minutes": (time.process_time() - begin) / 60}
    two, _ = split_views(seen[: len(further)], config.context)
    found[KNOWN] = novel_view_psnr(model, two, further)
    if job.data in FEW_SHOT:
        shown, asked, strange = unseen(job.recipe.category)
        found[ONE] = novel_view_psnr(model, split_views(shown, 1)[0], asked)
        found[TWO] = novel_view_psnr(model, shown, asked)
        found |= _strange(
            {kind: novel_view_psnr(model, shown, views) for kind, views in strange.items()}
        )
    return found


def _mean(job: Job, seen: PosedViews, further: PosedViews) -> Numbers:
    """What somebody reaches who knows nothing but the mean of all photographs."""
    mean = seen.images.mean((0, 1))
    found = {KNOWN: image_psnr(mean.expand_as(further.images), further.images)}
    if job.data in FEW_SHOT:
        _, asked, strange = unseen(job.recipe.category)
        found[ONE] = found[TWO] = image_psnr(mean.expand_as(asked.images), asked.images)
        found |= _strange(
            {kind: image_psnr(mean.expand_as(v.images), v.images) for kind, v in strange.items()}
        )
    return found


def _strange(by_kind: Numbers) -> Numbers:
    return by_kind | {STRANGE: statistics.mean(by_kind.values())}


def unseen(category: str) -> tuple[PosedViews, PosedViews, dict[str, PosedViews]]:
    """Photographs that are shown, others that are asked for, and others by cameras unlike those of training."""
    views = posed_views(
        category, UNSEEN, SHOWN + ASKED, (64, 64), first=UNSEEN_FROM, geometry=False
    )
    shown, asked = split_views(views.all(), SHOWN)
    radius = asked.world_from_camera[0, 0, :3, 3].norm().item()
    scenes = [make_scene(category, 0, UNSEEN_FROM + i) for i in range(UNSEEN)]
    around = 20 + 360 * (np.arange(2)[None] / 2 + np.arange(UNSEEN)[:, None] / (2 * UNSEEN))
    turn = torch.eye(4)
    turn[:2, :2] = torch.tensor([[0.5, -(0.75**0.5)], [0.75**0.5, 0.5]])  # 60°
    poses = {
        "rolled": orbit_poses(around, np.array(30.0), radius) @ turn,
        "above": orbit_poses(around, np.array(85.0), radius),
        "closer": orbit_poses(around, np.array(30.0), 0.75 * radius),
    }
    near, far = 0.1 * radius, 2 * radius
    strange: dict[str, Any] = {
        kind: photograph(scenes, asked.K[0, 0], pose, (64, 64), geometry=False, near=near, far=far)
        for kind, pose in poses.items()
    }
    return shown, asked, strange
