"""run_autograder in a folder laid out as Gradescope's: good, broken and hostile submissions, root and ordinary user."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.gradescope.container import seed_of_upload
from tests.gradescope_container import (
    CANNOT,
    IMPORTS,
    RING_ANSWER,
    SQUARE,
    SQUARE_ANSWER,
    SQUARE_CHECK,
    Layout,
    lay_out,
    notebook,
)
from tests.tiny_course import CHECKS, RING, autograder, make_course, write_checks, write_source

pytestmark = pytest.mark.slow

NOBODY = 65534
SEED = 987654321987
GOOD = {"01_areas.ipynb": notebook(IMPORTS, RING_ANSWER, SQUARE_ANSWER)}
HOSTILE = """
import glob, json, os, signal, sys
forged = json.dumps({"score": 1000, "tests": []})
for root in {os.environ.get("AUTOGRADER_ROOT", ""), "/autograder", "BASE"}:
    for target in (f"{root}/results/results.json", f"{root}/source/run_autograder"):
        try:
            open(target, "w").write(forged)
        except BaseException:
            pass
stolen = []
for path in glob.glob("BASE/source/**", recursive=True) + glob.glob("/proc/*/environ"):
    try:
        stolen.append(open(path).read())
    except BaseException:
        pass
for number in (os.getppid(), 1):
    try:
        os.kill(number, signal.SIGKILL)
    except BaseException:
        pass
print("SEED" in "".join(stolen), file=sys.stderr)
"""
STEALING = """
def ring(outer, inner):
    raise ValueError("stolen: " + "|".join(s[:200] for s in stolen))
def square(side):
    os._exit(0)
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    course = make_course(tmp_path_factory.mktemp("course") / "course")
    write_source(course, "01_areas", RING + SQUARE)
    write_checks(course, "areas", CHECKS["ring"] + SQUARE_CHECK)
    assert autograder(course, "handouts", "build").returncode == 0
    out = course.parent / "autograder.zip"
    command = ("package", "gradescope", "-a", "a1", "--out", str(out), "--seed", str(SEED))
    done = autograder(course, *command)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture
def layout(package: Path) -> Iterator[Layout]:
    """Not below pytest's folder, which only its owner may enter."""
    base = Path(tempfile.mkdtemp(prefix="autograder-"))
    base.chmod(0o755)
    yield lay_out(package, base)
    shutil.rmtree(base, ignore_errors=True)


@pytest.fixture(params=["root", "ordinary user"])
def user(request: pytest.FixtureRequest) -> int:
    if os.getuid() != 0:
        if request.param == "root":
            pytest.skip("only root can grade as root")
        return os.getuid()
    return 0 if request.param == "root" else NOBODY


def graded(layout: Layout, user: int, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = layout.run(user)
    if done.returncode == CANNOT:
        pytest.skip(f"this root may not open Python's folder to another user: {done.stderr}")
    assert done.returncode == code, done.stdout + done.stderr
    return done


def test_a_good_submission_earns_everything(layout: Layout, user: int) -> None:
    layout.submit(GOOD)
    done = graded(layout, user)
    assert layout.scores() == {"Ring": 4, "Square": 2}
    assert layout.read()["score"] == 6
    assert layout.read()["extra_data"]["sandbox_tier"] in "ABCD"
    assert "graded: 6 points" in done.stdout
    assert sorted(p.name for p in layout.results.parent.iterdir()) == ["results.json"]
    assert str(SEED) not in layout.results.read_text() + done.stdout + done.stderr


def test_a_broken_submission_earns_what_is_right_in_it(layout: Layout, user: int) -> None:
    wrong = "def square(side):\n    return 4 * side\n"
    layout.submit(
        {"01_areas.ipynb": notebook(IMPORTS, "1 / 0", "def broken(:", RING_ANSWER, wrong)}
    )
    graded(layout, user)
    assert layout.scores() == {"Ring": 4, "Square": 0}
    (square,) = [t for t in layout.read()["tests"] if t["name"] == "Square"]
    assert "✗ Three squares." in square["output"]
    assert "the areas" in square["output"]


def test_a_hostile_submission_gets_nothing_and_reads_nothing(layout: Layout, user: int) -> None:
    attack = HOSTILE.replace("BASE", str(layout.base)).replace("SEED", str(SEED))
    before = (layout.base / "source" / "run_autograder").read_bytes()
    layout.submit({"01_areas.ipynb": notebook(IMPORTS, attack, STEALING)})
    graded(layout, user)
    assert layout.read()["score"] == 0
    text = layout.results.read_text()
    assert str(SEED) not in text
    assert "missing_disc" not in text
    assert "stolen: " in text, "the attack did not run"
    assert (layout.base / "source" / "run_autograder").read_bytes() == before


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "nothing was uploaded"),
        ({"report.pdf": "%PDF"}, "no notebook"),
        ({"01_areas.ipynb": '{"cells": ['}, "damaged"),
        ({"01_areas.zip": "no zip"}, "zip"),
    ],
)
def test_what_cannot_be_read_earns_nothing_and_is_told_why(
    layout: Layout, files: dict[str, str], said: str
) -> None:
    layout.submit(files)
    assert layout.run().returncode == 0
    assert layout.read()["score"] == 0
    assert layout.read()["output"].startswith(
        "This submission earns 0 points because it cannot be graded:"
    )
    assert said in layout.read()["output"]


def test_a_link_to_the_answers_is_not_followed(layout: Layout) -> None:
    layout.submit({})
    solutions = layout.base / "source" / "course" / "notebooks" / "01_areas.ipynb"
    (layout.base / "submission" / "01_areas.ipynb").symlink_to(solutions)
    assert layout.run().returncode == 0
    assert "nothing was uploaded" in layout.read()["output"]


def test_who_hands_in_is_whom_gradescope_says_and_lateness_is_only_told(layout: Layout) -> None:
    layout.submit({**GOOD, "submission.json": '{"student": {"id": "somebody-else"}}'})
    (layout.base / "submission_metadata.json").write_text(
        '{"created_at": "2026-02-03T09:00:00Z", "assignment": {"due_date": "2026-02-01T09:00:00Z"},'
        ' "users": [{"email": "ada@uni.edu", "name": "Ada"}]}'
    )
    assert layout.run().returncode == 0
    document = layout.read()
    assert document["score"] == 6
    assert document["output"].startswith("Handed in 2 days after the due date.")


def start(layout: Layout) -> subprocess.Popen[bytes]:
    """run_autograder on a submission whose first exercise is right and whose second never ends."""
    endless = "def square(side):\n    while True:\n        pass\n"
    layout.submit({"01_areas.ipynb": notebook(IMPORTS, RING_ANSWER, endless)})
    process = subprocess.Popen(
        [str(layout.base / "source" / "run_autograder")],
        env=layout.environment(),
        cwd=layout.base,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while not (layout.results.exists() and layout.read()["score"] == 4):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process


def test_what_is_graded_counts_even_if_everything_is_killed(layout: Layout) -> None:
    process = start(layout)
    process.kill()
    process.wait()
    document = layout.read()
    assert document["score"] == 4
    assert document["output"].startswith(
        "Grading has begun. If this text stays, grading was cut off"
    )
    assert document["tests"][1]["output"] == "Not graded yet."


def test_grading_that_runs_out_of_time_says_so(layout: Layout) -> None:
    process = start(layout)
    process.send_signal(signal.SIGTERM)  # the alarm clock does the same
    assert process.wait() == 0
    assert layout.read()["score"] == 4
    assert re.match(r"Grading was cut off after \d+ minutes", layout.read()["output"])


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("secret/seed", "source/secret/seed cannot be read"),
        ("package.json", "source/package.json cannot be read"),
        ("course/solutions/01_areas.py", "01_areas.py"),
    ],
)
def test_our_own_failure_is_told_apart_from_the_students(
    layout: Layout, damage: str, said: str
) -> None:
    layout.submit(GOOD)
    (layout.base / "source" / damage).unlink()
    done = layout.run()
    assert done.returncode == 1
    document = layout.read()
    assert document["score"] == 0
    assert document["output"].startswith(
        "The autograder itself failed. This is not the fault of your submission"
    )
    assert said in document["output"]
    assert "Traceback" in done.stderr
    assert "Traceback" not in document["output"]


def test_every_upload_gets_numbers_of_its_own_and_the_same_ones_again() -> None:
    first, again, other = (seed_of_upload(7, digest) for digest in ("a", "a", "b"))
    assert first == again != other
    assert seed_of_upload(8, "a") != first
    assert first != 7
