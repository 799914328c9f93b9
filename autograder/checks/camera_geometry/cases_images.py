"""Cases for images: projection, pixel centres, rays and the rendering of points."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from autograder.checking.cases import Case, Draw, cases_for
from autograder.checks.camera_geometry.sampling import (
    camera_looking_at_origin,
    points_in_front,
    random_intrinsics,
    random_poses,
)

PLAIN_K = torch.tensor([[1.0, 0.0, 0.5], [0.0, 1.25, 0.5], [0.0, 0.0, 1.0]])


@cases_for("project")
def project(draw: Draw) -> Iterator[Case]:
    """Points in front of plain and skewed cameras, broadcasting, and points that no camera can see."""

    def case(name: str, K: torch.Tensor, xyz: torch.Tensor) -> Case:
        return Case("project", name, {"K": K, "xyz": xyz})

    yield case("one point, plain camera", PLAIN_K, points_in_front(draw))
    yield case("skewed K", random_intrinsics(draw), points_in_front(draw, 9))
    batch = points_in_front(draw, 3, 5)
    yield case("a K for each row", random_intrinsics(draw, 3, 1), batch)
    yield case(
        "four cameras, three points", random_intrinsics(draw, 4, 1), points_in_front(draw, 3)
    )
    behind = points_in_front(draw, 6) * torch.tensor([1.0, -1.0, 1.0, -1.0, -1.0, 1.0])[:, None]
    yield case("some behind", random_intrinsics(draw), behind)
    flat = points_in_front(draw, 4)
    flat[:3, 2] = torch.tensor([0.0, -0.0, 1e-30])
    flat[2, :2] = 0.0
    yield case("on the camera's plane", random_intrinsics(draw), flat)


@cases_for("unproject")
def unproject(draw: Draw) -> Iterator[Case]:
    """uv inside and outside the image, at any depth."""

    def case(name: str, K: torch.Tensor, uv: torch.Tensor, depth: torch.Tensor) -> Case:
        return Case("unproject", name, {"K": K, "uv": uv, "depth": depth})

    yield case("one pixel, plain camera", PLAIN_K, draw.uniform(0.1, 0.9, 2), draw.uniform(2, 4))
    yield case("skewed K", random_intrinsics(draw), draw.normal(8, 2), draw.uniform(0.5, 6, 8))
    K, uv = random_intrinsics(draw, 3, 1), draw.uniform(0, 1, 5, 2)
    yield case("three cameras, five pixels", K, uv, draw.uniform(1, 4, 5))
    yield case("one depth for all", random_intrinsics(draw), draw.normal(6, 2), torch.tensor(2.5))


@cases_for("pixel_centers")
def pixel_centers(draw: Draw) -> Iterator[Case]:
    """Small and larger grids, wide and tall, and a single pixel."""
    del draw
    for resolution in [(2, 3), (7, 4), (1, 1), (48, 64)]:
        inputs = {"resolution": resolution}
        yield Case("pixel_centers", f"{resolution[0]}×{resolution[1]}", inputs)


@cases_for("world_rays")
def world_rays(draw: Draw) -> Iterator[Case]:
    """One ray; a whole image; several cameras at once. General rotations throughout."""

    def case(name: str, uv: torch.Tensor, K: torch.Tensor, pose: torch.Tensor) -> Case:
        return Case("world_rays", name, {"uv": uv, "K": K, "world_from_camera": pose})

    yield case("one ray", draw.uniform(0.1, 0.9, 2), PLAIN_K, random_poses(draw))
    grid = draw.uniform(0, 1, 5, 7, 2)
    yield case("an image", grid, random_intrinsics(draw), random_poses(draw))
    uv, K = draw.uniform(0, 1, 6, 2), random_intrinsics(draw, 4, 1)
    yield case("four cameras, six pixels", uv, K, random_poses(draw, 4, 1))
    yield case("four cameras of one K", uv[:4], K[0, 0], random_poses(draw, 4))


@cases_for("render_points")
def render_points(draw: Draw) -> Iterator[Case]:
    """Crowded scenes with hidden points, points behind the camera and points just outside each border."""
    pose = camera_looking_at_origin(draw, 3.0)
    uv_depth = torch.tensor([[0.30, 0.70, 2.0]])
    yield _rendering("one point", draw, PLAIN_K, pose, uv_depth, (6, 11))
    crowd = torch.cat([draw.uniform(0, 1, 300, 2), draw.uniform(1, 5, 300, 1)], -1)
    yield _rendering("crowd", draw, random_intrinsics(draw), pose, crowd, (12, 20))
    tall = torch.cat([draw.uniform(0, 1, 150, 2), draw.uniform(1, 5, 150, 1)], -1)
    yield _rendering("tall image", draw, random_intrinsics(draw), pose, tall, (23, 9))
    behind = crowd[:60] * torch.tensor([1.0, 1.0, -1.0])
    both = torch.cat([behind, crowd[100:130]])
    yield _rendering("half behind the camera", draw, random_intrinsics(draw), pose, both, (10, 14))
    borders = torch.tensor([-0.4, -0.02, 0.02, 0.5, 0.98, 1.02, 1.4])
    grid = torch.cartesian_prod(borders, borders)
    depth = draw.uniform(1, 5, len(grid), 1)
    outside = torch.cat([grid, depth], -1)
    yield _rendering("around the borders", draw, PLAIN_K, pose, outside, (9, 13))
    # Two points in one pixel, the nearer one first, then last: the order must not matter.
    stacked = torch.tensor(
        [[0.52, 0.52, 1.5], [0.53, 0.53, 4.0], [0.12, 0.12, 4.0], [0.13, 0.13, 1.5]]
    )
    yield _rendering("hidden points", draw, PLAIN_K, pose, stacked, (5, 8))


def _rendering(
    name: str,
    draw: Draw,
    K: torch.Tensor,
    pose: torch.Tensor,
    uv_depth: torch.Tensor,
    resolution: tuple[int, int],
) -> Case:
    """World points that appear at the given (u, v) and depth; nothing falls on the edge between two pixels."""
    height, width = resolution
    uv = uv_depth[:, :2].clone()
    fine = torch.tensor([width, height]) * uv
    # Keep away from pixel edges, where the last digit of an answer decides.
    fine = fine.floor() + (fine - fine.floor()).clamp(0.05, 0.95)
    uv = fine / torch.tensor([width, height])
    rays = torch.cat([uv, torch.ones_like(uv[:, :1])], -1).double() @ torch.linalg.inv(K.double()).T
    camera = rays * uv_depth[:, 2:].double()
    points = (camera @ pose[:3, :3].double().T + pose[:3, 3].double()).float()
    inputs = {
        "points": points,
        "colors": draw.uniform(0, 0.9, len(points), 3),
        "K": K,
        "world_from_camera": pose,
        "resolution": resolution,
    }
    return Case("render_points", name, inputs)
