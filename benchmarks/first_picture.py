"""How long after opening a notebook a student sees its first picture, and what the kernel weighs by then.

Each notebook's cells run with their answers in a fresh kernel, one after the other, until one shows a picture. The
files that are read lie in the system's cache, as after an earlier run: every notebook is run twice, and the second
run counts. Memory is that of the kernel alone after the cell that calls setup().
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.catalogue import all_notebooks
from autograder.handouts.notebook import solution_notebook
from autograder.settings import load_settings
from autograder.source import read_source
from benchmarks.timing import Figure

ROOT = Path(__file__).parents[1]
SECONDS = 20.0  # from the kernel's start to the first picture
MEGABYTES = 700.0  # of a kernel that is set up
CHECK_SECONDS = 1.0  # the first check of a kernel too, which loads what checks need
PATIENCE = 300.0  # seconds that a cell may take


@dataclass(frozen=True)
class Opened:
    """What it took to open a notebook."""

    picture_seconds: float
    first_check_seconds: (
        float  # of the first cell that calls check(); 0 where a picture comes before
    )
    megabytes: float  # resident after set-up
    proportional: float  # without what other processes share
    cells: int  # that ran


def figures() -> list[Figure]:
    """Seconds and megabytes of every notebook."""
    found: list[Figure] = []
    for notebook in all_notebooks():
        cells = code_cells(notebook)
        opened(cells)
        took = opened(cells)
        found += [
            Figure(f"{notebook}: first picture", took.picture_seconds, "s", SECONDS),
            Figure(f"{notebook}: first check", took.first_check_seconds, "s", CHECK_SECONDS),
            Figure(f"{notebook}: memory after set-up", took.megabytes, "MB", MEGABYTES),
            Figure(f"{notebook}: … not counting what is shared", took.proportional, "MB"),
        ]
    return found


def code_cells(notebook: str) -> list[str]:
    """The code of a notebook with its answers, cell by cell."""
    source = read_source(ROOT / "solutions" / f"{notebook}.py")
    cells = solution_notebook(source, load_settings(ROOT).release)["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]


def opened(cells: Sequence[str], mode: str = "cpu") -> Opened:
    """Run cells in a fresh kernel until the first check and the first picture are there.

    RuntimeError names the cell that failed, or says that no cell shows a picture.
    """
    from jupyter_client.manager import start_new_kernel

    environment = {**os.environ, "COURSE_MODE": mode, "PYTHONPATH": str(ROOT)}
    picture = check = 0.0
    resident, proportional = 0.0, 0.0
    with tempfile.TemporaryDirectory(prefix="opened-") as folder:
        start = time.perf_counter()
        manager, client = start_new_kernel(
            kernel_name="python3", env=environment, cwd=folder, stderr=subprocess.DEVNULL
        )
        try:
            for count, code in enumerate(cells, 1):
                began = time.perf_counter()
                outputs = list(_run(client, code))
                now = time.perf_counter()
                if "setup()" in code:
                    resident, proportional = _memory(manager.provisioner.pid)
                if not check and code.startswith("check("):
                    check = now - began
                if not picture and any(_is_picture(output) for output in outputs):
                    picture = now - start
                if picture and check:
                    return Opened(picture, check, resident, proportional, count)
            if not picture:
                raise RuntimeError(f"none of {len(cells)} cells shows a picture")
            return Opened(picture, check, resident, proportional, len(cells))
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def _run(client: Any, code: str) -> Iterator[dict[str, Any]]:
    """Run a cell; its outputs as mime bundles."""
    outputs: list[dict[str, Any]] = []

    def hear(message: dict[str, Any]) -> None:
        if message["msg_type"] in ("display_data", "execute_result"):
            outputs.append(message["content"]["data"])

    reply = client.execute_interactive(code, output_hook=hear, timeout=PATIENCE)["content"]
    if reply["status"] != "ok":
        first = code.strip().splitlines()[0]
        raise RuntimeError(f"the cell {first!r} … stopped with {reply['ename']}: {reply['evalue']}")
    yield from outputs


def _is_picture(bundle: dict[str, Any]) -> bool:
    return "image/png" in bundle or "<img " in bundle.get("text/html", "")


def _memory(pid: int) -> tuple[float, float]:
    """RSS and PSS of a process in MB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines if line.endswith(" kB")}
    return kilobytes["Rss"] / 1024, kilobytes["Pss"] / 1024
