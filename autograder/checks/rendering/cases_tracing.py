"""Cases for surfaces that are given by their distance: normals, sphere tracing, the derivative of a hit."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from autograder.checking.cases import Case, Draw, cases_for
from autograder.checks.camera_geometry.sampling import random_rotations
from autograder.checks.rendering.exact_surfaces import as_rays, first_hit, normals, surface

Parameters = dict[str, Any]
FAR = 6.0
EPSILON = 1e-4  # the default of `sphere_trace`


def _plane(draw: Draw) -> Parameters:
    return {"normal": _unit(draw.normal(3)), "offset": float(draw.uniform(-0.5, 0.5))}


def _tube(draw: Draw) -> Parameters:
    half_axes = torch.stack([draw.uniform(0.4, 0.5), draw.uniform(0.7, 0.9)])
    center = draw.uniform(-0.3, 0.3, 2)
    return {"world_from_tube": random_rotations(draw), "center": center, "half_axes": half_axes}


def _capsule(draw: Draw) -> Parameters:
    start, radius = draw.uniform(-0.4, 0.4, 3), float(draw.uniform(0.3, 0.5))
    return {"start": start, "end": start + 1.2 * _unit(draw.normal(3)), "radius": radius}


def _waves(draw: Draw) -> Parameters:
    return {"height": float(draw.uniform(0.15, 0.25)), "length": float(draw.uniform(1.6, 2.4))}


def _unit(x: Tensor) -> Tensor:
    return torch.nn.functional.normalize(x, dim=-1)


def _across(draw: Draw, normal: Tensor, *batch: int) -> Tensor:
    """Unit vectors `*b 3` at right angles to a normal."""
    return _unit(torch.linalg.cross(normal.expand(*batch, 3), draw.normal(*batch, 3)))


@cases_for("sdf_normals")
def sdf_normals(draw: Draw) -> Iterator[Case]:
    """A flat, a round and a wavy surface; no, one and two batch dimensions, three of three among them."""

    def case(name: str, kind: str, parameters: Parameters, x: Tensor) -> Case:
        inputs = {"surface": kind, "parameters": parameters, "x": x}
        truth = {"normals": normals(kind, parameters, x)}
        return Case("sdf_normals", name, inputs, truth=truth, compare=False)

    tube, waves = _tube(draw), _waves(draw)
    yield case("a plane", "plane", _plane(draw), draw.normal(5, 3))
    # Outside the tube: on its axis there is no normal.
    yield case("a tube", "tube", tube, 3 * _unit(draw.normal(6, 3)) + draw.normal(3))
    yield case("three by three points", "waves", waves, draw.normal(3, 3, 3))
    yield case("three points", "waves", waves, draw.normal(3, 3))
    yield case("one point", "waves", waves, draw.normal(3))


@cases_for("sphere_trace")
def sphere_trace(draw: Draw) -> Iterator[Case]:
    """Rays at flat, round, wavy and thin surfaces, and past them; `judged` says where nothing is a close call."""
    plane = _plane(draw)
    up, offset = plane["normal"], plane["offset"]
    above = up * (offset + 2.0) + _across(draw, up)
    down = _unit(-up + 0.5 * _across(draw, up))
    yield _tracing("one ray", "plane", plane, above, down)
    tilt = torch.tensor([-0.9, -0.7, -0.5, -0.4, -0.3, 0.0, 0.1, 0.4, 0.8, 1.0, -0.8, -0.22])
    fan = tilt[:, None] * up + (1 - tilt[:, None] ** 2).sqrt() * _across(draw, up, 12)
    yield _tracing("a plane", "plane", plane, above + draw.uniform(-0.2, 0.2, 12, 3), fan)

    # Straight down one step arrives, and it must not when the plane is out of reach.
    tilt = torch.tensor([1.0, 0.98, 0.9])[:, None]
    steep = _unit(-tilt * up + (1 - tilt**2).sqrt() * _across(draw, up, 3))
    yield _tracing("out of reach", "plane", plane, above, steep, far=1.5)

    capsule = _capsule(draw)
    eye = 3.5 * _unit(draw.normal(3))
    middle = (capsule["start"] + capsule["end"]) / 2
    fan = _unit(middle - eye + draw.uniform(-1.3, 1.3, 7, 9, 3))
    yield _tracing("a capsule from one eye", "capsule", capsule, eye, fan)

    tube = _tube(draw)
    side, axis = tube["world_from_tube"][:, 0], tube["world_from_tube"][:, 2]
    eyes = -3 * side + 0.3 * draw.normal(4, 1, 3) + axis * draw.uniform(-1, 1, 4, 1, 1)
    yield _tracing(
        "four eyes, five rays", "tube", tube, eyes, _unit(side + 0.25 * draw.normal(5, 3))
    )

    high = torch.cat([draw.uniform(-2, 2, 20, 2), draw.uniform(1, 3, 20, 1)], -1)
    steep = torch.cat([draw.uniform(-1, 1, 20, 2), draw.uniform(-1.5, -0.8, 20, 1)], -1)
    yield _tracing("waves", "waves", _waves(draw), high, _unit(steep))

    thin = {"normal": up, "offset": offset, "half_thickness": 0.004}
    through = _unit(-up + 0.8 * _across(draw, up, 10))
    yield _tracing("a thin sheet", "slab", thin, above + 0.2 * draw.normal(10, 3), through)
    clearance = torch.tensor([0.003, 0.006, 0.01, 0.02, 0.05, 0.1])[:, None]
    beside = up * (offset + thin["half_thickness"] + clearance)
    yield _tracing("along a sheet", "slab", thin, beside, _across(draw, up, 6))

    # The closer to the surface, the smaller the steps: after k of them 0.95ᵏ of the height is left.
    shallow = -0.05 * up + math.sqrt(1 - 0.05**2) * _across(draw, up, 3)
    start = up * (offset + 1.0) + draw.normal(3)[:, None] * _across(draw, up, 3)
    for steps, name in [(20, "few steps"), (400, "many steps")]:
        yield _tracing(name, "plane", plane, start, shallow, far=40.0, steps=steps)
    # Past the end of the capsule, closer than the tolerance or not.
    along = _unit(capsule["end"] - capsule["start"])
    across = _across(draw, along)
    past = capsule["radius"] + torch.tensor([0.02, 0.03, 0.08, 0.15])[:, None]
    beside = capsule["end"] + past * along - 2 * across
    yield _tracing("a generous epsilon", "capsule", capsule, beside, across, epsilon=0.05)
    yield _tracing("the usual epsilon", "capsule", capsule, beside, across)

    within = middle + 0.1 * capsule["radius"] * draw.normal(1, 3).clamp(-1, 1)
    yield _tracing("from inside", "capsule", capsule, torch.cat([within, eye[None]]), fan[0, :2])


def _tracing(
    name: str,
    kind: str,
    parameters: Parameters,
    origins: Tensor,
    directions: Tensor,
    far: float = FAR,
    steps: int = 128,
    epsilon: float = EPSILON,
) -> Case:
    origins, directions = origins.contiguous(), directions.contiguous()
    inputs = {
        "surface": kind,
        "parameters": parameters,
        "origins": origins,
        "directions": directions,
        "far": far,
        "steps": steps,
        "epsilon": epsilon,
    }
    distance = first_hit(kind, parameters, origins, directions)
    hit = distance < far
    clear = _clear_cut(kind, parameters, origins, directions, distance, far)
    truth = {"distance": torch.where(hit, distance, far), "hit": hit, "judged": clear}
    return Case("sphere_trace", name, inputs, truth=truth, compare=False)


def _clear_cut(
    kind: str, parameters: Parameters, origins: Tensor, directions: Tensor, t: Tensor, far: float
) -> Tensor:
    """Rays on which right answers agree: they meet the surface steeply, or pass it by ten tolerances or more."""
    sdf = surface(kind, parameters)
    o, d = as_rays(origins, directions)
    hit = t < far
    ahead = torch.where(hit, t - 1e-4, 0.0)
    slope = -sdf(o + (ahead + 1e-4)[..., None] * d) + sdf(o + ahead[..., None] * d)
    samples = torch.linspace(0, far, 600, dtype=torch.float64)[:, *[None] * (o.ndim)]
    passed = sdf(o + samples * d).amin(0) > 10 * EPSILON
    return torch.where(hit, slope > 0.2e-4, passed) & ((t - far).abs() > 0.05)


@cases_for("differentiable_hit")
def differentiable_hit(draw: Draw) -> Iterator[Case]:
    """Hits on a plane, a tube and a capsule, with the derivatives of their closed forms; rays that graze a plane."""
    plane = torch.cat([1.7 * _unit(draw.normal(3)), draw.uniform(-0.5, 0.5, 1)])
    up = _unit(plane[:3])
    down = _unit(-up + 0.6 * _across(draw, up, 5))
    above = up * (plane[3] / 1.7 + draw.uniform(1, 3, 5, 1)) + _across(draw, up, 5)
    yield _derivative(draw, "a plane", "plane", plane, {}, above, down)
    yield _derivative(draw, "one ray", "plane", plane, {}, above[0], down[0])

    tube = _tube(draw)
    world_from_tube = tube["world_from_tube"]
    params = torch.cat([tube["center"], tube["half_axes"]])
    near_axis = tube["center"] + 0.4 * tube["half_axes"] * draw.uniform(-1, 1, 2, 3, 2)
    target = torch.cat([near_axis, draw.uniform(-1, 1, 2, 3, 1)], -1) @ world_from_tube.T
    outside = torch.cat([2.5 * _unit(draw.normal(2, 3, 2)), draw.uniform(-1, 1, 2, 3, 1)], -1)
    eyes = outside @ world_from_tube.T
    fixed = {"world_from_tube": world_from_tube}
    yield _derivative(draw, "a tube", "tube", params, fixed, eyes, _unit(target - eyes))

    capsule = _capsule(draw)
    radius = torch.tensor([capsule["radius"]])
    params = torch.cat([capsule["start"], capsule["end"], radius])
    share = draw.uniform(0, 1, 6, 1)
    target = capsule["start"] + share * (capsule["end"] - capsule["start"])
    target = target + 0.4 * radius * draw.uniform(-0.6, 0.6, 6, 3)
    axis = capsule["end"] - capsule["start"]
    eyes = target + 3 * _unit(_across(draw, axis, 6) + 0.3 * draw.normal(6, 3))
    yield _derivative(draw, "a capsule", "capsule", params, {}, eyes, _unit(target - eyes))

    slope = torch.tensor([-1e-5, 1e-4, 0.0, 0.5])  # some enter the surface, some leave it
    graze = torch.stack([(1 - slope**2).sqrt(), torch.zeros(4), slope], -1)
    distance = draw.uniform(1, 2, 4)
    level = float(draw.uniform(-0.5, 0.5))
    inputs = {
        "surface": "plane_of",
        "parameters": {},
        "params": torch.tensor([0.0, 0.0, 1.0, level]),
        "origins": torch.stack([torch.zeros(4), draw.normal(4), level - slope * distance], -1),
        "directions": graze,
        "distance": distance,
    }
    yield Case("differentiable_hit", "grazing rays", inputs, compare=False)


def _derivative(
    draw: Draw,
    name: str,
    kind: str,
    params: Tensor,
    fixed: Parameters,
    origins: Tensor,
    directions: Tensor,
) -> Case:
    """A case whose truth is the derivative of Σ cotangent · distance, by differentiating the closed form."""
    leaves = [x.double().requires_grad_() for x in (params, origins, directions)]
    distance = first_hit(kind, {**fixed, **_named(kind, leaves[0])}, leaves[1], leaves[2])
    cotangent = draw.uniform(0.5, 1.5, *distance.shape) * draw.normal(*distance.shape).sign()
    gradients = torch.autograd.grad((distance * cotangent).sum(), leaves)
    inputs = {
        "surface": f"{kind}_of",
        "parameters": fixed,
        "params": params,
        "origins": origins,
        "directions": directions,
        "distance": distance.detach().float(),
    }
    truth = dict(zip(("params", "origins", "directions"), gradients, strict=True))
    truth["cotangent"] = cotangent
    return Case("differentiable_hit", name, inputs, truth=truth, compare=False)


def _named(kind: str, params: Tensor) -> Parameters:
    """The parameters that `course_lib.given.surfaces` packs into one tensor."""
    if kind == "plane":
        return {"normal": params[:3], "offset": params[3]}
    if kind == "tube":
        return {"center": params[:2], "half_axes": params[2:]}
    return {"start": params[:3], "end": params[3:6], "radius": params[6]}
