"""Cases for volumes: the weights of a decoder of grids, and feature maps with cameras around points."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

import torch
from torch import Tensor

from autograder.checking.cases import Case, Draw, cases_for
from autograder.checks.camera_geometry.sampling import (
    camera_looking_at_origin,
    random_intrinsics,
    random_poses,
    random_rotations,
    rigid,
)


@cases_for("VoxelDecoder")
def voxel_decoder(draw: Draw) -> Iterator[Case]:
    """Weights of decoders, and codes. No two parameters have one shape: so a check can tell which is which."""
    for name, code_length, channels, width, count in [
        ("one code", 5, 3, 2, 1),
        ("two codes", 4, 1, 3, 2),
        ("wider than its code", 2, 4, 3, 1),
    ]:
        arguments = [code_length, channels, width]
        truth = {"arguments": arguments, "parameters": _kernels(draw, *arguments)}
        z = {"z": draw.normal(count, code_length)}
        yield Case("VoxelDecoder", name, z, truth=truth, compare=False)


def _kernels(draw: Draw, code_length: int, channels: int, width: int) -> dict[str, Tensor]:
    """Kernels `in out 4 4 4` and biases of the four steps, such that all grids have numbers of about one size."""
    sizes = [code_length, 4 * width, 2 * width, width, channels]
    made = {}
    for step, (inputs, outputs) in enumerate(pairwise(sizes)):
        terms = inputs if step == 0 else 4 * inputs  # that an output node sums, not counting zeros
        made[f"step {step} kernel"] = draw.normal(inputs, outputs, 4, 4, 4) / math.sqrt(terms)
        made[f"step {step} bias"] = 0.3 * draw.normal(outputs)
    return made


@cases_for("unproject_features")
def unproject_features(draw: Draw) -> Iterator[Case]:
    """Points that all views, some and none see; behind cameras, at their borders; maps of one pixel."""

    def case(name: str, features: Tensor, K: Tensor, poses: Tensor, points: Tensor) -> Case:
        inputs = {"features": features, "K": K, "world_from_camera": poses, "points": points}
        return Case("unproject_features", name, inputs, compare=False)

    def around(objects: int, views: int, distance: float = 2.2) -> Tensor:
        rows = [
            [camera_looking_at_origin(draw, distance) for _ in range(views)] for _ in range(objects)
        ]
        return torch.stack([torch.stack(row) for row in rows])

    # A map that holds the coordinates of its own pixel centres, all points inside of it.
    height, width = 4 + draw.integer(0, 3), 8 + draw.integer(0, 3)
    row, column = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    centers = torch.stack([(column + 0.5) / width, (row + 0.5) / height])
    inside = _grid(draw, 0.25)
    yield case(
        "coordinates", centers[None, None], random_intrinsics(draw, 1, 1), around(1, 1), inside
    )
    K = random_intrinsics(draw, 2, 3)
    yield case("three views", draw.normal(2, 3, 4, 5, 7), K, around(2, 3), _grid(draw, 1.0))
    K = random_intrinsics(draw, 3, 2)
    near = around(3, 2, distance=0.4)  # inside of the grid: half of it is behind the camera
    yield case("cameras among the points", draw.normal(3, 2, 2, 6, 4), K, near, _grid(draw, 1.2))
    K, poses = random_intrinsics(draw, 1, 1), random_poses(draw, 1, 1)
    border = _at_the_border(draw, K[0, 0], poses[0, 0])
    yield case("at the border", draw.normal(1, 1, 3, 4, 6), K, poses, border)
    # Numbers without rounding: uv of exactly 0, 1/2 and 1.
    line = torch.tensor([-1.0, 0.0, 1.0])
    edges = torch.stack(torch.meshgrid(line, line, torch.tensor([2.0]), indexing="ij"), -1)
    plain = torch.tensor([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])[None, None]
    maps = draw.normal(1, 1, 2, 3, 5)
    yield case("exactly at the edges", maps, plain, torch.eye(4)[None, None], edges)
    K = random_intrinsics(draw, 1, 2)
    yield case("maps of one pixel", draw.normal(1, 2, 3, 1, 1), K, around(1, 2), _grid(draw, 0.9))
    K, poses = random_intrinsics(draw, 1, 2), around(1, 2)
    turned = poses @ torch.diag(torch.tensor([-1.0, 1.0, -1.0, 1.0]))  # their backs to the points
    yield case("seen by nobody", draw.normal(1, 2, 2, 3, 5), K, turned, _grid(draw, 0.5))
    K, centred = random_intrinsics(draw, 1, 1), rigid(random_rotations(draw), torch.zeros(3))
    points = _grid(draw, 0.7)
    depth = 10 ** torch.linspace(-2.5, 1.6, points[0, ..., 0].numel()).view(*points.shape[1:3], 1)
    uv = draw.uniform(0.1, 0.9, *points.shape[1:3], 2)
    points[0] = _seen_at(uv, depth, K[0, 0], centred)  # very close, and far away
    points[1, 0, 1] = 0.0
    yield case("a camera's centre", draw.normal(1, 1, 2, 5, 4), K, centred[None, None], points)


def _grid(draw: Draw, reach: float) -> Tensor:
    """Nodes `x y z 3` about the origin, a different number along each axis, none quite in its place."""
    sizes = [2 + int(i) for i in draw.permutation(3)]
    lines = [torch.linspace(-reach, reach, n) for n in sizes]
    nodes = torch.stack(torch.meshgrid(*lines, indexing="ij"), -1)
    return nodes + draw.uniform(-0.1 * reach, 0.1 * reach, *nodes.shape)


def _at_the_border(draw: Draw, K: Tensor, pose: Tensor) -> Tensor:
    """Points `4 3 2 3` close to each side of an image, on either side of its edge."""
    inner, along = draw.uniform(0.005, 0.06, 4, 3), draw.uniform(0.1, 0.9, 4, 3, 2)
    off = torch.stack([inner, -inner], -1)  # inside, outside
    across = torch.stack([off[0], 1 - off[1], off[2], 1 - off[3]])
    uv = torch.stack([across, along], -1)
    uv[2:] = uv[2:].flip(-1)
    return _seen_at(uv, draw.uniform(1, 3, 4, 3, 2, 1), K, pose)


def _seen_at(uv: Tensor, depth: Tensor, K: Tensor, pose: Tensor) -> Tensor:
    """World points `*b 3` that a camera sees at uv `*b 2`, at these depths."""
    rays = torch.cat([uv, torch.ones_like(uv[..., :1])], -1).double()
    camera = depth * rays @ torch.linalg.inv(K.double()).T
    world: Tensor = camera @ pose[:3, :3].double().T + pose[:3, 3]
    return world.float()
