"""Notebook 4's trained exercise as its last cell leaves it, on three seeds; and what training in bfloat16 costs.

Cars as in section 4 in cpu mode: 2,500 steps, a minute of one core. The codes of the task's twelve cars are searched
from their two photographs, and what their cameras see is scored as the grader does. The bands of the exercise rest on
these numbers. COURSE_MODE=smoke takes seconds.
"""

from __future__ import annotations

import os
import statistics
from dataclasses import replace

import torch

from benchmarks.scene_networks import RECIPES, mean_psnr, photographs, train
from benchmarks.task_scores import task_scores
from benchmarks.timing import Figure

SMOKE = os.environ.get("COURSE_MODE") == "smoke"
SEEDS = (0,) if SMOKE else (0, 1, 2)
STEPS = 3 if SMOKE else 2500  # of training, as in the notebook
SEARCH = 3 if SMOKE else 150
PRECISIONS = ("float32", "bf16")
MOST_LOST = 0.2  # dB by bfloat16, in the mean of the seeds


def figures() -> list[Figure]:
    """Held-out PSNR and the task's PSNR and SSIM by seed, in float32 and in bfloat16."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        found = [figure for precision in PRECISIONS for figure in _trained(precision)]
    finally:
        torch.set_num_threads(threads)
    known = {figure.name: figure.value for figure in found}
    lost = statistics.mean(
        known[f"float32, seed {seed}: known cars"] - known[f"bf16, seed {seed}: known cars"]
        for seed in SEEDS
    )
    return [*found, Figure("lost by bfloat16, mean of the seeds", lost, "dB", MOST_LOST)]


def _trained(precision: str) -> list[Figure]:
    recipe = replace(RECIPES["cars"], steps=STEPS, precision=precision)
    if SMOKE:
        recipe = replace(recipe, objects=6, photographs=4)
    seen, further = photographs(recipe)
    found = []
    for seed in SEEDS:
        trained = train(recipe, seed, seen)
        known = mean_psnr(trained.model, trained.codes[:100], further[:100])
        reached = task_scores("two_photographs", trained, SEARCH)
        said = f"{precision}, seed {seed}"
        found += [
            Figure(f"{said}: training", trained.seconds, "s"),
            Figure(f"{said}: known cars", known, "dB"),
            Figure(f"{said}: the task", reached.psnr, "dB"),
            Figure(f"{said}: the task, SSIM", reached.ssim, ""),
        ]
    return found
