"""Notebook 5's trained exercise on three seeds: as its last cell leaves it, and with one model for both categories.

Light fields train 8,000 steps as in section 5 in cpu mode, on 300 cars, which is what the notebook leaves, or on 300
cars and 300 chairs. The codes of the task's objects are searched from their one photograph, and what their cameras see
is scored as the grader does. The bands of the exercise rest on these numbers. Two processes with one thread each;
numbers are kept in build/one_glance/ until the recipe or the answers change. COURSE_MODE=smoke takes seconds.
"""

from __future__ import annotations

import inspect
import os
from dataclasses import dataclass, replace

import torch

from benchmarks import light_fields
from benchmarks.kept import Numbers, in_two_processes, kept
from benchmarks.scene_networks import Recipe, photographs, train
from benchmarks.task_scores import task_scores
from benchmarks.timing import Figure
from course_lib.solved.auto_decoding import explain
from course_lib.solved.light_fields import LightFieldNetwork, light_field

SMOKE = os.environ.get("COURSE_MODE") == "smoke"
SEEDS = (0,) if SMOKE else (0, 1, 2)
SETTINGS = ("cars", "cars and chairs")
SEARCH = 3 if SMOKE else 150
DECIBELS, SIMILARITY, MINUTES = "the task", "the task, SSIM", "training"
UNITS = {DECIBELS: "dB", SIMILARITY: "", MINUTES: "min"}


@dataclass(frozen=True)
class Job:
    """One training."""

    setting: str
    seed: int

    @property
    def recipe(self) -> Recipe:
        """How the light field is trained."""
        recipe = replace(light_fields.RECIPES[self.setting], steps=8_000)
        return replace(recipe, objects=6, photographs=4, steps=3) if SMOKE else recipe


def figures() -> list[Figure]:
    """The task's PSNR and SSIM by setting and seed."""
    jobs = [Job(setting, seed) for setting in SETTINGS for seed in SEEDS]
    found = in_two_processes(measured, jobs)
    return [
        Figure(f"{job.setting}, seed {job.seed}: {what}", value, UNITS[what])
        for job, numbers in found.items()
        for what, value in numbers.items()
    ]


def measured(job: Job) -> Numbers:
    """The numbers of one job, from build/ if they were measured before."""
    code = "".join(map(inspect.getsource, (LightFieldNetwork, light_field, explain)))
    return kept("one_glance", (job, job.recipe, SEARCH, code), lambda: _measure(job))


def _measure(job: Job) -> Numbers:
    torch.set_num_threads(1)
    seen, _ = photographs(job.recipe)
    trained = train(job.recipe, job.seed, seen)
    reached = task_scores("one_glance", trained, SEARCH)
    return {
        MINUTES: trained.seconds / 60,
        DECIBELS: reached.psnr,
        SIMILARITY: reached.ssim,
    }
