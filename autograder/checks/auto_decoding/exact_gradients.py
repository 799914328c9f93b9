"""Gradients of an oracle's results, to compare a student's with."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor


def waves(*shape: int) -> Tensor:
    """Weights for the numbers of a result, none like another."""
    return torch.cos(1.3 * torch.arange(math.prod(shape))).reshape(shape)


def exact_gradients(
    function: Callable[[], Sequence[Tensor]], leaves: Sequence[Tensor]
) -> tuple[list[Tensor], tuple[Tensor, ...]]:
    """Weights for each of the results, and the gradients of the weighted sum with respect to the leaves.

    Results whose gradients got mixed up, or lost, do not add up to the same.
    """
    with torch.enable_grad():
        results = function()
        weights = [waves(*result.shape) for result in results]
        sums = [(result * w).sum() for result, w in zip(results, weights, strict=True)]
        return weights, torch.autograd.grad(torch.stack(sums).sum(), leaves)
