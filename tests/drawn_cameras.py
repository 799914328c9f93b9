"""Where the cameras of a drawn task stand, in degrees and units of length."""

from __future__ import annotations

import numpy as np
import torch

from autograder.trained.task import Task


def cameras_of(task: Task, seed: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Azimuth, elevation, roll (degrees) and radius of a drawing's cameras, (objects, views): photographs first."""
    drawn = task.draw(seed)
    poses = torch.cat([v.world_from_camera for v in (drawn.train, drawn.hidden)], 1).double()
    eye, right, down, forward = (poses[..., :3, i] for i in (3, 0, 1, 2))
    radius = eye.norm(dim=-1)
    assert torch.allclose(forward, -eye / radius[..., None], atol=1e-5)  # they look at the middle
    azimuth = torch.atan2(eye[..., 1], eye[..., 0]).rad2deg()
    elevation = torch.asin(eye[..., 2] / radius).rad2deg()
    roll = torch.atan2(right[..., 2], -down[..., 2]).rad2deg()
    found = (azimuth, elevation, roll, radius)
    return tuple(values.numpy() for values in found)  # type: ignore[return-value]
