"""The pyramid that a camera sees, as lines and faces on a stage."""

from __future__ import annotations

import numpy as np

from course_lib.viewers.arrays import Array
from course_lib.viewers.stage import Stage

IMAGE_ROWS = 28  # of a picture drawn on a frustum: enough to recognise it


def draw_frustum(
    stage: Stage, pose: Array, K: Array, size: float, color: object, alpha: float = 1.0
) -> None:
    """One camera's frustum up to depth `size`; the little roof is on its image's upper side."""
    apex = pose[:3, 3]
    corners = _on_image_plane(pose, K, size, np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float))
    stage.lines(np.broadcast_to(apex, (4, 3)), corners, color, alpha=alpha)
    stage.lines(corners, np.roll(corners, -1, axis=0), color, alpha=alpha)
    stage.faces(corners[None], color, 0.12 * alpha)
    roof = _on_image_plane(pose, K, size, np.array([[0.38, -0.04], [0.62, -0.04], [0.5, -0.18]]))
    stage.faces(roof[None], color, 0.9 * alpha)


def draw_image_plane(stage: Stage, pose: Array, K: Array, size: float, image: Array) -> None:
    """The picture `h w 3` that a camera took, coarsely, on its image plane."""
    height, width = image.shape[:2]
    step = max(1, round(height / IMAGE_ROWS))
    rows, columns = height // step, width // step
    blocks = image[: rows * step, : columns * step].reshape(rows, step, columns, step, 3)
    u, v = np.meshgrid(np.linspace(0, 1, columns + 1), np.linspace(0, 1, rows + 1))
    grid = _on_image_plane(pose, K, size, np.stack([u, v], -1).reshape(-1, 2)).reshape(*u.shape, 3)
    quads = np.stack([grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1]], axis=-2)
    stage.faces(quads.reshape(-1, 4, 3), blocks.mean(axis=(1, 3)).reshape(-1, 3), 1.0)


def _on_image_plane(pose: Array, K: Array, size: float, uv: Array) -> Array:
    homogeneous = np.concatenate([uv, np.ones((len(uv), 1))], axis=-1)
    local = np.linalg.solve(K, homogeneous.T).T * size
    placed: Array = local @ pose[:3, :3].T + pose[:3, 3]
    return placed
