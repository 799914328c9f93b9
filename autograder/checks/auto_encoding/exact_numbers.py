"""Shares and metrics in float64, item by item and window by window: what a student's numbers are compared with."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def share_of_majorities(codes: Tensor, labels: Tensor, k: int) -> float:
    """The share of items whose label wins the vote of the k nearest others; the smallest of equal winners wins."""
    points, names = codes.double().tolist(), labels.tolist()
    right = 0
    for i, point in enumerate(points):
        others = sorted((math.dist(point, p), j) for j, p in enumerate(points) if j != i)
        votes = [names[j] for _, j in others[:k]]
        right += min(votes, key=lambda name: (-votes.count(name), name)) == names[i]
    return right / len(points)


def decibels(image: Tensor, truth: Tensor, mask: Tensor | None = None) -> Tensor:
    """PSNR `*b` of images `*b h w c`, one after the other."""
    batch = image.shape[:-3]
    counts = torch.ones(image.shape[:-1], dtype=torch.bool) if mask is None else mask
    counts = counts.expand(image.shape[:-1]).reshape(-1, *image.shape[-3:-1])
    images, truths = (x.reshape(-1, *x.shape[-3:]) for x in (image, truth))
    found = []
    for x, y, kept in zip(images, truths, counts, strict=True):
        error = (x[kept].double() - y[kept].double()).square().mean().item()
        found.append(math.inf if error == 0 else -10 * math.log10(error))
    return torch.tensor(found, dtype=torch.float64).reshape(batch)


def likeness(image: Tensor, truth: Tensor) -> Tensor:
    """SSIM `*b` of images `*b h w c`: every window by itself, its spread about its own mean."""
    place = torch.arange(11, dtype=torch.float64) - 5
    bell = torch.exp(-(place[:, None] ** 2 + place**2) / 4.5)
    weight = bell / bell.sum()
    # `*b rows columns channels 11 11`: all windows of all channels
    x, y = (p.double().unfold(-3, 11, 1).unfold(-3, 11, 1) for p in (image, truth))
    x_mean, y_mean = ((weight * p).sum((-2, -1)) for p in (x, y))
    x, y = x - x_mean[..., None, None], y - y_mean[..., None, None]
    x_spread, y_spread, both = ((weight * p).sum((-2, -1)) for p in (x * x, y * y, x * y))
    light = (2 * x_mean * y_mean + 1e-4) / (x_mean**2 + y_mean**2 + 1e-4)
    return (light * (2 * both + 9e-4) / (x_spread + y_spread + 9e-4)).mean((-3, -2, -1))
