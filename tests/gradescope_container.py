"""Folders laid out as Gradescope's container, and submissions that it may find there."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.red_team.another_user import CANNOT, REPOSITORY

SQUARE = '''
# %% exercise="square" title="Square" points=2
def square(side: torch.Tensor) -> torch.Tensor:
    """The area of a square."""
    # BEGIN SOLUTION
    return side * side
    # END SOLUTION
'''
SQUARE_CHECK = '''
@cases_for("square")
def square_cases(draw: Draw) -> Iterator[Case]:
    yield Case("square", "three", {"side": draw.uniform(1, 2, 3)})

@checks_exercise("square", entrance=True)
def test_three_squares(student: Student, cases: Cases) -> None:
    """Three squares."""
    case = cases.one("square", "three")
    expect_close(student.square(*case.inputs.values()), case.expected, "the areas")
'''
RING_ANSWER = "def ring(outer, inner):\n    return math.pi * (outer**2 - inner**2)\n"
SQUARE_ANSWER = "def square(side):\n    return side**2\n"
IMPORTS = "import math\nimport torch\n"


def notebook(*cells: str) -> str:
    """A notebook file with these code cells."""
    made = [
        {
            "cell_type": "code",
            "id": f"c{n}",
            "metadata": {},
            "outputs": [],
            "execution_count": None,
            "source": text,
        }
        for n, text in enumerate(cells)
    ]
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@dataclass(frozen=True)
class Layout:
    """/autograder, elsewhere."""

    base: Path

    @property
    def results(self) -> Path:
        return self.base / "results" / "results.json"

    def read(self) -> dict[str, Any]:
        """What Gradescope would read."""
        document: dict[str, Any] = json.loads(self.results.read_text(encoding="utf-8"))
        return document

    def scores(self) -> dict[str, float]:
        return {test["name"]: test["score"] for test in self.read()["tests"]}

    def submit(self, files: Mapping[str, str]) -> None:
        """Replace the submission."""
        shutil.rmtree(self.base / "submission")
        (self.base / "submission").mkdir()
        for name, text in files.items():
            (self.base / "submission" / name).write_text(text)
        self.results.unlink(missing_ok=True)

    def environment(self) -> dict[str, str]:
        return {
            "AUTOGRADER_ROOT": str(self.base),
            "AUTOGRADER_PYTHON": sys.executable,
            "PATH": "/usr/bin:/bin",
        }

    def run(self, user: int | None = None) -> subprocess.CompletedProcess[str]:
        """run_autograder as this user, or as another from root; CANNOT is its status where that is impossible."""
        command = [str(self.base / "source" / "run_autograder")]
        if user is not None and user != os.getuid():
            home = self.base / "home"
            home.mkdir(exist_ok=True)
            for path in (self.base, *self.base.rglob("*")):
                os.chown(path, user, user, follow_symlinks=False)
            variables = [f"{name}={value}" for name, value in self.environment().items()]
            other = [
                sys.executable,
                "-B",
                "-m",
                "tests.red_team.another_user",
                str(user),
                str(home),
            ]
            command = [*other, "/usr/bin/env", *variables, *command]
        return subprocess.run(
            command,
            env=self.environment(),
            cwd=REPOSITORY if user else self.base,
            capture_output=True,
            text=True,
            check=False,
        )


def lay_out(package: Path, base: Path) -> Layout:
    """Unpack the zip with its mode bits, as Gradescope does."""
    for folder in ("source", "submission", "results"):
        (base / folder).mkdir(parents=True)
    with zipfile.ZipFile(package) as archive:
        for entry in archive.infolist():
            path = archive.extract(entry, base / "source")
            os.chmod(path, stat.S_IMODE(entry.external_attr >> 16))
    return Layout(base)


__all__ = ["CANNOT", "Layout", "lay_out", "notebook"]
