"""A trained task in miniature, drawn in milliseconds: stripes that turn with the camera, in views that are not square.

As a module of its own it is `TASK`; tests of whole courses copy this file to autograder/trained/tasks/standin.py.
"""

from __future__ import annotations

import hashlib
import math

import torch

from autograder.catalogue.bands import Band
from autograder.trained.task import Drawn, Task
from course_lib.data import PosedViews

TRAINING, HIDDEN, RESOLUTION = 8, 5, (12, 16)
# For every seed, hidden stripes are then a twentieth of a period or more from all that are shown.
BETWEEN = 1 / 16


def draw(seed: str) -> Drawn:
    """Stripes whose colours and phase are the seed's."""
    digest = hashlib.sha256(seed.encode()).digest()
    return Drawn(_views(digest, 0.0, TRAINING), _views(digest, BETWEEN, HIDDEN))


def _views(digest: bytes, shift: float, count: int) -> PosedViews:
    height, width = RESOLUTION
    rows, columns = torch.arange(height)[:, None, None], torch.arange(width)[None, :, None]
    colors = 0.2 + 0.8 * torch.tensor(list(digest[:3])) / 255
    images, poses = [], []
    for view in range(count):
        angle = 2 * math.pi * (view + shift) / count + digest[3] / 40
        wave = torch.sin(columns * (0.5 + digest[4] / 500) + rows * 0.3 + 4 * angle)
        images.append((0.5 + 0.5 * wave * colors).clamp(0, 1).expand(height, width, 3))
        pose = torch.eye(4)
        pose[:2, :2] = torch.tensor(
            [[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]]
        )
        poses.append(pose)
    K = torch.tensor([[1.0, 0.0, 0.5], [0.0, 16 / 12, 0.5], [0.0, 0.0, 1.0]])
    return PosedViews(torch.stack(images), K, torch.stack(poses), near=0.5, far=2.0)


TASK = Task(
    id="standin",
    version=1,
    views=(HIDDEN, *RESOLUTION),
    bands=(Band(psnr=20), Band(psnr=25, ssim=0.5), Band(psnr=30)),
    draw=draw,
)
