"""A grader killed in the middle leaves no process behind, and the same command finishes the rest."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PATIENCE = 60.0  # seconds, far more than it takes

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading needs Linux")


def parents() -> dict[int, int]:
    """pid → parent of every process."""
    found = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                text = (entry / "stat").read_text()
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


def test_kill_and_resume(tmp_path: Path) -> None:
    folder, out = tmp_path / "class", tmp_path / "report"
    folder.mkdir()
    for n in range(8):
        shutil.copy(ROOT / "assets" / "sample_class" / "liam.ipynb", folder / f"s{n}.ipynb")
    command = [
        sys.executable,
        "-m",
        "autograder",
        "grade",
        str(folder),
        "-j",
        "2",
        "--out",
        str(out),
    ]
    grader = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    end = time.monotonic() + PATIENCE
    while not list(out.glob("results/*.json")) and time.monotonic() < end:
        time.sleep(0.05)
    family = descendants(grader.pid)
    assert family, "the grader had no processes to leave behind"
    grader.kill()
    grader.wait()
    while family & parents().keys() and time.monotonic() < end:
        time.sleep(0.05)
    assert not family & parents().keys()
    kept = {p.name: p.stat().st_mtime_ns for p in out.glob("results/*.json")}
    assert kept
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={**os.environ})
    assert again.returncode == 0, again.stderr
    results = {p.name: p.stat().st_mtime_ns for p in out.glob("results/*.json")}
    assert len(results) == 8
    assert kept.items() <= results.items(), "a finished result was written again"
