"""How long a student waits for `check(...)`, exercise by exercise, with the right answer."""

from __future__ import annotations

from pathlib import Path

from autograder.catalogue import load_catalogue
from autograder.grading.reference import load_reference
from autograder.notebook.display import run_checks
from benchmarks.timing import Figure, median_seconds

ROOT = Path(__file__).parents[1]
NOTEBOOK = "01_camera_geometry"


def figures() -> list[Figure]:
    """Seconds per exercise, the first call of each included (nothing is warmed up), and their sum."""
    solved = load_reference(ROOT / "solutions" / f"{NOTEBOOK}.py")
    found: list[Figure] = []
    for exercise in load_catalogue(NOTEBOOK).exercises:
        name = exercise.id
        seconds = median_seconds(lambda name=name: run_checks(name, solved), runs=1, warmups=0)
        found.append(Figure(f"check {name}", seconds, "s", 1.0))
    total = sum(figure.value for figure in found)
    return [*found, Figure("check, all exercises", total, "s", 15.0)]
