"""Random cameras and scenes without symmetries: general rotations, unequal focal lengths, skew, off-centre axes.

Written apart from the answers on purpose: an oracle that shares code with the solution shares its mistakes.
"""

from __future__ import annotations

import torch
from torch import Tensor

from autograder.checking.cases import Draw


def rotation_from_quaternion(q: Tensor) -> Tensor:
    """Rotation matrices `*b 3 3` from unnormalised quaternions `*b 4`, scalar first."""
    w, x, y, z = (q / q.norm(dim=-1, keepdim=True)).unbind(-1)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return torch.stack([torch.stack(row, -1) for row in rows], -2)


def random_rotations(draw: Draw, *batch: int) -> Tensor:
    """Uniformly distributed rotations `*b 3 3`, float32."""
    return rotation_from_quaternion(draw.normal(*batch, 4).double()).float()


def rigid(rotation: Tensor, translation: Tensor) -> Tensor:
    """The 4×4 matrix of a rotation `*b 3 3` and a translation `*b 3`."""
    bottom = torch.zeros_like(rotation[..., :1, :])
    top = torch.cat([rotation, translation[..., None]], -1)
    row = torch.cat([bottom, torch.ones_like(bottom[..., :1])], -1)
    return torch.cat([top, row], -2)


def random_poses(draw: Draw, *batch: int) -> Tensor:
    """Rigid motions `*b 4 4` with general rotations and translations of a few units."""
    return rigid(random_rotations(draw, *batch), 2 * draw.normal(*batch, 3))


def random_intrinsics(draw: Draw, *batch: int) -> Tensor:
    """Normalised K `*b 3 3`: focal lengths differ, the principal point is off-centre, the skew is not zero."""
    fx, fy = draw.uniform(0.8, 1.1, *batch), draw.uniform(1.2, 1.6, *batch)
    skew = draw.uniform(0.05, 0.15, *batch)
    cx, cy = draw.uniform(0.40, 0.47, *batch), draw.uniform(0.53, 0.60, *batch)
    zero, one = torch.zeros_like(fx), torch.ones_like(fx)
    rows = [[fx, skew, cx], [zero, fy, cy], [zero, zero, one]]
    return torch.stack([torch.stack(row, -1) for row in rows], -2)


def points_in_front(draw: Draw, *batch: int) -> Tensor:
    """Camera-frame points `*b 3` at depths from 1 to 6, spread around the optical axis."""
    z = draw.uniform(1.0, 6.0, *batch, 1)
    return torch.cat([draw.uniform(-0.4, 0.4, *batch, 2) * z, z], -1)


def camera_looking_at_origin(draw: Draw, distance: float) -> Tensor:
    """world_from_camera `4 4`: about `distance` from the origin, looking near it, rolled by any angle."""
    rotation = random_rotations(draw)
    offset = draw.uniform(-0.05, 0.05, 3) * distance
    eye = -rotation[:, 2] * distance * (1 + 0.2 * float(draw.uniform(-1, 1)))
    return rigid(rotation, eye + offset)


def projected(K: Tensor, world_from_camera: Tensor, points: Tensor) -> Tensor:
    """uv `n 2` of world points `n 3` in one camera, in float64: the plain textbook formula, point by point."""
    K, pose = K.double(), world_from_camera.double()
    found = []
    for point in points.double():
        camera = pose[:3, :3].T @ (point - pose[:3, 3])
        u, v, w = K @ camera
        found.append(torch.stack([u / w, v / w]))
    return torch.stack(found)
