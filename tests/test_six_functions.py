"""The benchmark's assignment is a course of its own, graded by the real grader: all right 60, untouched 0."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.six_functions import course

REPOSITORY = Path(__file__).parents[1]


def test_the_answers_earn_all_points_and_the_handout_none(tmp_path: Path) -> None:
    root = course.lay_out(tmp_path / "course")
    assert [p.stem for p in (root / "autograder/catalogue").glob("*.json")] == [course.NOTEBOOK]
    course.hand_in(root, tmp_path / "class", "right")
    course.hand_in(root, tmp_path / "class", "blank", solved=False)
    course.autograder(
        "grade", str(tmp_path / "class"), "-j", "1", "--out", str(tmp_path / "out"), root=root
    )
    with (tmp_path / "out" / "gradebook.csv").open(encoding="utf-8") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert {s: (float(r["points"]), float(r["max_points"])) for s, r in rows.items()} == {
        "right": (60.0, 60.0),
        "blank": (0.0, 60.0),
    }


def test_a_failing_command_says_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match=r"no course\.toml"):
        course.autograder("grade", str(tmp_path / "nowhere"), root=tmp_path)


def test_the_help_of_the_benchmarks_lists_their_groups() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--help"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in ("handouts", "checks", "grading", "peers", "scale"):
        assert f"\n  {name} " in done.stdout
    wrong = subprocess.run(
        [sys.executable, "-m", "benchmarks", "nothing"],
        cwd=REPOSITORY, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert wrong.returncode == 2
    assert "nothing" in wrong.stderr
    assert "Traceback" not in wrong.stderr
