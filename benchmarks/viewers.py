"""How many frames a second viewers draw in the kernel, as PNG bytes.

The orbit viewer shows an exact car at 128×128, shaded; the plane of codes what an MLP decodes, as of digits; the
explorer of codes cars by notebook 4's small scene network, as it comes trained, and what a light field network of
notebook 5's small sizes makes of them, untrained: how long it takes does not depend on its weights.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch

from benchmarks.scene_networks import shipped
from benchmarks.timing import Figure, median_seconds
from course_lib.scenes import intrinsics, make_scene, orbit_poses, photograph
from course_lib.scenes.cameras import FOCAL
from course_lib.scenes.rays import camera_answers
from course_lib.shapes import Resolution, Tensor
from course_lib.solved.auto_decoding import picture
from course_lib.solved.light_fields import (
    LightFieldConfig,
    LightFieldNetwork,
    render_light_field,
)
from course_lib.viewers import CodeExplorer, LatentPlane, OrbitViewer

RESOLUTION: Resolution = (128, 128)
FRAMES = 24  # one turn around the car
RADIUS = 1.3
CODES = 2000  # on the plane's map
DIGIT = (28, 28)
LEAST = 10.0  # frames a second, for a hand that drags
SMALL: Resolution = (64, 64)
LEAST_OF_A_NETWORK = 5.0
LEAST_OF_A_LIGHT_FIELD = 20.0
LIGHT_FIELD = LightFieldConfig(
    code_length=64, width=64, layers=6, hyper_hidden=32, hyper_depth=1, plain_start=True, octaves=2
)


def figures() -> list[Figure]:
    """Frames a second of all viewers that a hand drags."""
    return [*_orbit(), _plane(), _explorer(), *_light_field()]


def _orbit() -> list[Figure]:
    """Frames a second of every map, and what of a frame is not rendering."""
    scene, K = make_scene("cars", 0, 0), intrinsics(FOCAL, RESOLUTION)

    def render(pose: Tensor, resolution: Resolution, samples: int) -> dict[str, Any]:
        view = photograph(scene, K, pose[None], resolution, supersample=1)
        assert view.depth is not None
        assert view.normals is not None
        return {"rgb": view.images[0], "depth": view.depth[0], "normals": view.normals[0]}

    look_at = camera_answers().look_at
    viewer = OrbitViewer(render, look_at, samples=0, resolution=RESOLUTION, distance=RADIUS)
    assert not viewer.error, viewer.error
    poses = orbit_poses(torch.linspace(-180, 180, FRAMES).numpy(), 20.0, RADIUS)
    maps = render(poses[0], RESOLUTION, 0)
    drawing_only = OrbitViewer(lambda *_: maps, look_at, samples=0, resolution=RESOLUTION)
    rendering = median_seconds(lambda: [render(pose, RESOLUTION, 0) for pose in poses]) / FRAMES
    found = []
    for name in ("rgb", "depth", "normals"):
        viewer.select(name)
        drawing_only.select(name)
        frame = median_seconds(lambda: _turn(viewer)) / FRAMES
        drawn = median_seconds(lambda: _turn(drawing_only)) / FRAMES
        found += [
            Figure(
                f"{name} of an exact car, frames per second",
                1 / frame,
                "/s",
                LEAST,
                1 / rendering,
                "rendering alone",
                at_least=True,
            ),
            Figure(f"{name}, colours and PNG of a frame", 1e3 * drawn, "ms"),
        ]
    return found


def _plane() -> Figure:
    """Frames a second while a point moves through a plane of codes."""
    generator = torch.Generator().manual_seed(0)
    codes = torch.randn(CODES, 2, generator=generator)
    widths = (2, 64, 256, DIGIT[0] * DIGIT[1])
    layers = [torch.nn.Linear(before, after) for before, after in pairwise(widths)]
    network = torch.nn.Sequential(layers[0], torch.nn.ReLU(), layers[1], torch.nn.ReLU(), layers[2])

    def decode(z: Tensor) -> Tensor:
        return network(z).sigmoid().reshape(-1, *DIGIT, 1)

    plane = LatentPlane(decode, codes, torch.arange(CODES) % 10)
    assert not plane.error, plane.error
    path = torch.linspace(-2, 2, FRAMES).tolist()
    frame = median_seconds(lambda: [plane.set(z1=z, z2=-z / 2) for z in path]) / FRAMES
    with torch.no_grad():
        alone = median_seconds(lambda: [decode(torch.tensor([[z, -z / 2]])) for z in path]) / FRAMES
    return Figure(
        f"a digit decoded at a point of {CODES:,} codes, frames per second",
        1 / frame,
        "/s",
        LEAST,
        1 / alone,
        "decoder alone",
        at_least=True,
    )


def _explorer() -> Figure:
    """Frames a second while a code moves along a direction, the scene network that ships rendering in full."""
    _, model, codes = shipped("cars")
    directions = torch.linalg.svd(codes - codes.mean(0), full_matrices=False)[2][:6]
    K = intrinsics(FOCAL, SMALL)

    def render(z: Tensor, pose: Tensor, resolution: Resolution) -> dict[str, Tensor]:
        rgb, depth = picture(model, z, K, pose, resolution)
        return {"rgb": rgb, "depth": depth}

    look_at = camera_answers().look_at
    explorer = CodeExplorer(render, codes, look_at, directions=directions, resolution=SMALL)
    assert not explorer.error, explorer.error
    path = torch.linspace(-2, 2, FRAMES).tolist()
    alone = median_seconds(lambda: render(codes[0], orbit_poses(20.0, 20.0, RADIUS), SMALL))
    frame = median_seconds(lambda: [explorer.set(direction_1=step) for step in path]) / FRAMES
    return Figure(
        "a code explored, 64×64 by the scene network of cars, frames per second",
        1 / frame,
        "/s",
        LEAST_OF_A_NETWORK,
        1 / alone,
        "renderer alone",
        at_least=True,
    )


def _light_field() -> list[Figure]:
    """Frames a second of a light field while its code moves and while the camera turns, at full resolution."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = LightFieldNetwork(LIGHT_FIELD).requires_grad_(False)
        codes = torch.randn(8, LIGHT_FIELD.code_length)
    K = intrinsics(FOCAL, RESOLUTION)

    def render(z: Tensor, pose: Tensor, resolution: Resolution) -> dict[str, Tensor]:
        weights = model.weights(z[None])
        rgb = render_light_field(
            lambda lines: model.colors(weights, lines[None])[0], K, pose, resolution
        )
        return {"rgb": (rgb + 1) / 2}

    explorer = CodeExplorer(
        render,
        codes,
        camera_answers().look_at,
        directions=torch.eye(LIGHT_FIELD.code_length)[:4],
        resolution=RESOLUTION,
        frames_per_second=LEAST_OF_A_LIGHT_FIELD,
    )
    assert not explorer.error, explorer.error
    poses = orbit_poses(torch.linspace(-180, 180, FRAMES).numpy(), 20.0, RADIUS)
    alone = median_seconds(lambda: [render(codes[0], pose, RESOLUTION) for pose in poses]) / FRAMES
    moves = {
        "a code explored": [
            {"direction_1": step} for step in torch.linspace(-2, 2, FRAMES).tolist()
        ],
        "a camera turned": [{"azimuth": -180 + 360 * i / FRAMES} for i in range(FRAMES)],
    }
    return [
        Figure(
            f"{name}, 128×128 by a light field network, frames per second",
            FRAMES / median_seconds(lambda steps=steps: [explorer.set(**step) for step in steps]),
            "/s",
            LEAST_OF_A_LIGHT_FIELD,
            1 / alone,
            "renderer alone",
            at_least=True,
        )
        for name, steps in moves.items()
    ]


def _turn(viewer: OrbitViewer) -> None:
    for i in range(FRAMES):
        viewer.set(azimuth=-180 + 360 * i / FRAMES)
