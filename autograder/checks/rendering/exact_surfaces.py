"""Where rays meet the surfaces of `course_lib.given.surfaces`, and their normals there: in closed form, in float64.

Distances are differentiable formulas of rays and parameters, so automatic differentiation of them tells the true
derivative of a hit. Rays start outside; ∞ where they miss.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor

from autograder.checking.given import Given, given

_SAMPLES, _HALVINGS = 2000, 40  # along a ray, for the one surface that has no formula


def surface(name: str, parameters: dict[str, Any]) -> Given:
    """The distance field itself, to be handed to student code."""
    return given(f"course_lib.given.surfaces:{name}", **parameters)


def as_rays(origins: Tensor, directions: Tensor) -> tuple[Tensor, Tensor]:
    """Origins and directions in float64, one of each for every ray."""
    rays = torch.broadcast_tensors(origins.double(), directions.double())  # type: ignore[no-untyped-call]
    return rays[0], rays[1]


def first_hit(name: str, parameters: dict[str, Any], origins: Tensor, directions: Tensor) -> Tensor:
    """Distances `*b` to the surface; origins and directions broadcast and are taken as they are, unit or not."""
    o, d = as_rays(origins, directions)
    p: Any = {k: v.double() if isinstance(v, Tensor) else v for k, v in parameters.items()}
    if name == "plane":
        return _plane(o, d, p["normal"], p["offset"])
    if name == "slab":
        above = (o @ p["normal"] - p["offset"]).sign()[..., None] * p["normal"]
        centre = (above * p["normal"]).sum(-1) * p["offset"]
        return _plane(o, d, above, centre + p["half_thickness"])
    if name == "tube":
        o, d = ((x @ p["world_from_tube"])[..., :2] for x in (o, d))
        return _unit_ball((o - p["center"]) / p["half_axes"], d / p["half_axes"])
    if name == "capsule":
        return _capsule(o, d, p["start"], p["end"], p["radius"])
    if name == "waves":
        return _waves(o, d, p["height"], p["length"])
    raise ValueError(f"no formula for the surface {name!r}")


def _plane(o: Tensor, d: Tensor, normal: Tensor, offset: Any) -> Tensor:
    towards = (d * normal).sum(-1)
    facing = towards < 0
    distance = (offset - (o * normal).sum(-1)) / torch.where(facing, towards, -1.0)
    return torch.where(facing, distance, math.inf)


def _unit_ball(o: Tensor, d: Tensor) -> Tensor:
    """The first solution of |o + t d| = 1, in any number of dimensions."""
    a, b, c = (d * d).sum(-1), (o * d).sum(-1), (o * o).sum(-1) - 1
    square = b * b - a * c
    meets = (square > 0) & (b < 0)
    distance = (-b - torch.where(meets, square, 1.0).sqrt()) / a
    return torch.where(meets, distance, math.inf)


def _capsule(o: Tensor, d: Tensor, start: Tensor, end: Tensor, radius: Any) -> Tensor:
    """The first of three: the two balls at the ends, and the cylinder between them."""
    balls = [_unit_ball((o - centre) / radius, d / radius) for centre in (start, end)]
    axis = (end - start) / (end - start).square().sum().sqrt()
    length = ((end - start) * axis).sum()
    along_o, along_d = ((o - start) * axis).sum(-1), (d * axis).sum(-1)
    across_o, across_d = o - start - along_o[..., None] * axis, d - along_d[..., None] * axis
    side = _unit_ball(across_o / radius, across_d / radius)
    place = along_o + torch.where(side.isfinite(), side, 0.0) * along_d
    side = torch.where((place >= 0) & (place <= length), side, math.inf)
    return torch.stack([*balls, side]).amin(0)


def _waves(o: Tensor, d: Tensor, height: float, length: float) -> Tensor:
    """The first change of sign along the ray up to a distance of 20, halved until it is a point."""

    def above(t: Tensor) -> Tensor:
        x = o[..., None, :] + t[..., None] * d[..., None, :]
        phase = 2 * math.pi * x / length
        return x[..., 2] - height * phase[..., 0].sin() * phase[..., 1].sin()

    samples = torch.linspace(0, 20, _SAMPLES, dtype=torch.float64)
    below = above(samples.expand(*d.shape[:-1], _SAMPLES)) < 0
    after = below.double().argmax(-1, keepdim=True).clamp_min(1)
    low, high = samples[after - 1], samples[after]
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        outside = above(middle) > 0
        low, high = torch.where(outside, middle, low), torch.where(outside, high, middle)
    return torch.where(below.any(-1), low[..., 0], math.inf)


def normals(name: str, parameters: dict[str, Any], points: Tensor) -> Tensor:
    """Unit normals `*b 3` of the level sets of a surface at points `*b 3`."""
    x = points.double()
    found: Tensor
    if name == "plane":
        found = parameters["normal"].double().expand(x.shape)
    elif name == "tube":
        names = ("world_from_tube", "center", "half_axes")
        world_from_tube, center, half_axes = (parameters[k].double() for k in names)
        across = ((x @ world_from_tube)[..., :2] - center) / half_axes.square()
        found = across @ world_from_tube[:, :2].T
    elif name == "waves":
        k = 2 * math.pi / parameters["length"]
        u, v = k * x[..., 0], k * x[..., 1]
        tilt = k * parameters["height"]
        up = torch.ones_like(u)
        found = torch.stack([-tilt * u.cos() * v.sin(), -tilt * u.sin() * v.cos(), up], -1)
    else:
        raise ValueError(f"no formula for the normals of {name!r}")
    length: Tensor = found.square().sum(-1, keepdim=True).sqrt()
    return found / length
