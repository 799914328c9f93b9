"""The assignment as otter-grader wants it: a folder of tests for `otter generate`, and one submission."""

from __future__ import annotations

import json
from pathlib import Path

from benchmarks.six_functions import course
from benchmarks.six_functions.asserts import ASSERTS, PLAIN

HEAD = """from otter.test_files import test_case

OK_FORMAT = False

name = {name!r}
points = 10
"""


def lay_out(root: Path) -> None:
    """tests/*.py and ada.ipynb, all right. Nothing beside them, or otter would pack it."""
    tests = root / "tests"
    tests.mkdir(parents=True)
    for name in ASSERTS:
        (tests / f"{name}.py").write_text(test_file(name), encoding="utf-8")
    cells = ["import torch\nfrom torch import Tensor", *course.answers().values()]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    raw: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "id": f"cell-{n}",
            "metadata": {},
            "source": source,
            "outputs": [],
            "execution_count": None,
        }
        for n, source in enumerate(cells)
    ]
    notebook = {
        "cells": raw,
        "metadata": {"kernelspec": kernel},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    (root / "ada.ipynb").write_text(json.dumps(notebook), encoding="utf-8")


def points(root: Path) -> float:
    """What it gave."""
    results = json.loads((root / "results.json").read_text(encoding="utf-8"))
    return sum(float(test.get("score") or 0) for test in results["tests"])


def test_file(name: str) -> str:
    """A test file in otter's exception-based form: a function per check."""
    parts = [HEAD.format(name=name)]
    for number, code in enumerate(ASSERTS[name], start=1):
        body = "".join(f"    {line}\n" for line in ("import torch\n" + PLAIN + code).splitlines())
        parts.append(f"\n\n@test_case(points=5)\ndef test_{number}({name}):\n{body}")
    return "".join(parts)
