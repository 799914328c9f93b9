"""The camera-convention puzzle: pictures whose poses were written down in a secret convention.

A convention has two halves. The axes say where the camera's +x, +y and +z point, each a letter
of R/L, U/D, F/B: OpenCV is "RDF", OpenGL and Blender "RUB", PyTorch3D "LUF". The map says whether
a matrix is world_from_camera or its inverse. 24 right-handed axes times two maps are 48 hypotheses;
a puzzle's pictures rule out all but one.
"""

from __future__ import annotations

import hashlib
import itertools
import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import torch

from course_lib.data.chair import load_chair
from course_lib.shapes import Float, Resolution, Tensor

MAPS: Final = ("world_from_camera", "camera_from_world")
POINTS: Final = 600  # a search by hand renders 48 × 3 pictures of them
DISTANCE: Final = (1.5, 1.9)  # from the origin, in box diagonals

Render = Callable[[Tensor, Tensor, Tensor, Tensor, Resolution], tuple[Tensor, Tensor]]
_DIRECTIONS: Final = {  # in OpenCV's camera frame: x right, y down, z forward
    "R": (1, 0, 0),
    "L": (-1, 0, 0),
    "D": (0, 1, 0),
    "U": (0, -1, 0),
    "F": (0, 0, 1),
    "B": (0, 0, -1),
}


@dataclass(frozen=True)
class Puzzle:
    """What the student sees. The convention is in no field: the pictures must tell it."""

    points: Float[Tensor, "n 3"]  # world coordinates, z up
    colors: Float[Tensor, "n 3"]
    K: Float[Tensor, "3 3"]
    images: Float[Tensor, "v h w 3"]
    poses: Float[Tensor, "v 4 4"]  # in the secret convention


def _axes() -> tuple[str, ...]:
    """The names whose third axis is the cross product of the first two."""
    names = []
    for x, y in itertools.permutations(_DIRECTIONS, 2):
        (a, b, c), (d, e, f) = _DIRECTIONS[x], _DIRECTIONS[y]
        cross = (b * f - c * e, c * d - a * f, a * e - b * d)
        names += [x + y + z for z, direction in _DIRECTIONS.items() if direction == cross]
    return tuple(sorted(names))


AXES: Final = _axes()


def scramble(
    world_from_camera: Float[Tensor, "*b 4 4"], axes: str, maps: str
) -> Float[Tensor, "*b 4 4"]:
    """OpenCV world_from_camera poses, written down with other camera axes and perhaps inverted.

    ValueError names an unknown convention.
    """
    if axes not in AXES or maps not in MAPS:
        raise ValueError(f"no convention {axes!r}, {maps!r}; axes are {AXES}, maps are {MAPS}")
    opencv_from_named = torch.eye(4, dtype=torch.float64)
    columns = [_DIRECTIONS[letter] for letter in axes]
    opencv_from_named[:3, :3] = torch.tensor(columns, dtype=torch.float64).T
    renamed = world_from_camera.double() @ opencv_from_named
    if maps == "camera_from_world":
        renamed = torch.linalg.inv(renamed)
    return renamed.to(world_from_camera)


def make_puzzle(
    student_id: str, render: Render, *, views: int = 3, resolution: Resolution = (48, 64)
) -> Puzzle:
    """The puzzle of one student: the same id gives the same puzzle, on every machine.

    `render(points, colors, K, world_from_camera, (height, width)) -> (image, depth)` draws the
    pictures: pass your own `render_points`. ValueError if the id is empty.
    """
    name = student_id.strip().lower()
    if not name:
        raise ValueError("student_id is empty; put your student id between the quotes")
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big")
    return puzzle_from_seed(seed, render, views=views, resolution=resolution)[0]


def puzzle_from_seed(
    seed: int, render: Render, *, views: int = 3, resolution: Resolution = (48, 64)
) -> tuple[Puzzle, str, str]:
    """A puzzle with its solution (axes, maps), for whoever knows the seed."""
    # random.Random keeps its sequence from version to version, which torch does not promise.
    rng = random.Random(seed)
    axes, maps = rng.choice(AXES), rng.choice(MAPS)
    points, colors = _painted_chair()
    height, width = resolution
    K = torch.tensor([[1.5 * height / width, 0, 0.5], [0, 1.5, 0.5], [0, 0, 1]])
    azimuth = rng.uniform(0, 360)
    cameras = [_ring_camera(rng, azimuth + 360 / views * view) for view in range(views)]
    images = [render(points, colors, K, camera, resolution)[0] for camera in cameras]
    puzzle = Puzzle(
        points, colors, K, torch.stack(images), scramble(torch.stack(cameras), axes, maps)
    )
    return puzzle, axes, maps


def _painted_chair() -> tuple[Float[Tensor, "n 3"], Float[Tensor, "n 3"]]:
    """The chair with its +y side (its left) painted orange, so that both sides differ."""
    chair = load_chair().subset(POINTS)
    share = torch.clamp(chair.points[:, 1:2] / 0.1 + 0.5, 0, 1) * 0.85
    paint = chair.colors.mean(dim=-1, keepdim=True) * torch.tensor([1.6, 0.75, 0.1])
    return chair.points, torch.clamp(chair.colors * (1 - share) + paint * share, 0, 1)


def _ring_camera(rng: random.Random, azimuth: float) -> Float[Tensor, "4 4"]:
    """An OpenCV pose about the object: raised, rolled and moved off-centre, so it is generic."""
    turn = _rotation(2, azimuth + rng.uniform(-25, 25))
    lift = _rotation(1, -rng.uniform(10, 45))
    roll = _rotation(2, rng.choice((-1, 1)) * rng.uniform(8, 30))
    # Unturned, the camera sits on +x and looks along −x: its right is +y, its down is −z.
    facing = torch.eye(4, dtype=torch.float64)
    facing[:3, :3] = torch.tensor([[0, 0, -1], [1, 0, 0], [0, -1, 0]], dtype=torch.float64)
    back = torch.eye(4, dtype=torch.float64)
    offset = (rng.uniform(-0.08, 0.08), rng.uniform(-0.05, 0.05), -rng.uniform(*DISTANCE))
    back[:3, 3] = torch.tensor(offset, dtype=torch.float64)
    return (turn @ lift @ facing @ roll @ back).float()


def _rotation(axis: int, degrees: float) -> Float[Tensor, "4 4"]:
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    i, j = (axis + 1) % 3, (axis + 2) % 3
    matrix = torch.eye(4, dtype=torch.float64)
    matrix[i, i], matrix[i, j], matrix[j, i], matrix[j, j] = c, -s, s, c
    return matrix
