"""The least loss of a linear classifier, by Newton's method in float64: what a student's W and b are held against."""

from __future__ import annotations

import torch
from torch import Tensor


def loss_of(W: Tensor, b: Tensor, features: Tensor, labels: Tensor, decay: float) -> float:
    """Mean cross-entropy of W x + b, plus decay · ΣW², in float64."""
    scores = features.double() @ W.double().T + b.double()
    of_label = scores.gather(1, labels[:, None]).squeeze(1)
    entropy = (scores.logsumexp(1) - of_label).mean()
    return float(entropy + decay * W.double().square().sum())


def least(features: Tensor, labels: Tensor, classes: int, decay: float) -> tuple[Tensor, Tensor]:
    """The W and b of least loss, Σb being 0; each class must be among the labels."""
    n, f = features.shape
    x = torch.cat([features.double(), torch.ones(n, 1).double()], 1)
    wanted = torch.eye(classes).double()[labels]
    # 2 · decay for W; for b almost nothing, so that a number added to all of b, which changes no loss, stays 0.
    pull = torch.tensor([2 * decay] * f + [1e-9], dtype=torch.float64).repeat(classes)
    theta = torch.zeros(classes, f + 1, dtype=torch.float64)
    for _ in range(100):
        share = (x @ theta.T).softmax(1)
        slope = ((share - wanted).T @ x / n).flatten() + pull * theta.flatten()
        between = torch.diag_embed(share) - share[:, :, None] * share[:, None]
        bend = torch.einsum("nij,na,nb->iajb", between, x, x).reshape(len(pull), -1) / n
        step = torch.linalg.solve(bend + pull.diag(), slope)
        old, length = loss_of(theta[:, :f], theta[:, f], features, labels, decay), 1.0
        new = theta - step.reshape(theta.shape)
        while loss_of(new[:, :f], new[:, f], features, labels, decay) > old and length > 1e-4:
            length /= 2
            new = theta - length * step.reshape(theta.shape)
        theta = new
        if slope.abs().max() < 1e-9:
            break
    return theta[:, :f], theta[:, f]
