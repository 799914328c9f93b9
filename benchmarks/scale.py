"""A class of 200 and of 1,000 on two processes, its memory over time, what a worker costs, and a cluster of two."""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from distributed import Client
from rich.console import Console

from benchmarks.processes import MemoryWatch
from benchmarks.six_functions import course
from benchmarks.timing import Figure

_SMALL, _LARGE = 200, 1000
_CLUSTER, _CLUSTER_1 = 200, 60
_NOTEBOOK = "01_camera_geometry"
ROOT = Path(__file__).resolve().parents[1]
_SPEEDUP = 1.8  # of two cluster workers over one


def figures() -> list[Figure]:
    """Every submission is right, and a file of its own."""
    with tempfile.TemporaryDirectory() as folder:
        bench = _Bench(Path(folder))
        program = ("benchmarks.six_functions.warm", str(bench.root), str(bench.class_of(1)))
        warm: dict[str, float] = json.loads(course.python(*program, root=bench.root))
        small = bench.grade(_SMALL)
        with MemoryWatch() as memory:
            large = bench.grade(_LARGE)
        cluster = _cluster(bench)
    return [
        Figure("one worker: fork, shut in, end", warm["one worker"], "s", 0.03),
        Figure("memory of a worker beyond the warm process", warm["worker_mb"], "MB", 150),
        Figure(f"{_SMALL} submissions, two processes", small, "s", 20.0),
        Figure(f"{_LARGE:,} submissions, two processes", large, "s", 100.0),
        *(
            Figure(
                f"memory of all processes after {words} of {_LARGE:,}", memory.around(share), "MB"
            )
            for words, share in (("a tenth", 0.1), ("half", 0.5), ("nine tenths", 0.9))
        ),
        Figure("memory of all processes, highest", memory.peak, "MB"),
        *cluster,
    ]


class _Bench:
    """The course in a folder, and classes of any size beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = course.lay_out(folder / "course")
        course.hand_in(self.root, folder / "model", "ada")

    def class_of(self, many: int) -> Path:
        """A folder of so many right submissions, each a file of its own digest."""
        place = self.folder / f"class-{many}"
        if not place.is_dir():
            text = (self.folder / "model" / "ada.ipynb").read_text(encoding="utf-8")
            place.mkdir()
            for n in range(many):
                (place / f"s{n:04}.ipynb").write_text(text + " " * n, encoding="utf-8")
        return place

    def grade(self, many: int) -> float:
        """Seconds from the command to its report, with a gradebook and a report of their own."""
        out = Path(tempfile.mkdtemp(dir=self.folder))
        places = ["--out", str(out / "report"), "--db", f"sqlite:///{out}/gradebook.db"]
        command = ["grade", str(self.class_of(many)), "-j", "2", *places]
        start = time.perf_counter()
        course.autograder(*command, root=self.root)
        seconds = time.perf_counter() - start
        pages = len(list((out / "report" / "students").glob("*.html")))
        if pages != many:
            raise RuntimeError(f"{many} submissions gave {pages} pages")
        shutil.rmtree(out)
        return seconds


def _cluster(bench: _Bench) -> list[Figure]:
    """One Dask worker and two, each on a core of its own; left out where there are fewer than two cores."""
    cores = sorted(os.sched_getaffinity(0))
    dask = Path(sys.executable).with_name("dask")
    if len(cores) < 2:
        Console(stderr=True).print("the cluster is left out: it needs two cores")
        return []
    classes = {
        "six functions": (bench.root, course.NOTEBOOK, bench.class_of(_CLUSTER)),
        "notebook 1": (ROOT, _NOTEBOOK, _class_of_notebook_1(bench.folder / "notebook-1")),
    }
    figures = []
    for name, (root, notebook, classroom) in classes.items():
        seconds = {}
        for workers in (1, 2):
            with _running_cluster(dask, bench, cores[:workers], root) as address:
                places = (str(root), notebook, str(classroom))
                program = ("benchmarks.six_functions.on_cluster", *places, address)
                seconds[workers] = float(course.python(*program, root=root))
        figures += [
            Figure(f"{name}: a submission on one cluster worker", seconds[1], "s"),
            Figure(f"{name}: a submission on two cluster workers", seconds[2], "s"),
            Figure(
                f"{name}: two cluster workers, times as fast as one",
                seconds[1] / seconds[2],
                "×",
                _SPEEDUP,
                at_least=True,
            ),
        ]
    return figures


def _class_of_notebook_1(folder: Path) -> Path:
    """Right submissions of the course's own first notebook, each a file of its own digest."""
    folder.mkdir()
    content = (ROOT / "assets" / "sample_class" / "ada.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        text = packed.read(f"{_NOTEBOOK}.ipynb")
    for n in range(_CLUSTER_1):
        (folder / f"s{n:04}.ipynb").write_bytes(text + b" " * n)
    return folder


@contextmanager
def _running_cluster(dask: Path, bench: _Bench, cores: list[int], root: Path) -> Iterator[str]:
    """A scheduler and a worker per core, all of them ready; ended on leaving."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    scheduler = [dask, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard"]
    worker = [dask, "worker", address, "--nworkers", "1", "--nthreads", "1", "--no-dashboard"]
    commands = [scheduler, *(["taskset", "-c", str(core), *worker] for core in cores)]
    with ExitStack() as stack:
        for command in commands:
            stack.enter_context(_running(command, bench, root))
        with Client(address, timeout=60, set_as_default=False) as client:
            client.wait_for_workers(len(cores), timeout=60)
        yield address


@contextmanager
def _running(command: list[str | Path], bench: _Bench, root: Path) -> Iterator[None]:
    process = subprocess.Popen(
        command,
        cwd=bench.folder,
        env=course.environment(root),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)
