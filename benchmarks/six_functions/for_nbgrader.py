"""The assignment as nbgrader wants it: a course folder with a source notebook, and one submission."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.six_functions import course
from benchmarks.six_functions.asserts import ASSERTS, PLAIN

CONFIG = """
c = get_config()
c.CourseDirectory.course_id = "six"
c.ExecutePreprocessor.timeout = 120
"""


def lay_out(root: Path) -> None:
    """source/six/six.ipynb with the tests, and submitted/ada/six/six.ipynb, all right."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "nbgrader_config.py").write_text(CONFIG)
    for place in ("source", "submitted/ada"):
        folder = root / place / "six"
        folder.mkdir(parents=True)
        text = json.dumps(notebook(marked=place == "source"))
        (folder / "six.ipynb").write_text(text, encoding="utf-8")


def points(root: Path) -> float:
    """What it gave."""
    with closing(sqlite3.connect(root / "gradebook.db")) as database:
        (found,) = database.execute("select sum(coalesce(auto_score, 0)) from grade").fetchone()
    return float(found)


def notebook(*, marked: bool) -> dict[str, Any]:
    """Answers and tests; `marked` puts nbgrader's markers around the answers, as the source has them."""
    cells = [_cell("imports", "import torch\nfrom torch import Tensor")]
    for name, answer in course.answers().items():
        body = _marked(answer) if marked else answer
        cells.append(_cell(name, body, solution=True))
        for number, code in enumerate(ASSERTS[name], start=1):
            cells.append(_cell(f"{name}-test-{number}", PLAIN + code, points=5))
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _marked(answer: str) -> str:
    lines = answer.splitlines()
    first = next(n for n, line in enumerate(lines) if line.strip().endswith('"""')) + 1
    head, body = lines[:first], lines[first:]
    return "\n".join([*head, "    ### BEGIN SOLUTION", *body, "    ### END SOLUTION"])


def _cell(name: str, source: str, *, solution: bool = False, points: int = 0) -> dict[str, Any]:
    grading = {
        "grade": bool(points),
        "solution": solution,
        "locked": not solution,
        "grade_id": name,
        "schema_version": 3,
        "task": False,
    }
    if points:
        grading["points"] = points
    return {
        "cell_type": "code",
        "id": name,
        "metadata": {"nbgrader": grading},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }
