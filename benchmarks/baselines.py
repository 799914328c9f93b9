"""The baselines beside notebook 4: parameters, time of a step, and what they reach in views that they have not seen.

100 objects of Shepard and Metzler with 15 views each, 64×64. Known objects: three further views, after two of those
that were trained on. Unseen objects: fourteen views, after one and after four. The mean image is what a model
that knows nothing reaches. Three seeds each; single-threaded, on the CPU. COURSE_MODE=smoke takes seconds.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import torch

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
from course_lib.scenes import posed_views
from course_lib.training import psnr

SMOKE = os.environ.get("COURSE_MODE") == "smoke"
OBJECTS, SEEDS = (8, (0,)) if SMOKE else (100, (0, 1, 2))
STEPS = 10 if SMOKE else BaselineTraining().fit.steps
UNSEEN = 8
MINUTES_ON_ONE_CORE = 4.0
MODELS: dict[str, Callable[[int], Baseline]] = {
    "pose-conditioned": lambda seed: PoseConditioned(PoseConditionedConfig(seed=seed)),
    "disentangling": lambda seed: Disentangling(DisentanglingConfig(seed=seed)),
    "deterministic GQN": lambda seed: DeterministicGqn(DeterministicGqnConfig(seed=seed)),
}


def figures() -> list[Figure]:
    """The mean image, then each model: size, minutes of one core, PSNR as the median of the seeds."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        views = posed_views("shepard_metzler", OBJECTS + UNSEEN, 18, (64, 64), geometry=False).all()
        known, further = split_views(views[:OBJECTS], 15)
        found = [Figure("mean image", mean_image(known, further), "dB")]
        for name, make in MODELS.items():
            reached = [
                after_training(make(seed), seed, known, further, views[OBJECTS:]) for seed in SEEDS
            ]
            size = sum(parameter.numel() for parameter in make(0).parameters())
            minutes, *decibels = (
                statistics.median(column) for column in zip(*reached, strict=True)
            )
            floor = found[0].value
            found += [
                Figure(f"{name}: parameters", size / 1e6, "million"),
                Figure(f"{name}: {STEPS} steps", minutes, "min", MINUTES_ON_ONE_CORE),
                Figure(f"{name}: further views", decibels[0], "dB", floor, at_least=True),
                Figure(f"{name}: unseen, 1 view", decibels[1], "dB"),
                Figure(f"{name}: unseen, 4 views", decibels[2], "dB"),
            ]
        return found
    finally:
        torch.set_num_threads(threads)


def mean_image(known: PosedViews, further: PosedViews) -> float:
    """PSNR of the mean of all photographs, as a mean over the further ones."""
    mean = known.images.mean((0, 1))
    return statistics.mean(psnr(mean, photo) for photo in further.images.flatten(0, 1))


def after_training(
    model: Baseline, seed: int, known: PosedViews, further: PosedViews, unseen: PosedViews
) -> tuple[float, float, float, float]:
    """Minutes of processor time; PSNR in further views of known objects, and of unseen ones after 1 and 4 views."""
    config = BaselineTraining()
    budget = replace(config.fit, steps=STEPS, evaluate_every=0, seed=seed)
    start = time.process_time()
    train_baseline(model, known, replace(config, fit=budget))
    minutes = (time.process_time() - start) / 60
    shown, _ = split_views(known, config.context)
    one, _ = split_views(unseen, 1)
    four, asked = split_views(unseen, 4)
    return (
        minutes,
        novel_view_psnr(model, shown, further),
        novel_view_psnr(model, one, asked),
        novel_view_psnr(model, four, asked),
    )
