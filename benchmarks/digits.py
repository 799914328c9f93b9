"""Notebook 3's auto-encoder of digits against principal components: held-out error and neighbours at equal code length.

Both learn from 8,000 digits. The other 2,000 give the mean squared error per pixel, and the share whose five nearest
among each other (leave-one-out) are mostly of their own class. Three seeds each; a limit is what principal components
reach. COURSE_MODE=smoke takes seconds, to see that everything runs. Single-threaded, on the CPU.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from autograder.grading.reference import load_reference
from benchmarks.timing import Figure
from course_lib.data import Digits, load_digits
from course_lib.training import FitConfig, fit

ROOT = Path(__file__).parents[1]
SMOKE = os.environ.get("COURSE_MODE") == "smoke"
STEPS, SEEDS = (30, (0,)) if SMOKE else (2000, (0, 1, 2))
LENGTHS = (2, 8, 32)
SECONDS = 25.0  # of one core, for each code length
Loss = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Recipe:
    """How an auto-encoder is trained; the defaults are the notebook's."""

    he_weights: bool = True
    loss: Loss = F.binary_cross_entropy
    noise: float = 0.0  # standard deviation on the pixels that the encoder sees
    code_weight: float = 1e-3  # on the codes' mean square


@dataclass(frozen=True)
class Reached:
    """What a code is worth: mean squared error per pixel, share of right neighbours, what it took."""

    error: float
    accuracy: float
    seconds: float = 0.0  # processor time of training


def figures() -> list[Figure]:
    """Principal components, auto-encoders and pixels; then what each part of the recipe is worth."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        answers = load_reference(ROOT / "solutions" / "03_auto_encoding.py")
        train, held_out = load_digits().split(8000)
        pixels = answers["neighbour_accuracy"](held_out.images.flatten(1), held_out.labels)
        found = [Figure("784 pixels: neighbours", 100 * pixels, "%")]
        for length in LENGTHS:
            linear = principal_components(answers, train, held_out, length)
            runs = [auto_encoder(answers, train, held_out, length, seed) for seed in SEEDS]
            found += compared(length, linear, runs)
        for name, recipe in VARIANTS.items():
            reached = auto_encoder(answers, train, held_out, 32, 0, recipe)
            found += [
                Figure(f"32 numbers, {name}: error", reached.error, ""),
                Figure(f"32 numbers, {name}: neighbours", 100 * reached.accuracy, "%"),
            ]
        return found
    finally:
        torch.set_num_threads(threads)


VARIANTS = {
    "squared error": Recipe(loss=F.mse_loss),
    "squared error, PyTorch's weights": Recipe(loss=F.mse_loss, he_weights=False),
    "PyTorch's weights": Recipe(he_weights=False),
    "noisy pixels": Recipe(noise=0.3),
    "codes without a weight": Recipe(code_weight=0.0),
}


def compared(length: int, linear: Reached, runs: list[Reached]) -> list[Figure]:
    """Medians over the seeds and the worst seed, beside what principal components reach."""
    name = f"{length} numbers"
    median = statistics.median
    return [
        Figure(f"{name}: error, principal components", linear.error, ""),
        Figure(f"{name}: error", median(r.error for r in runs), "", linear.error),
        Figure(f"{name}: error, worst seed", max(r.error for r in runs), "", linear.error),
        Figure(f"{name}: neighbours, principal components", 100 * linear.accuracy, "%"),
        *(
            Figure(
                f"{name}: neighbours{which}", 100 * share, "%", 100 * linear.accuracy, at_least=True
            )
            for which, share in (
                ("", median(r.accuracy for r in runs)),
                (", worst seed", min(r.accuracy for r in runs)),
            )
        ),
        Figure(f"{name}: training", median(r.seconds for r in runs), "s", SECONDS),
    ]


def principal_components(
    answers: dict[str, Any], train: Digits, held_out: Digits, length: int
) -> Reached:
    """The best linear code of that length (Pearson 1901)."""
    start = time.process_time()
    _, basis, mean = answers["pca_codes"](train.images.flatten(1), length)
    seconds = time.process_time() - start
    codes = (held_out.images.flatten(1) - mean) @ basis.T
    error = F.mse_loss(codes @ basis + mean, held_out.images.flatten(1)).item()
    return Reached(error, answers["neighbour_accuracy"](codes, held_out.labels), seconds)


def auto_encoder(
    answers: dict[str, Any],
    train: Digits,
    held_out: Digits,
    length: int,
    seed: int,
    recipe: Recipe | None = None,
) -> Reached:
    """A convolutional auto-encoder (Hinton and Salakhutdinov 2006) of the notebook's layers."""
    how = recipe or Recipe()
    torch.manual_seed(seed)
    encoder = answers["ImageEncoder"](1, 28, length, width=16)
    decoder = answers["ImageDecoder"](1, 28, length, width=16)
    if how.he_weights:
        he_initialised(encoder), he_initialised(decoder)

    def loss(generator: torch.Generator) -> Tensor:
        images = train.images[torch.randint(len(train), (16,), generator=generator)]
        noise = torch.randn(images.shape, generator=generator) if how.noise else 0.0
        codes = encoder(images + how.noise * noise)
        return how.loss(decoder(codes), images) + how.code_weight * codes.square().mean()

    start = time.process_time()
    fit(
        loss,
        [*encoder.parameters(), *decoder.parameters()],
        FitConfig(STEPS, 4e-3, final_rate=0.02, clip_gradient=1.0, seed=seed),
        title=f"{length} numbers",
    )
    seconds = time.process_time() - start
    with torch.no_grad():
        codes = encoder(held_out.images)
        error = F.mse_loss(decoder(codes), held_out.images).item()
    return Reached(error, answers["neighbour_accuracy"](codes, held_out.labels), seconds)


def he_initialised(module: nn.Module) -> None:
    """Weights that keep the size of signals through layers with ReLU (He et al. 2015); no offsets."""
    for layer in module.modules():
        if isinstance(layer, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
