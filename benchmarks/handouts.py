"""How long notebook 1 takes to build: source to handout, solved module, exercise list and public references."""

from __future__ import annotations

import tempfile
from pathlib import Path

import jupytext

from autograder.handouts.build import build
from autograder.settings import load_settings
from benchmarks.timing import Figure, median_seconds

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "solutions" / "01_camera_geometry.py"


def figures() -> list[Figure]:
    """Build into an empty folder, so that every file is written; the floor is jupytext's parsing alone."""
    release = load_settings(ROOT).release
    text = SOURCE.read_text(encoding="utf-8")
    floor = median_seconds(lambda: jupytext.reads(text, fmt="py:percent"))

    def once() -> None:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "solutions").mkdir()
            (root / "solutions" / SOURCE.name).write_text(text, encoding="utf-8")
            (root / "autograder" / "checks").mkdir(parents=True)
            (root / "autograder" / "checks" / "camera_geometry").symlink_to(
                ROOT / "autograder" / "checks" / "camera_geometry"
            )
            list(build(root, release))

    seconds = median_seconds(once)
    return [Figure("build notebook 1, after imports", seconds, "s", 1.0, floor, "jupytext parsing")]
