"""What graders alone need is there for them, and students do all of theirs without it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.release.contents import GRADERS_ALONE, contents_of
from autograder.settings import load_settings
from tests.trained_course import NOTEBOOK, hand_in, make_trained_course, run

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_trained_course(tmp_path_factory.mktemp("course") / "course")
    built = run(folder, "handouts", "build", "--notebook", NOTEBOOK)
    assert built.returncode == 0, built.stderr
    return folder


@pytest.fixture(scope="module")
def students(course: Path) -> Path:
    """The same code without what graders alone need."""
    folder = course.parent / "students"
    for name in ("autograder", "course_lib", "assets"):
        shutil.copytree(course / name, folder / name)
    for path in GRADERS_ALONE:
        (folder / path).unlink()
    return folder


def test_releases_and_the_wheel_leave_it_out() -> None:
    excluded = (REPOSITORY / "pyproject.toml").read_text().partition("\nexclude = ")[2]
    settings = load_settings(REPOSITORY)
    files = contents_of(REPOSITORY, settings, 2).files
    assert Path("autograder/trained/judge.py") in files
    for path in GRADERS_ALONE:
        assert (REPOSITORY / path).is_file()
        assert f'"{path.as_posix()}"' in excluded.splitlines()[0]
        assert path not in files


@pytest.mark.slow
def test_students_export_and_check_without_it(students: Path) -> None:
    program = (
        "import torch\n"
        "from autograder import check, export_predictions, show_bands, submit\n"
        "export_predictions('standin', torch.zeros(5, 12, 16, 3))\n"
        "check('standin')\n"
        "print(show_bands('standin'))\n"
        "import autograder.trained.judge\n"
        "from autograder.trained import scores\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=students.parent,
        env={**os.environ, "PYTHONPATH": str(students), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
    )
    assert "✓ passed: The predictions are there and in form" in done.stdout, done.stderr
    assert "PSNR ≥ 30 dB: 2 points" in done.stdout
    assert "cannot import name 'scores' from 'autograder.trained'" in done.stderr


@pytest.mark.slow
def test_who_grades_without_it_is_told_where_to_grade(
    course: Path, students: Path, tmp_path: Path
) -> None:
    hand_in(tmp_path / "class/ada.zip", "ada", None)
    book = f"sqlite:///{tmp_path / 'book.db'}"
    place = ("--out", str(tmp_path / "report"), "--db", book, "-j", "1")
    command = ("grade", str(tmp_path / "class"), "--assignment", "a2", *place)
    done = run(course, *command, code=students)
    assert done.returncode == 2
    assert "this autograder is the one that students install" in done.stderr
    assert "installed by `make setup`" in done.stderr
    assert not (tmp_path / "report/gradebook.csv").exists()
