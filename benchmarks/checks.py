"""How long a student waits for `check(...)`, exercise by exercise, with the right answer."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from autograder.catalogue import all_notebooks, load_catalogue
from autograder.grading.reference import load_reference
from autograder.notebook.display import run_checks
from benchmarks.timing import Figure, median_seconds

ROOT = Path(__file__).parents[1]


def figures() -> list[Figure]:
    """Seconds per exercise, the first call of each included (nothing is warmed up), and their sum per notebook."""
    found: list[Figure] = []
    for notebook in all_notebooks():
        solved = load_reference(ROOT / "solutions" / f"{notebook}.py")
        total = 0.0
        for exercise in load_catalogue(notebook).exercises:
            name = exercise.id
            seconds = median_seconds(partial(run_checks, name, solved), runs=1, warmups=0)
            found.append(Figure(f"check {name}", seconds, "s", 1.0))
            total += seconds
        found.append(Figure(f"check, all of {notebook}", total, "s", 15.0))
    return found
