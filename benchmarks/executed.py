"""A notebook with its answers, run from top to bottom: what each section takes, and the numbers it ends with."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import torch

from autograder.handouts.notebook import solution_notebook, to_json
from autograder.settings import load_settings
from autograder.source import read_source

ROOT = Path(__file__).parents[1]
MODE = os.environ.get("COURSE_MODE", "cpu")
MARK = "figures of the benchmark: "


def executed(
    notebook: str,
    ask: str,
    *,
    seed: int = 0,
    skip: Callable[[str, str], bool] | None = None,
    mode: str = MODE,
) -> list[Any]:
    """The notebook's cells with their outputs, with a thread per core; kept in build/ to look at.

    `ask` is Python, run after the last cell, that prints `MARK` and then JSON: name → what → number. Code cells
    for which `skip`, asked with the section's title and the code, is true are left out.
    """
    import nbformat
    from nbclient import NotebookClient

    # As many as a student's kernel has, so that the record says so.
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    source = read_source(ROOT / "solutions" / f"{notebook}.py")
    text = to_json(solution_notebook(source, load_settings(ROOT).release))
    node = nbformat.reads(text.replace("setup()", f"setup(seed={seed})"), as_version=4)
    if skip is not None:
        node.cells = [cell for title, cell in _titled(node.cells) if not skip(title, cell.source)]
    node.cells.append(nbformat.v4.new_code_cell(ask))
    with tempfile.TemporaryDirectory(prefix="notebook-") as folder:
        Path(folder, f"{notebook}.ipynb").write_text(text, encoding="utf-8")
        environment = {
            **os.environ,
            "COURSE_MODE": mode,
            "PYTHONPATH": str(ROOT),
            "JPY_SESSION_NAME": str(Path(folder, f"{notebook}.ipynb")),
        }
        environment.pop("OMP_NUM_THREADS", None)
        client = NotebookClient(node, timeout=3600, resources={"metadata": {"path": folder}})
        client.execute(env=environment)
    kept = ROOT / "build" / f"{notebook}.{mode}{f'.{seed}' * (seed > 0)}.ipynb"
    kept.parent.mkdir(exist_ok=True)
    nbformat.write(node, kept)
    return list(node.cells)


def sections(cells: list[Any]) -> dict[str, float]:
    """Seconds of the code cells below each `##` heading."""
    seconds: dict[str, float] = {}
    for title, cell in _titled(cells):
        if cell.cell_type == "code":
            times = cell.metadata["execution"]
            start, end = (
                datetime.fromisoformat(times[key].replace("Z", "+00:00"))
                for key in ("iopub.execute_input", "shell.execute_reply")
            )
            seconds[title] = seconds.get(title, 0.0) + (end - start).total_seconds()
    return seconds


def _titled(cells: list[Any]) -> Iterator[tuple[str, Any]]:
    """Every cell with the `##` heading that it stands below."""
    title = ""
    for cell in cells:
        if cell.cell_type == "markdown":
            headings = re.findall(r"^## (.+)$", cell.source, re.MULTILINE)
            title = headings[-1] if headings else title
        yield title, cell


def numbers(cells: list[Any]) -> dict[str, dict[str, float]]:
    """What `ask` printed."""
    text = "".join(output.get("text", "") for output in cells[-1].outputs)
    found: dict[str, dict[str, float]] = json.loads(text.partition(MARK)[2])
    return found
