"""The assignment as a course of ours: a folder with our packages and, of notebooks, this one only."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from autograder.source import read_source
from autograder.source.regions import with_answers

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
NOTEBOOK = "01_six_functions"
SOURCE = HERE / "solutions" / f"{NOTEBOOK}.py"


def environment(root: Path) -> dict[str, str]:
    """In which `python -m autograder` is the copy in `root`."""
    path = os.pathsep.join((str(root), str(REPOSITORY)))  # the latter for benchmarks/
    return {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": path}


def lay_out(root: Path) -> Path:
    """Make the course in a new folder and build its handout; the folder."""
    half_written = shutil.ignore_patterns(
        "*.pyc.*"
    )  # bytecode that another process is about to rename
    for package in ("autograder", "course_lib"):
        shutil.copytree(REPOSITORY / package, root / package, ignore=half_written)
    for other in (root / "autograder" / "catalogue").glob("*.json"):
        other.unlink()
    shutil.copytree(HERE / "checks", root / "autograder" / "checks", dirs_exist_ok=True)
    (root / "solutions").mkdir()
    shutil.copy(SOURCE, root / "solutions")
    shutil.copy(HERE / "course.toml", root)
    # Grading processes write no bytecode; without it each would compile the copied packages anew.
    python("compileall", "-q", "autograder", "course_lib", root=root)
    autograder("handouts", "build", "--root", str(root), root=root)
    return root


def autograder(*arguments: str, root: Path) -> str:
    """Run our command; what it printed. RuntimeError with everything it said if it failed."""
    return python("autograder", *arguments, root=root)


def python(module: str, *arguments: str, root: Path) -> str:
    """`python -m module …` in the course's folder; what it printed."""
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(
        command, env=environment(root), cwd=root, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def handout(root: Path) -> dict[str, Any]:
    """The handout notebook."""
    text = (root / "notebooks" / f"{NOTEBOOK}.ipynb").read_text(encoding="utf-8")
    notebook: dict[str, Any] = json.loads(text)
    return notebook


def answers() -> dict[str, str]:
    """Exercise → its cell with the right answer in it."""
    return {
        cell.task.id: "\n".join(with_answers(cell.lines, cell.regions))
        for cell in read_source(SOURCE).cells
        if cell.task is not None
    }


def hand_in(root: Path, folder: Path, student: str, *, solved: bool = True) -> None:
    """Put one student's notebook into a class folder: all right, or untouched."""
    notebook = handout(root)
    right = answers() if solved else {}
    for cell in notebook["cells"]:
        exercise = cell["metadata"].get("exercise")
        if exercise in right:
            cell["source"] = right[exercise]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{student}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
