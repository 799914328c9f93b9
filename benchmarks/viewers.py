"""How many frames a second the orbit viewer draws in the kernel: an exact car at 128×128, shaded, as PNG bytes."""

from __future__ import annotations

from typing import Any

import torch

from benchmarks.timing import Figure, median_seconds
from course_lib.scenes import intrinsics, make_scene, orbit_poses, photograph
from course_lib.scenes.cameras import FOCAL
from course_lib.scenes.rays import camera_answers
from course_lib.shapes import Resolution, Tensor
from course_lib.viewers import OrbitViewer

RESOLUTION: Resolution = (128, 128)
FRAMES = 24  # one turn around the car
RADIUS = 1.3
LEAST = 10.0  # frames a second, for a hand that drags


def figures() -> list[Figure]:
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


def _turn(viewer: OrbitViewer) -> None:
    for i in range(FRAMES):
        viewer.set(azimuth=-180 + 360 * i / FRAMES)
