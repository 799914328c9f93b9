"""A grader killed at any moment leaves no process behind and loses nothing: the same command finishes the rest."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.red_team.another_user import CANNOT

ROOT = Path(__file__).parent.parent
PATIENCE = 60.0  # seconds, far more than it takes
STUDENTS = 10
NOBODY = 65534

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading needs Linux")


def parents() -> dict[int, int]:
    """pid → parent of every process."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text(errors="replace")
            except OSError:
                continue
            if text.rpartition(")")[2].split()[0] != "Z":
                found[int(entry.name)] = int(text.rpartition(")")[2].split()[1])
    return found


def descendants(pid: int) -> set[int]:
    """All processes below `pid`."""
    family, tree = {pid}, parents()
    while new := {p for p, parent in tree.items() if parent in family} - family:
        family |= new
    return family - {pid}


class Course:
    """A class folder, a gradebook, and the command that grades the one into the other, as this user or another."""

    def __init__(self, folder: Path, user: list[str]) -> None:
        self.database = folder / "gradebook.db"
        self.out = folder / "report"
        classroom = folder / "class"
        classroom.mkdir()
        for n in range(STUDENTS):
            shutil.copy(ROOT / "assets" / "sample_class" / "liam.ipynb", classroom / f"s{n}.ipynb")
        self.command = [
            *user,
            *(sys.executable, "-m", "autograder", "grade", str(classroom), "-a", "a1", "-j", "2"),
            *("--out", str(self.out), "--db", str(self.database)),
        ]

    def start(self) -> subprocess.Popen[bytes]:
        quiet = subprocess.DEVNULL
        return subprocess.Popen(self.command, cwd=ROOT, stdout=quiet, stderr=quiet)

    def gradings(self) -> Counter[str]:
        """How often each student was graded, read by nothing of ours."""
        if not self.database.exists():
            return Counter()
        query = """select students.student from gradings
                   join submissions on submissions.id = gradings.submission_id
                   join students on students.id = submissions.student_id"""
        connection = sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)
        try:
            return Counter(name for (name,) in connection.execute(query))
        except sqlite3.OperationalError:  # killed before the tables were made
            return Counter()
        finally:
            connection.close()


@pytest.fixture(params=["this user", "an ordinary user"])
def course(request: pytest.FixtureRequest) -> Iterator[Course]:
    folder = Path(tempfile.mkdtemp())  # not below pytest's, which only its owner may enter
    user: list[str] = []
    if request.param != "this user":
        if os.getuid() != 0:
            pytest.skip("this user is an ordinary one")
        user = [sys.executable, "-B", "-m", "tests.red_team.another_user", str(NOBODY), str(folder)]
        tried = subprocess.run([*user, sys.executable, "-c", ""], cwd=ROOT, capture_output=True)
        if tried.returncode == CANNOT:
            pytest.skip("this root may not open Python's folder to another user")
    made = Course(folder, user)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY) if user else None
    yield made
    shutil.rmtree(folder, ignore_errors=True)


def test_killed_at_random_moments_nothing_is_lost_and_nothing_done_twice(course: Course) -> None:
    moments = random.Random(20261121)
    before: Counter[str] = Counter()
    for start_with in (0, 1, 3):  # before, in and after the first gradings
        grader = course.start()
        end = time.monotonic() + PATIENCE
        while sum(course.gradings().values()) < start_with and time.monotonic() < end:
            time.sleep(0.02)
        time.sleep(moments.uniform(0.0, 0.6))
        family = descendants(grader.pid)
        grader.kill()
        grader.wait()
        while family & parents().keys() and time.monotonic() < end:
            time.sleep(0.05)
        assert not family & parents().keys(), "processes were left behind"
        now = course.gradings()
        assert before <= now, "a finished grading was lost"
        before = now
    assert before, "nothing was graded before the kills"
    again = subprocess.run(course.command, cwd=ROOT, capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert course.gradings() == {f"s{n}": 1 for n in range(STUDENTS)}
    assert len(list((course.out / "students").glob("*.html"))) == STUDENTS


def test_two_graders_share_a_class(course: Course) -> None:
    first, second = course.start(), course.start()
    assert first.wait(PATIENCE) == 0
    assert second.wait(PATIENCE) == 0
    assert course.gradings() == {f"s{n}": 1 for n in range(STUDENTS)}
