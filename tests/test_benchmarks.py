"""The measuring itself: costs of commands, memory of process trees, and which figures miss their limits."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import peers, peers_venv
from benchmarks.processes import Cost, MemoryWatch, descendants, median_cost, run_command, tree_mb
from benchmarks.timing import Figure

BUSY = "sum(i * i for i in range(3_000_000))"


def test_a_command_costs_what_its_children_cost(tmp_path: Path) -> None:
    """Processor time counts that of a grandchild, and not that of sleeping."""
    grandchild = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])"
    busy = run_command([sys.executable, "-c", grandchild], tmp_path, os.environ)
    idle = run_command([sys.executable, "-c", "import time; time.sleep(0.5)"], tmp_path, os.environ)
    assert busy.cpu > 2 * idle.cpu
    assert idle.wall > 0.5


def test_a_command_that_fails_is_no_measurement(tmp_path: Path) -> None:
    program = "import sys; print('what it said'); sys.exit('and why')"
    with pytest.raises(RuntimeError, match=r"failed:\nwhat it said\nand why"):
        run_command([sys.executable, "-c", program], tmp_path, os.environ)


def test_medians_are_taken_by_kind() -> None:
    costs = iter([Cost(1, 9), Cost(3, 7), Cost(2, 8)])
    assert median_cost(lambda: next(costs)) == Cost(2, 8)


def test_memory_counts_the_whole_tree() -> None:
    """A grandchild that holds 80 MB shows up below this process, and is gone with it."""
    holder = "held = bytearray(80 * 2**20); print('ready', flush=True); input()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {holder!r}])"
    before = tree_mb(os.getpid())
    with (
        MemoryWatch(seconds=0.05) as memory,
        subprocess.Popen(
            [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as child,
    ):
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        assert child.pid in descendants(os.getpid())
        assert len(descendants(child.pid)) == 1
        assert tree_mb(os.getpid()) > before + 80
        while memory.peak < 80:
            memory._done.wait(0.05)
        child.communicate(b"\n")
    assert memory.around(1.0) <= memory.peak
    assert child.pid not in descendants(os.getpid())


@pytest.mark.parametrize(
    ("value", "limit", "at_least", "misses"),
    [
        (1.0, None, False, False),
        (1.0, 2.0, False, False),
        (3.0, 2.0, False, True),
        (3.0, 2.0, True, False),
        (1.0, 2.0, True, True),
    ],
)
def test_limits(value: float, limit: float | None, at_least: bool, misses: bool) -> None:
    assert Figure("f", value, "s", limit, at_least=at_least).misses is misses


def test_without_the_others_ours_is_still_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(peers_venv, "FOLDER", tmp_path / "venv")
    monkeypatch.setattr(peers_venv, "run_command", _no_network)
    assert peers._peers(tmp_path) == {}
    assert "nbgrader and otter-grader are left out" in capsys.readouterr().err
    warm = {"all": 0.05, "fork": 0.01, "calls": 0.02, "points": 60.0}
    table = peers.markdown({}, Cost(2, 3), warm)
    assert "| ours, warm, with feedback page | 0.050 | |" in table
    assert "nbgrader" not in table
    assert list(peers.breakdown(warm)) == ["call the student's functions", "fork and shut in"]


def _no_network(*_: object) -> Cost:
    raise RuntimeError("pip install failed:\nWARNING: retrying\nERROR: no matching distribution")


def test_a_grader_that_gives_other_points_is_not_measured() -> None:
    with pytest.raises(RuntimeError, match="otter-grader gave the right answers 50 of 60 points"):
        peers._expect_sixty(50, "otter-grader")
