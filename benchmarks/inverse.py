"""Notebook 2 with its answers, run from top to bottom in cpu mode: what each section takes and what it reaches."""

from __future__ import annotations

from benchmarks.executed import MARK, MODE, executed, numbers, sections
from benchmarks.timing import Figure

NOTEBOOK = "02_rendering"
VOXEL_SECONDS = {"cpu": 180.0, "gpu": 30.0}
ASK = f"""
import json
numbers = {{
    name: {{k: v for k, v in r.items() if isinstance(v, (int, float))}} for name, r in results.items()
}}
numbers["mean image"] = {{"psnr": psnr(mean_image, held_out.images)}}
numbers["sphere"] = {{
    "centre is off by": (path[-1, :3] - truth[:3]).norm().item(),
    "radius is off by": (path[-1, 3] - truth[3]).abs().item(),
}}
numbers["race"] = {{name: curve[-1] for name, curve in curves.items()}}
print({MARK!r} + json.dumps(numbers))
"""
UNITS = {
    "psnr": ("held-out PSNR", "dB"),
    "depth_error": ("median depth error", "world units"),
    "seconds": ("training", "s"),
    "parameters_mb": ("parameters", "MB"),
    "step_mb": ("kept per step", "MB"),
}


def figures() -> list[Figure]:
    """Seconds of each section, then what every reconstruction reached and cost, with a thread per core."""
    cells = executed(NOTEBOOK, ASK)
    found = [Figure(f"section {title}", seconds) for title, seconds in sections(cells).items()]
    for name, reached in numbers(cells).items():
        for key, value in reached.items():
            what, unit = UNITS.get(key, (key, "dB" if name == "race" else "world units"))
            found.append(_figure(f"{name}: {what}", value, unit))
    return found


def _figure(name: str, value: float, unit: str) -> Figure:
    if name == "voxels: held-out PSNR":
        return Figure(name, value, unit, 30.0, at_least=True)
    limit = VOXEL_SECONDS.get(MODE) if name == "voxels: training" else None
    return Figure(name, value, unit, limit)
