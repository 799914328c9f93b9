"""How benchmarks measure: the median of several runs, told beside a floor that was measured in the same run."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured number. `limit` is the most it may be, in the same unit (the least, with `at_least`).

    `floor` is what cannot be undercut.
    """

    name: str
    value: float
    unit: str = "s"
    limit: float | None = None
    floor: float | None = None
    floor_name: str = ""
    at_least: bool = False

    @property
    def misses(self) -> bool:
        """Whether it is on the wrong side of its limit."""
        if self.limit is None:
            return False
        return self.value < self.limit if self.at_least else self.value > self.limit


def median_seconds(work: Callable[[], object], runs: int = 5, warmups: int = 1) -> float:
    """Median wall-clock seconds of `work()` after warm-up."""
    for _ in range(warmups):
        work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def least_processor_seconds(work: Callable[[], object], runs: int = 15) -> float:
    """The least processor time of this thread for `work()` after warm-up: others on the machine hardly count."""
    work()
    times = []
    for _ in range(runs):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return min(times)


def machine_class() -> str:
    """What can be said of the machine without naming it: system, processor family, cores, Python, torch."""
    import torch

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{platform.system()} {platform.machine()}, {cores} cores, Python {platform.python_version()}, "
        f"torch {torch.__version__}, {torch.get_num_threads()} torch threads"
    )
