"""Notebook 2's renderers: sphere tracing beside its bare distance evaluations, memory of rendering in portions."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from benchmarks.timing import Figure, median_seconds
from course_lib.solved import rendering
from course_lib.solved.camera_geometry import look_at, pixel_centers, world_rays

RESOLUTION = (128, 128)
SAMPLES = 128
CHUNKS = (1024, 4096, 128 * 128)
# Numbers alive at once per sample while a portion is rendered: points (3), density, colour (3), alpha,
# transmittance, weights, distances, and what the field itself needs (four values and the points again).
FLOATS_PER_SAMPLE = 20


def figures() -> list[Figure]:
    """Ratios and megabytes."""
    torch.set_num_threads(1)
    return [*_sphere_tracing(), *_portions()]


def _teapot_rays() -> tuple[Tensor, Tensor]:
    K = torch.tensor([[1.55, 0.0, 0.5], [0.0, 1.55, 0.5], [0.0, 0.0, 1.0]])
    pose = look_at(torch.tensor([1.0, -1.5, 0.9]), torch.zeros(3), torch.tensor([0.0, 0.0, 1.0]))
    return world_rays(pixel_centers(RESOLUTION), K, pose)


def _sphere_tracing() -> list[Figure]:
    """The whole loop against the evaluations that it made, of as many points each, and nothing else."""
    origins, directions = _teapot_rays()
    asked: list[Tensor] = []

    def kept(x: Tensor) -> Tensor:
        asked.append(x)
        return rendering.teapot_sdf(x)

    rendering.sphere_trace(kept, origins, directions, 4.0)

    def evaluations() -> None:
        with torch.no_grad():
            for points in asked:
                rendering.teapot_sdf(points)

    bare = median_seconds(evaluations, runs=3)
    whole = median_seconds(
        lambda: rendering.sphere_trace(rendering.teapot_sdf, origins, directions, 4.0), runs=3
    )
    per_ray = sum(x.numel() // 3 for x in asked) / (directions.numel() // 3)
    name = f"sphere tracing 128×128, {per_ray:.1f} evaluations a ray"
    return [
        Figure(name, whole, "s", None, bare, "evaluations"),
        Figure("sphere tracing ÷ its bare evaluations", whole / bare, "×", 2.0, 1.0, "evaluations"),
    ]


def _portions() -> list[Figure]:
    """Peak memory of 128×128×128 samples, above what was there before, by the size of a portion."""
    origins, directions = _teapot_rays()
    near, far = torch.tensor(1.2), torch.tensor(2.8)
    grid = torch.rand(4, 32, 32, 32)

    def field(points: Tensor) -> tuple[Tensor, Tensor]:
        values = rendering.voxel_field(grid, points)
        return values[..., 0], values[..., 1:]

    def rays(o: Tensor, d: Tensor) -> tuple[Tensor]:
        return (rendering.volume_render(field, o, d, near, far, SAMPLES)[0],)

    found = []
    for chunk in CHUNKS:
        with torch.no_grad():
            used = peak_megabytes(
                lambda chunk=chunk: rendering.render_chunked(rays, origins, directions, chunk)
            )
        bound = 4 * FLOATS_PER_SAMPLE * chunk * SAMPLES / 1e6
        name = f"peak memory, portions of {chunk:,} rays"
        # the image and the allocator's slack lie on top of what a portion needs
        found.append(Figure(name, used, "MB", bound + 20, bound, "20 floats per sample"))
    return found


def peak_megabytes(work: Callable[[], object]) -> float:
    """How far the process's resident memory rose above where it was (Linux), in MB, at its highest."""
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    before = _status("VmRSS")
    work()
    return (_status("VmHWM") - before) / 1000


def _status(key: str) -> int:
    """A value of /proc/self/status in kB."""
    match = re.search(rf"{key}:\s+(\d+) kB", Path("/proc/self/status").read_text())
    if match is None:
        raise RuntimeError(f"/proc/self/status has no {key}; this benchmark needs Linux")
    return int(match[1])
