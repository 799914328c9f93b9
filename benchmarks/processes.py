"""What commands cost: wall-clock and processor seconds, and the memory of a whole tree of processes over time."""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True)
class Cost:
    """Of one run of a command, or the medians of several."""

    wall: float
    cpu: float  # of the command and all that it started and waited for


def run_command(command: Sequence[str | Path], cwd: Path, environment: Mapping[str, str]) -> Cost:
    """Run a command to its end; RuntimeError with what it said if it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        said = (done.stdout + done.stderr)[-3000:]
        raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{said}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(wall, cpu)


def median_cost(run: Callable[[], Cost], runs: int = 3) -> Cost:
    """Medians of wall and processor seconds."""
    costs = [run() for _ in range(runs)]
    return Cost(statistics.median(c.wall for c in costs), statistics.median(c.cpu for c in costs))


def tree_mb(root: int) -> float:
    """Proportional memory (PSS) of a process and its descendants: shared pages count once, split among sharers."""
    kilobytes = sum(_pss(pid) for pid in (root, *descendants(root)))
    return kilobytes / 1024


def descendants(root: int) -> list[int]:
    """All processes below `root`, in any namespace."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            children.setdefault(_parent(int(entry.name)), []).append(int(entry.name))
    found: list[int] = []
    waiting = [root]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def _parent(pid: int) -> int:
    try:
        return int(
            (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()[1]
        )
    except (OSError, ValueError, IndexError):  # it has ended
        return -1


def _pss(pid: int) -> int:
    try:
        lines = (_PROC / str(pid) / "smaps_rollup").read_text().splitlines()
    except OSError:  # it has ended, or may not be looked into
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


@dataclass
class MemoryWatch:
    """A context manager that samples the memory of everything below this process."""

    seconds: float = 0.5
    samples: list[tuple[float, float]] = field(default_factory=list)  # seconds since entry, MB
    _done: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> MemoryWatch:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    @property
    def peak(self) -> float:
        """The largest sample."""
        return max((mb for _, mb in self.samples), default=0.0)

    def around(self, share: float) -> float:
        """The median of the samples near a share of the whole time."""
        middle = share * self.samples[-1][0]
        width = 0.05 * self.samples[-1][0]
        near = [mb for at, mb in self.samples if abs(at - middle) <= width]
        return statistics.median(near)

    def _watch(self) -> None:
        start = time.perf_counter()
        while not self._done.wait(self.seconds):
            below = tree_mb(os.getpid()) - _pss(os.getpid()) / 1024
            self.samples.append((time.perf_counter() - start, below))
