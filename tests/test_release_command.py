"""`autograder release` on a course in miniature: it installs, it checks, and it holds no answer."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.tiny_course import autograder, make_course

pytestmark = pytest.mark.slow

CHECK = """
import math, torch
import course_lib, autograder
print("from", autograder.__file__)
def ring(outer, inner):
    return math.pi * (outer - inner) * (outer + inner)
autograder.check("ring")
def ring(outer, inner):
    return math.pi * outer**2
autograder.check("ring")
for topic in ("areas", "sums"):
    try:
        print(topic, __import__(f"course_lib.solved.{topic}", fromlist=["x"]).__name__)
    except ModuleNotFoundError as error:
        print(topic, "is closed to students:", error)
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_course(tmp_path_factory.mktemp("course") / "course")
    assert autograder(folder, "handouts", "build").returncode == 0
    return folder


@pytest.fixture(scope="module")
def stages(course: Path) -> dict[int, Path]:
    """Both releases, at the default place."""
    for stage in (1, 2):
        done = autograder(course, "release", "--stage", str(stage))
        assert done.returncode == 0, done.stderr
        assert f"stage-{stage}: " in done.stdout
    return {stage: course / "build" / "release" / f"stage-{stage}" for stage in (1, 2)}


def tree(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def installed(release: Path, folder: Path) -> str:
    """What a program prints that sees the release's wheel and no other course."""
    (wheel,) = (release / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        [sys.executable, "-P", "-c", CHECK],
        cwd=folder.parent,
        env={**environment, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"from {folder}" in done.stdout
    return done.stdout


def test_two_builds_are_the_same_to_the_byte(
    course: Path, stages: dict[int, Path], tmp_path: Path
) -> None:
    again = tmp_path / "again"
    assert autograder(course, "release", "--stage", "1", "--out", str(again)).returncode == 0
    assert tree(again) == tree(stages[1])
    moments = {p.stat().st_mtime for p in again.rglob("*")}
    assert len(moments) == 1


def test_the_wheel_checks_answers_and_has_none(stages: dict[int, Path], tmp_path: Path) -> None:
    said = installed(stages[1], tmp_path / "one")
    assert "passed" in said or "✓" in said
    assert "Four rings" in said
    assert "areas is closed to students" in said
    assert "sums is closed to students" in said
    said = installed(stages[2], tmp_path / "two")
    assert "areas course_lib.solved.areas" in said
    assert "sums is closed to students" in said


def test_the_tree_holds_what_students_need(stages: dict[int, Path]) -> None:
    first = tree(stages[1])
    assert "notebooks/01_areas.ipynb" in first
    assert not [name for name in first if "02_sums" in name or "checks/sums" in name]
    assert not [name for name in first if name.startswith(("solutions/", "tests/", "course.toml"))]
    readme = first["README.md"].decode()
    assert (
        "https://colab.research.google.com/github/owner/name/blob/main/notebooks/01_areas.ipynb"
        in readme
    )
    assert "2026-02-01 09:00" in readme
    assert "$" not in readme
    assert b"missing_disc" in tree(stages[2])["course_lib/solved/areas.py"]


def test_a_release_replaces_a_release_but_no_work(course: Path, stages: dict[int, Path]) -> None:
    place = stages[1].parent / "moving"
    out = ("--out", str(place))
    assert autograder(course, "release", "--stage", "2", *out).returncode == 0
    assert autograder(course, "release", "--stage", "1", *out).returncode == 0
    assert tree(place) == tree(stages[1])
    (place / "notebooks" / "mine.ipynb").write_text("{}")
    before = tree(place)
    done = autograder(course, "release", "--stage", "2", *out)
    assert done.returncode == 2
    assert "notebooks/mine.ipynb in it was put there by somebody else" in done.stderr
    assert "Only an unchanged release is replaced. Name a new folder" in done.stderr
    assert tree(place) == before
    assert not list(place.parent.glob(".*.part"))


def test_the_course_itself_is_never_replaced(course: Path) -> None:
    for out in (course, course.parent):
        done = autograder(course, "release", "--stage", "1", "--out", str(out))
        assert done.returncode == 2
        assert "holds the course itself; name another folder" in done.stderr


def test_a_stale_course_is_not_released(course: Path, tmp_path: Path) -> None:
    catalogue = course / "autograder" / "catalogue" / "01_areas.json"
    text = catalogue.read_text()
    catalogue.write_text(text.replace('"points": 4', '"points": 40'))
    try:
        done = autograder(course, "release", "--stage", "1", "--out", str(tmp_path / "x"))
    finally:
        catalogue.write_text(text)
    assert done.returncode == 1
    assert "autograder/catalogue/01_areas.json: differs from what its source gives" in done.stderr
    assert "to mend it: autograder handouts build --notebook 01_areas" in done.stderr
    assert done.stderr.rstrip().endswith("nothing was released")
    assert list(tmp_path.iterdir()) == []


def test_private_and_leaking_files_stop_the_release(course: Path, tmp_path: Path) -> None:
    notes = course / "course_lib" / "notes.docx"
    notes.write_text("my notes")
    leak = course / "autograder" / "report" / "templates" / "hint.html"
    leak.write_text("<p>weights = torch.arange(1, len(numbers) + 1, dtype=numbers.dtype)</p>")
    try:
        done = autograder(course, "release", "--stage", "1", "--out", str(tmp_path / "x"))
    finally:
        notes.unlink()
        leak.unlink()
    assert done.returncode == 1
    assert "course_lib/notes.docx: is of a kind (.docx) that no release carries" in done.stderr
    assert "hint.html: shows this line of an answer: weights = torch.arange" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_wheel_that_notebooks_would_not_find_stops_the_release(
    course: Path, tmp_path: Path
) -> None:
    syllabus = course / "course.toml"
    text = syllabus.read_text()
    syllabus.write_text(text.replace("-0.1.0-", "-0.0.9-"))
    try:
        done = autograder(course, "release", "--stage", "1", "--out", str(tmp_path / "x"))
    finally:
        syllabus.write_text(text)
    assert done.returncode == 1
    assert (
        "release.wheel names inverse_graphics_course-0.0.9-py3-none-any.whl, but this release's"
        in done.stderr
    )


def test_a_stage_that_is_not_published_is_named(course: Path) -> None:
    done = autograder(course, "release", "--stage", "3")
    assert done.returncode == 2
    assert "there is no published notebook 3 (published: 1, 2)" in done.stderr
