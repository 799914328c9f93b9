"""A terminal in a scratch home: what a page's commands are run in."""

from __future__ import annotations

import os
import selectors
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from docs.walk.normal import normal

_PATIENCE = 120.0  # seconds for a program that runs until it is stopped to say what the page shows
_LIMIT = 600.0  # for one command
_PROGRAM = """#!/bin/sh
# {name} with the code of the course that it is called in, as after `make setup` there
root=$PWD
while [ ! -f "$root/course.toml" ] && [ "$root" != / ]; do root=$(dirname "$root"); done
PYTHONPATH=$root exec {python} -P -m {name} "$@"
"""


class Shell:
    """Runs one command after the other, as Grace, who teaches the course; `cd` holds from command to command."""

    def __init__(self, home: Path, upstream: Path, postgres: dict[str, str] | None = None) -> None:
        self.home, self.folder = home, home
        self.offers = frozenset(["postgresql"] if postgres else [])
        self._beside: list[subprocess.Popen[bytes]] = []
        self._aside = aside = upstream.parent
        programs = aside / "programs"
        programs.mkdir()
        for name in ("autograder", "dask"):
            program = programs / name
            program.write_text(_PROGRAM.format(name=name, python=shlex.quote(sys.executable)))
            program.chmod(0o755)
        service = aside / "pg_service.conf"
        service.write_text(
            "[course]\n" + "".join(f"{key}={value}\n" for key, value in (postgres or {}).items())
        )
        inherited = {k: v for k, v in os.environ.items() if k in ("LANG", "LC_ALL", "TMPDIR")}
        self._environment = inherited | {
            "HOME": str(home),
            "PATH": f"{programs}:{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin",
            "PGSERVICEFILE": str(service),  # instead of the one that a page writes
            "LOGNAME": "grace",
            "USER": "grace",
            "TZ": "America/New_York",
            "COLUMNS": "100",
            "NO_COLOR": "1",
            "TERM": "dumb",
            "OMP_NUM_THREADS": "1",
            "PYTHONUNBUFFERED": "1",
            "GIT_CONFIG_COUNT": "3",
            "GIT_CONFIG_KEY_0": f"url.{upstream}.insteadOf",
            "GIT_CONFIG_VALUE_0": "https://git.example.edu/inverse-graphics.git",
            "GIT_CONFIG_KEY_1": "user.name",
            "GIT_CONFIG_VALUE_1": "Grace",
            "GIT_CONFIG_KEY_2": "user.email",
            "GIT_CONFIG_VALUE_2": "grace@example.edu",
        }

    def run(self, command: str) -> tuple[int, list[str]]:
        """Exit code and normalised output of a command."""
        where = self._aside / "where"
        process = self._start(f"{command}\ncode=$?; pwd > {shlex.quote(str(where))}; exit $code")
        try:
            said, _ = process.communicate(timeout=_LIMIT)
        finally:
            _end(process)
        if where.exists():
            self.folder = Path(where.read_text().strip())
        return process.returncode, normal(said.decode(errors="replace"), self.home)

    def run_until(
        self, command: str, enough: Callable[[list[str]], bool], *, keep: bool
    ) -> list[str]:
        """What a command says until that is enough; then it is stopped as by Ctrl-C, unless it is kept."""
        process = self._start(f"exec {command}")
        assert process.stdout is not None
        said, lines, end = b"", [""], time.monotonic() + _PATIENCE
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while time.monotonic() < end and not enough(lines):
                if selector.select(0.2):
                    piece = os.read(process.stdout.fileno(), 65536)
                    if not piece:
                        break
                    said += piece
                    lines = normal(said.decode(errors="replace"), self.home)
        if keep:
            self._beside.append(process)
        else:
            _end(process)
        return lines

    def stop_all(self) -> None:
        """Stop what runs beside the rest, the last one first."""
        while self._beside:
            _end(self._beside.pop())

    def _start(self, script: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            ["bash", "-c", script],
            cwd=self.folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_one_core,
        )


def _one_core() -> None:
    """Let graders take one submission after the other, so that these are numbered alike in every walk."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[os.getpid() % len(cores)]})


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program with all that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.stdout is not None:
        process.stdout.close()
