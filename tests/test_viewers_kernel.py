"""Viewers of notebook 4 in a real kernel: sliders despite a slow renderer, and what a saved notebook keeps."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from course_lib.viewers.slider_panel import WIDGET_VIEW

ROOT = Path(__file__).parent.parent

SHOWN = """
import asyncio, json, time, torch
from course_lib.viewers import CodeExplorer, show_interpolation
from tests.orbit_scene import look_at

resolutions = []
def render(z, pose, resolution):
    resolutions.append(resolution)
    time.sleep(0.3 * resolution[0] * resolution[1] / 64**2)  # too slow for a hand
    return {"rgb": torch.full((*resolution, 3), float(z[0].sigmoid()))}

explorer = CodeExplorer(render, torch.randn(5, 8), look_at, directions=torch.eye(8)[:3])
explorer
"""
MOVED = """
resolutions.clear()
for share in (0.2, 0.4, 0.6):
    explorer._controls["between"].value = share
    explorer._controls["direction_2"].value = share
print(json.dumps(resolutions))
"""
RESTED = """
await asyncio.sleep(1.5)
print(resolutions[-1], len(resolutions), explorer.error)
"""
MOVING = """
frames = torch.linspace(0, 1, 6)[:, None, None, None].expand(6, 16, 16, 3)
show_interpolation({"rgb": frames, "normals": 2 * frames - 1})
"""


@pytest.mark.slow
def test_in_a_kernel_and_afterwards() -> None:
    import nbclient
    import nbformat
    from nbconvert import HTMLExporter

    cells = [nbformat.v4.new_code_cell(code) for code in (SHOWN, MOVED, RESTED, MOVING)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    resources = {"metadata": {"path": str(ROOT)}}
    nbclient.NotebookClient(notebook, timeout=120, resources=resources).execute()
    outputs: list[list[Any]] = [cell.outputs for cell in notebook.cells]
    explorer = outputs[0][-1].data
    assert WIDGET_VIEW in explorer
    assert explorer["text/plain"].startswith("rgb of mean code from azimuth 35°")

    moved = json.loads(outputs[1][0].text)
    assert len(moved) == 6
    assert all(height <= 32 for height, _ in moved)
    rested = outputs[2][0].text.split("\n")[0]
    assert rested == "(64, 64) 7 "  # once, in full

    moving = outputs[3][0]
    assert base64.b64decode(moving.data["image/png"]).count(b"fcTL") == 10  # frames, there and back
    notebook.metadata.pop("widgets", None)  # as after File → Save without the widgets' state
    page, _ = HTMLExporter().from_notebook_node(notebook)
    for data in (explorer, moving.data):
        assert data["image/png"].strip() in page
