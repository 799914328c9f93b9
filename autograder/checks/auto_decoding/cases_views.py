"""Cases for pictures: resolutions and portions to render them in, and depth maps of planes, spheres and rubble."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from autograder.checking.cases import Case, Draw, cases_for


@cases_for("render_view")
def render_view(draw: Draw) -> Iterator[Case]:
    """Resolutions with sides that differ, in portions that divide them and portions that do not."""

    def case(name: str, resolution: tuple[int, int], portion: int | None) -> Case:
        inputs: dict[str, tuple[int, int] | int] = {"resolution": resolution}
        if portion is not None:
            inputs["portion"] = portion
        return Case("render_view", name, inputs, compare=False)

    wide = draw.integer(3, 6), draw.integer(7, 10)
    pixels = wide[0] * wide[1]
    yield case("at once", wide, pixels)
    yield case("with a remainder", wide, pixels // 2 + 1)
    yield case("single pixels", wide, 1)
    yield case("less than a row", wide, wide[1] - 2)
    yield case("two rows at a time", wide, 2 * wide[1])
    yield case("more than there is", wide, 10 * pixels)
    yield case("a tall image", (draw.integer(9, 13), draw.integer(2, 5)), 16)
    yield case("one pixel", (1, 1), 7)
    yield case("one row", (1, 6), 4)
    yield case("one column", (5, 1), 2)
    yield case(
        "without a portion", (71, 83), None
    )  # 5893 pixels, more than the 4096 of the signature


@cases_for("normals_from_depth")
def normals_from_depth(draw: Draw) -> Iterator[Case]:
    """Depth maps `h w`, with unequal focal lengths, a skew and an axis off the centre."""

    def case(name: str, depth: Tensor, K: Tensor, **truth: Tensor) -> Case:
        inputs = {"depth": depth.float(), "K": K}
        return Case("normals_from_depth", name, inputs, truth=truth, compare=False)

    def camera(cx: float = 0.45, cy: float = 0.56, zoom: float = 1.0) -> Tensor:
        fx, fy = zoom * draw.uniform(0.8, 1.0), zoom * draw.uniform(1.2, 1.5)
        K = torch.tensor([[0.0, 0.1, cx], [0.0, 0.0, cy], [0.0, 0.0, 1.0]])
        K[0, 0], K[1, 1] = fx, fy
        return K

    def plane(name: str, K: Tensor, h: int, w: int, normal: Tensor) -> Case:
        """A plane about four units away, whose normals are the same everywhere."""
        normal = normal.double() / normal.double().norm()
        slope = rays(K, h, w) @ normal  # depth · slope is the plane's distance from the camera
        return case(name, 4 * slope.mean() / slope, K, normal=normal)

    def sphere(K: Tensor, h: int, w: int) -> tuple[Tensor, Tensor]:
        """Depths of a sphere that fills the image and its normals, in closed form."""
        center = torch.tensor([0.1, -0.05, 5.0], dtype=torch.float64) * draw.uniform(0.9, 1.1)
        seen = rays(K, h, w)  # a depth of 1: depth is their multiple
        a, b = (seen * seen).sum(-1), seen @ center
        depth = (b - (b * b - a * (center @ center - 9)).sqrt()) / a
        return depth, (depth[..., None] * seen - center) / 3

    def rubble(h: int, w: int) -> Tensor:
        return draw.uniform(2, 4, h, w)

    tilt = torch.cat([draw.uniform(0.2, 0.4, 2), -torch.ones(1)])
    yield plane("a tilted plane", camera(), 5, 7, tilt)
    yield plane("another plane", camera(), 8, 4, torch.tensor([-0.5, 0.3, -1.0]))
    # Below a camera that looks up: its normal points towards the camera and away from what the camera looks at.
    yield plane("the floor", camera(cy=-0.6), 6, 5, torch.tensor([0.1, -1.0, 0.2]))
    K = camera(zoom=2.0)
    depth, normals = sphere(K, 40, 32)
    yield case("a sphere", depth, K, normals=normals)
    yield case("rubble", rubble(6, 9), camera())
    yield case("tall rubble", rubble(9, 5), camera())
    yield case("two by two", rubble(2, 2), camera())
    yield case("two rows", rubble(2, 6), camera())
    yield case("two columns", rubble(7, 2), camera())


def rays(K: Tensor, h: int, w: int) -> Tensor:
    """K⁻¹ (u, v, 1) of all pixels' centres `h w 3`, float64."""
    v, u = (torch.arange(n, dtype=torch.float64).add(0.5) / n for n in (h, w))
    uv1 = torch.stack([u.expand(h, w), v[:, None].expand(h, w), torch.ones(h, w).double()], -1)
    camera_from_pixel: Tensor = torch.linalg.inv(K.double())
    return uv1 @ camera_from_pixel.T
