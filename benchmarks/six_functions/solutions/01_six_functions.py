# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 1 · Six functions
#
# Six small functions in PyTorch, ten points each.

# %% export=true
import torch
from torch import Tensor

# %% [markdown]
# Rows of unit length. A row of zeros stays as it is.


# %% exercise="normalize_rows" title="Rows of unit length" points=10
def normalize_rows(x: Tensor) -> Tensor:
    """Divide each row by its Euclidean length; rows of zeros stay zero."""
    # BEGIN SOLUTION
    length = x.norm(dim=-1, keepdim=True)
    return x / torch.where(length > 0, length, 1.0)
    # END SOLUTION


# %% [markdown]
# All distances between two sets of points.


# %% exercise="pairwise_distances" title="Distances" points=10
def pairwise_distances(a: Tensor, b: Tensor) -> Tensor:
    """Euclidean distances of shape (n, m) between the rows of a (n, d) and b (m, d)."""
    # BEGIN SOLUTION
    return (a[:, None, :] - b[None, :, :]).square().sum(-1).sqrt()
    # END SOLUTION


# %% [markdown]
# The softmax that survives large scores.


# %% exercise="softmax" title="Softmax" points=10
def softmax(scores: Tensor) -> Tensor:
    """Softmax over the last dimension; finite for scores of any size."""
    # BEGIN SOLUTION
    powers = (scores - scores.amax(-1, keepdim=True)).exp()
    return powers / powers.sum(-1, keepdim=True)
    # END SOLUTION


# %% [markdown]
# Look an image up between its pixels.


# %% exercise="bilinear_lookup" title="Bilinear lookup" points=10
def bilinear_lookup(image: Tensor, row: Tensor, column: Tensor) -> Tensor:
    """Values of an image (height, width) at fractional positions, clamped to the border pixels."""
    # BEGIN SOLUTION
    height, width = image.shape
    row, column = row.clamp(0, height - 1), column.clamp(0, width - 1)
    top, left = row.floor().long(), column.floor().long()
    bottom, right = (top + 1).clamp(max=height - 1), (left + 1).clamp(max=width - 1)
    down, across = row - top, column - left
    upper = (1 - across) * image[top, left] + across * image[top, right]
    lower = (1 - across) * image[bottom, left] + across * image[bottom, right]
    return (1 - down) * upper + down * lower
    # END SOLUTION


# %% [markdown]
# Turn points, each batch by its own rotation.


# %% exercise="rotate" title="Rotations in a batch" points=10
def rotate(rotations: Tensor, points: Tensor) -> Tensor:
    """Apply rotations (b, 3, 3) to points (b, n, 3), each batch its own."""
    # BEGIN SOLUTION
    return torch.einsum("bij,bnj->bni", rotations, points)
    # END SOLUTION


# %% [markdown]
# Fit a line, or anything that is linear in its parameters.


# %% exercise="solve_ridge" title="Least squares" points=10
def solve_ridge(a: Tensor, y: Tensor, weight: float) -> Tensor:
    """The x that minimises |a x − y|² + weight |x|², for a (n, d) and y (n,)."""
    # BEGIN SOLUTION
    identity = torch.eye(a.shape[1], dtype=a.dtype, device=a.device)
    return torch.linalg.solve(a.mT @ a + weight * identity, a.mT @ y)
    # END SOLUTION
