"""Cases for images of triangles, and for light on surfaces."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from autograder.checking.cases import Case, Draw, cases_for
from autograder.checks.camera_geometry.sampling import random_intrinsics, random_poses
from autograder.checks.rendering.exact_triangles import seen


@cases_for("rasterize")
def rasterize(draw: Draw) -> Iterator[Case]:
    """Single triangles, crowds, triangles that cross, reach behind the camera or through the near plane."""
    K = random_intrinsics(draw)
    corner = torch.tensor([[0.15, 0.2], [0.9, 0.35], [0.3, 0.9]]) + draw.uniform(-0.05, 0.05, 3, 2)
    one = _placed(K, corner, torch.tensor([1.5, 5.0, 2.5]))
    yield _picture("one triangle", draw, K, one, (6, 9))

    halves = torch.tensor(
        [[0.1, 0.15], [0.45, 0.5], [0.1, 0.85], [0.9, 0.1], [0.55, 0.5], [0.9, 0.9]]
    )
    depth = draw.uniform(1.5, 4, 6)
    both = _placed(K, halves + draw.uniform(-0.03, 0.03, 6, 2), depth)
    yield _picture("both windings", draw, K, both, (10, 14))

    yield _picture("a crowd", draw, K, _crowd(draw, K, 40), (20, 28))
    yield _picture("a tall image", draw, random_intrinsics(draw), _crowd(draw, K, 15), (23, 9))

    # Each is nearest somewhere: no order of whole triangles paints this picture.
    tips = torch.tensor([[0.05, 0.1], [0.95, 0.3], [0.2, 0.95]])
    tips = torch.cat([tips, 1 - tips, tips.flip(1)]) + draw.uniform(-0.05, 0.05, 9, 2)
    depth = torch.tensor([1.5, 4.5, 4.5, 1.5, 4.5, 4.5, 4.5, 1.5, 3.0]) + draw.uniform(-0.3, 0.3, 9)
    yield _picture("triangles that cross", draw, K, _placed(K, tips, depth), (16, 22))

    level, wide = draw.uniform(0.5, 0.8), draw.uniform(2, 4)
    x, z = torch.stack([-wide, wide]), torch.tensor([-3.0, 12.0])
    floor = torch.tensor(
        [[x[i], level, z[j]] for i, j in ((0, 0), (1, 0), (0, 1), (1, 0), (1, 1), (0, 1))]
    )
    wall = floor[:, [1, 0, 2]] * torch.tensor([-1.0, 0.6, 0.7])  # to the left
    behind = -_placed(K, corner, draw.uniform(2, 3, 3))
    soup = torch.cat([behind, floor, wall, _crowd(draw, K, 3)])
    yield _picture("behind the camera", draw, K, soup, (15, 20))

    many = torch.cat([_crowd(draw, K, 4) * sign for sign in (1, *[-1] * 66)])
    shuffled = many.reshape(-1, 3, 3)[draw.permutation(268)].reshape(-1, 3)
    yield _picture("hundreds of triangles", draw, K, shuffled, (7, 10))

    slanted = _placed(K, corner, torch.tensor([0.4, 3.0, 2.5]))
    back = _placed(K, corner.flip(1), draw.uniform(3.5, 4, 3))
    front = _placed(K, 0.5 * corner, draw.uniform(0.5, 0.8, 3))
    # A wall just before the near plane; seen at an angle it is farther away than `near`, yet not as deep.
    wall = torch.tensor([[-0.5, -0.5], [2.5, -0.5], [-0.5, 2.5]])
    wall = _placed(K, wall, torch.full((3,), 1.15))
    soup = torch.cat([slanted, wall, back, front])
    yield _picture("the near plane", draw, K, soup, (13, 18), near=1.2)

    needle = one[:1].expand(2, 3)  # two corners in one place, in front of everything else
    soup = torch.cat([torch.cat([needle, one[1:2]]) * 0.5, one, -one])
    yield _picture("no triangle at all", draw, K, soup, (8, 7))


def _placed(K: Tensor, uv: Tensor, depth: Tensor) -> Tensor:
    """Camera-frame points `n 3` that appear at uv `n 2` and have these depths."""
    rays = torch.cat([uv, torch.ones_like(uv[:, :1])], -1).double() @ torch.linalg.inv(K.double()).T
    points: Tensor = rays * depth[:, None].double()
    return points.float()


def _crowd(draw: Draw, K: Tensor, count: int) -> Tensor:
    """Corners of triangles all over the image and beyond its borders, of either winding."""
    uv = draw.uniform(0, 1, count, 1, 2) + 0.2 * draw.normal(count, 3, 2)
    depth = draw.uniform(1.2, 5, count, 1) * draw.uniform(0.75, 1.25, count, 3)
    return _placed(K, uv.reshape(-1, 2), depth.reshape(-1))


def _picture(
    name: str,
    draw: Draw,
    K: Tensor,
    corners: Tensor,
    resolution: tuple[int, int],
    near: float = 0.01,
) -> Case:
    """A general camera sees triangles whose corners, three by three, are given in its frame."""
    pose = random_poses(draw)
    order = draw.permutation(len(corners))
    world = corners.double() @ pose[:3, :3].double().T + pose[:3, 3].double()
    vertices = torch.empty_like(world)
    vertices[order] = world
    inputs: dict[str, Any] = {
        "vertices": vertices.float(),
        "faces": order.reshape(-1, 3),
        "K": K,
        "world_from_camera": pose,
        "resolution": resolution,
        "near": near,
    }
    right = seen(*inputs.values())
    return Case("rasterize", name, inputs, truth=vars(right), compare=False)


@cases_for("shade")
def shade(draw: Draw) -> Iterator[Case]:
    """Lit and dark points, highlights, bright ones among them; lights, eyes and colours that are shared."""

    def case(
        name: str, normals: Tensor, light: Tensor, eye: Tensor, albedo: Tensor, *own: float
    ) -> Case:
        inputs = {"normals": normals, "to_light": light, "to_eye": eye, "albedo": albedo}
        named = dict(zip(("ambient", "specular", "shininess"), own, strict=False))
        return Case("shade", name, {**inputs, **named})

    normal = _unit(draw.normal(3))
    light, eye = (_unit(normal + 0.5 * _unit(draw.normal(3))) for _ in range(2))
    yield case("one point", normal, light, eye, draw.uniform(0.2, 0.6, 3))
    normals = _unit(draw.normal(24, 3))
    lights, eyes = _unit(draw.normal(24, 3)), _unit(normals + 0.9 * _unit(draw.normal(24, 3)))
    colors = draw.uniform(0, 0.7, 24, 3)
    yield case("any light", normals, lights, eyes, colors)
    yield case("without highlights", normals, lights, eyes, colors, 0.35, 0.0)
    # The highlight's own numbers are small: its whole shape shows, not just its peak.
    lit = _unit(normals + 0.7 * _unit(draw.normal(24, 3)))
    yield case("broad highlights", normals, lit, eyes, 0.3 * colors, 0.05, 0.6, 3.5)
    # The light stands just below the horizon, the eye above on the other side: halfway is close to the normal.
    across = _unit(torch.linalg.cross(normals, draw.normal(24, 3)))
    below = _unit(across - draw.uniform(0.05, 0.3, 24, 1) * normals)
    away = _unit(normals - 0.6 * across)
    yield case("the dark side", normals, below, away, colors, 0.15, 0.4, 6.0)
    bright = draw.uniform(0.85, 1.0, 24, 3)
    mirrored = 2 * (lit * normals).sum(-1, keepdim=True) * normals - lit
    yield case("bright", normals, lit, _unit(mirrored), bright, 0.4, 0.5, 20.0)
    # What there is to look at: a ball, lit from one side, on a ground that faces the eye.
    aside = torch.tensor([-0.8, -0.6, 0.3]) + draw.uniform(-0.1, 0.1, 3)
    ball, light = _ball(24), _unit(aside)
    eye, color = torch.tensor([0.0, 0.0, 1.0]), draw.uniform(0.3, 0.7, 3)
    yield case("a matt ball", ball, light, eye, color, 0.25, 0.0)
    yield case("a shiny ball", ball, light, eye, color, 0.15, 0.5, 12.0)
    grid = _unit(draw.normal(4, 5, 3))
    light, eye = _unit(draw.normal(4, 1, 3)), _unit(draw.normal(5, 3))
    yield case("an image", grid, light, eye, draw.uniform(0.1, 0.6, 3))
    # The light stands just above the horizon, the eye below it: halfway is behind the surface.
    above, under = (_unit(across + x * normals) for x in (0.2, -1.5))
    yield case("an eye behind the surface", normals, above, under, colors, 0.15, 0.4, 2.0)


def _ball(side: int) -> Tensor:
    """Normals `side side 3` of a ball seen along the z axis, and of the ground around it."""
    y, x = torch.meshgrid(*[torch.linspace(-1.1, 1.1, side)] * 2, indexing="ij")
    height = 1 - x * x - y * y
    ground = torch.tensor([0.0, 0.0, 1.0])
    half = torch.stack([x, y, height.clamp_min(0).sqrt()], -1)
    return torch.where(height[..., None] > 0, _unit(half), ground)


def _unit(x: Tensor) -> Tensor:
    return torch.nn.functional.normalize(x, dim=-1)
