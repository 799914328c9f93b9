"""Every output of every notebook with its answers, as JupyterLab shows it: fit to be seen, light and dark."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.handouts.files import source_paths
from autograder.handouts.notebook import solution_notebook, to_json
from autograder.settings import load_settings
from autograder.source import read_source
from tests.browser.cells import REPOSITORY
from tests.browser.conftest import Open
from tests.browser.front_end import FrontEnd
from tests.browser.lab import PANEL
from tests.browser.looks import ugly
from tests.browser.stories import STORIES

pytestmark = [pytest.mark.browser, pytest.mark.slow]
# A saved notebook is believed as if its cells had just been run here.
BELIEVE = f"() => {{ for (const cell of {PANEL}.content.widgets) cell.model.trusted = true; }}"


@pytest.mark.parametrize("number", STORIES)
def test_all_outputs_are_fit_to_be_seen(number: int, opened: Open, released: Path) -> None:
    def write(path: Path) -> None:
        executed(path, released)

    with opened("lab", STORIES[number].notebook, "whole", write) as tab:
        tab.page.evaluate(BELIEVE)
        cells = [i for i, cell in enumerate(tab.saved()) if cell.get("outputs")]
        light = uglies(tab, cells)
        assert (
            tab.page.locator(".jp-Cell-outputArea img:visible").count() > 10
        )  # they are all there
        tab.dark()
        tab.page.set_viewport_size({"width": 1120, "height": 800})
        dark = uglies(tab, cells, tall=True)  # a narrow page sets one below the other
        for index in {**light, **dark}:
            tab.photograph(f"ugly cell {index}", index)
    assert (light, dark) == ({}, {})


def executed(path: Path, released: Path) -> None:
    """The notebook with its answers, run from top to bottom in a process of its own."""
    source = next(p for p in source_paths(REPOSITORY) if p.stem == path.stem)
    notebook = solution_notebook(read_source(source), load_settings(REPOSITORY).release)
    path.parent.mkdir()
    path.write_text(to_json(notebook), encoding="utf-8")
    environment = {
        **os.environ,
        "COURSE_MODE": "smoke",
        "OMP_NUM_THREADS": "1",
        "PYTHONPATH": str(released),
        "JPY_SESSION_NAME": str(path),
    }
    command = [sys.executable, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace"]
    done = subprocess.run(
        [*command, str(path)], cwd=path.parent, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]


def uglies(tab: FrontEnd, cells: list[int], tall: bool = False) -> dict[int, list[str]]:
    """What is wrong with the outputs of these cells, by cell; they may be `tall`."""
    found = {}
    for index in cells:
        tab.cell(index)
        said = ugly(tab.output(index))
        found[index] = [what for what in said if not (tall and "more than a screen" in what)]
    return {index: what for index, what in found.items() if what}
