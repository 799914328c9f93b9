"""Notebook 2 with its answers, run from top to bottom in cpu mode: what each section takes and what it reaches."""

from __future__ import annotations

import json
import os
import re
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import torch

from autograder.handouts.notebook import solution_notebook, to_json
from autograder.settings import load_settings
from autograder.source import read_source
from benchmarks.timing import Figure

ROOT = Path(__file__).parents[1]
NOTEBOOK = "02_rendering"
MODE = os.environ.get("COURSE_MODE", "cpu")
VOXEL_SECONDS = {"cpu": 180.0, "gpu": 30.0}
MARK = "figures of the benchmark: "
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
    # As many as a student's kernel has, so that the record says so.
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    cells = _executed()
    found = [Figure(f"section {title}", seconds) for title, seconds in _sections(cells).items()]
    for name, reached in _numbers(cells).items():
        for key, value in reached.items():
            what, unit = UNITS.get(key, (key, "dB" if name == "race" else "world units"))
            found.append(_figure(f"{name}: {what}", value, unit))
    return found


def _figure(name: str, value: float, unit: str) -> Figure:
    if name == "voxels: held-out PSNR":
        return Figure(name, value, unit, 30.0, at_least=True)
    limit = VOXEL_SECONDS.get(MODE) if name == "voxels: training" else None
    return Figure(name, value, unit, limit)


def _executed() -> list[Any]:
    import nbformat
    from nbclient import NotebookClient

    source = read_source(ROOT / "solutions" / f"{NOTEBOOK}.py")
    text = to_json(solution_notebook(source, load_settings(ROOT).release))
    node = nbformat.reads(text, as_version=4)
    node.cells.append(nbformat.v4.new_code_cell(ASK))
    with tempfile.TemporaryDirectory(prefix="inverse-") as folder:
        Path(folder, f"{NOTEBOOK}.ipynb").write_text(text, encoding="utf-8")
        environment = {
            **os.environ,
            "COURSE_MODE": MODE,
            "PYTHONPATH": str(ROOT),
            "JPY_SESSION_NAME": str(Path(folder, f"{NOTEBOOK}.ipynb")),
        }
        environment.pop("OMP_NUM_THREADS", None)
        client = NotebookClient(node, timeout=1800, resources={"metadata": {"path": folder}})
        client.execute(env=environment)
    kept = ROOT / "build" / f"{NOTEBOOK}.{MODE}.ipynb"  # to look at
    kept.parent.mkdir(exist_ok=True)
    nbformat.write(node, kept)
    return list(node.cells)


def _sections(cells: list[Any]) -> dict[str, float]:
    """Seconds of the code cells below each `##` heading."""
    seconds: dict[str, float] = {}
    title = ""
    for cell in cells:
        if cell.cell_type == "markdown":
            headings = re.findall(r"^## (.+)$", cell.source, re.MULTILINE)
            title = headings[-1] if headings else title
        else:
            times = cell.metadata["execution"]
            start, end = (
                datetime.fromisoformat(times[key].replace("Z", "+00:00"))
                for key in ("iopub.execute_input", "shell.execute_reply")
            )
            seconds[title] = seconds.get(title, 0.0) + (end - start).total_seconds()
    return seconds


def _numbers(cells: list[Any]) -> dict[str, dict[str, float]]:
    text = "".join(output.get("text", "") for output in cells[-1].outputs)
    found: dict[str, dict[str, float]] = json.loads(text.partition(MARK)[2])
    return found
