"""What happens to light along rays, sample after sample in plain loops, in float64 and differentiable.

Written apart from the answers on purpose: an oracle that shares code with the solution shares its mistakes.
"""

from __future__ import annotations

import torch
from torch import Tensor


def composited(
    alpha: Tensor, values: Tensor, background: Tensor | None
) -> tuple[Tensor, Tensor, Tensor]:
    """Value `*b c`, weights `*b n` and transmittance `*b n+1` of alpha `*b n` and values `*b n c`."""
    light = torch.ones_like(alpha[..., 0], dtype=torch.float64)
    weights, reaching = [], [light]
    value = torch.zeros_like(values[..., 0, :], dtype=torch.float64)
    for i in range(alpha.shape[-1]):
        opacity = alpha[..., i].double()
        weights.append(light * opacity)
        value = value + weights[-1][..., None] * values[..., i, :].double()
        light = light * (1 - opacity)
        reaching.append(light)
    if background is not None:
        value = value + light[..., None] * background.double()
    return value, torch.stack(weights, -1), torch.stack(reaching, -1)


def mean_distance(weights: Tensor, distances: Tensor) -> Tensor:
    """Σ w t / Σ w, `*b`, of rays that saw something."""
    total = torch.zeros_like(weights[..., 0], dtype=torch.float64)
    moment = torch.zeros_like(total)
    for w, t in zip(weights.double().unbind(-1), distances.double().unbind(-1), strict=True):
        total, moment = total + w, moment + w * t
    return moment / total


def share_up_to(place: Tensor, edges: Tensor, weights: Tensor) -> Tensor:
    """The share `*b m` of the weight that lies before `place` `*b m`, each weight spread evenly over its bin."""
    x, edges, weights = place.double(), edges.double(), weights.double()
    before = torch.zeros_like(x)
    for i in range(weights.shape[-1]):
        start, end = edges[..., i, None], edges[..., i + 1, None]
        before = before + weights[..., i, None] * ((x - start) / (end - start)).clamp(0, 1)
    return before / weights.sum(-1, keepdim=True)
