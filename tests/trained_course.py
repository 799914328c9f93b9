"""The course in miniature with a trained exercise in its second notebook, and what students hand in for it."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import torch

from autograder.trained.drawn import Hidden, to_levels
from autograder.trained.predictions import Predictions
from tests.tiny_course import REPOSITORY, TOTAL, make_course, write_source

NOTEBOOK = "02_sums"
TRAIN = """
# %% [markdown]
# ## Train
#
# {{bands standin}}

# %% trained="standin" title="Stripes" points=8
from autograder import export_predictions
from course_lib.data.view_task import load_task

task = load_task("standin")
export_predictions("standin", task.train.images[: len(task)])
"""
ANSWER = """import torch
def total(numbers):
    weights = torch.arange(1, len(numbers) + 1, dtype=numbers.dtype)
    return (weights * numbers**2).sum()
"""


def make_trained_course(folder: Path) -> Path:
    """`make_course` with one more exercise, which is trained."""
    course = make_course(folder)
    tasks = course / "autograder/trained/tasks"
    shutil.copy(REPOSITORY / "tests/trained_standin.py", tasks / "standin.py")
    write_source(course, NOTEBOOK, TOTAL + TRAIN)
    return course


def hand_in(path: Path, student: str, predictions: bytes | None, cells: str = ANSWER) -> Path:
    """A zip as `submit()` packs it."""
    cell = {"cell_type": "code", "metadata": {}, "source": cells}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"{NOTEBOOK}.ipynb", json.dumps(notebook))
        if predictions is not None:
            archive.writestr("predictions/standin.safetensors", predictions)
        manifest = {"format": 1, "student": {"id": student, "name": ""}, "files": {}}
        archive.writestr("submission.json", json.dumps(manifest))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.getvalue())
    return path


def predicted(hidden: Hidden, noise: float = 0.0, name: str = "") -> bytes:
    """The hidden views with noise of so many of 255 levels, as a student would hand them in."""
    views = (
        torch.frombuffer(bytearray(hidden.images), dtype=torch.uint8).reshape(hidden.shape) / 255
    )
    signs = torch.where(torch.arange(views.numel()) % 2 == 0, 1.0, -1.0).reshape(views.shape)
    images = to_levels(views + signs * noise / 255)
    return Predictions(hidden.task, hidden.fingerprint, hidden.shape, images, name).to_bytes()


def run(
    course: Path, *arguments: str, code: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """A command of the course by its own code, or that in another folder, from another folder."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    own = {"PYTHONPATH": str(code or course), "OMP_NUM_THREADS": "1", "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-P", "-m", "autograder", *arguments, "--root", str(course)],
        cwd=course.parent,
        env={**environment, **own},
        capture_output=True,
        text=True,
        check=False,
    )
