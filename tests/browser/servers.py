"""A notebook server of its own for the tests: started, found by its own record, ended with the test run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from autograder.sandbox import kernel

PATIENCE = 120.0  # seconds; it takes three


@dataclass(frozen=True)
class Server:
    """A running server whose files are below `root`."""

    url: str  # ends in a slash
    token: str
    root: Path
    process: subprocess.Popen[bytes]

    def address(self, path: str) -> str:
        """Of a page on it, with the right to see it."""
        return f"{self.url}{path}?token={self.token}"

    def end_kernels(self, path: str) -> None:
        """Those of one notebook; others go on."""
        for session in json.loads(self._ask("GET", "api/sessions")):
            if session["path"] == path:
                self._ask("DELETE", f"api/sessions/{session['id']}")

    def _ask(self, method: str, path: str) -> bytes:
        request = urllib.request.Request(
            self.url + path, method=method, headers={"Authorization": f"token {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            found: bytes = answer.read()
        return found

    def stop(self) -> None:
        """Ends it and the kernels below it."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            self.process.send_signal(number)
            try:
                self.process.wait(20)
                return
            except subprocess.TimeoutExpired:
                continue


def start(
    command: Sequence[str | Path], root: Path, home: Path, environment: dict[str, str]
) -> Server:
    """Run a server on a free port; RuntimeError with its log if it does not come up.

    `home` is a folder for its settings and records, so that nobody's own are read or changed.
    """
    places = {name: home / name.lower() for name in ("JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR")}
    places |= {"JUPYTER_DATA_DIR": home / "data", "IPYTHONDIR": home / "ipython"}
    places |= {"JUPYTERLAB_SETTINGS_DIR": home / "settings", "HOME": home}
    places |= {"JUPYTERLAB_WORKSPACES_DIR": home / "workspaces"}
    for place in places.values():
        place.mkdir(parents=True, exist_ok=True)
    log = home / "server.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [*map(str, command), "--no-browser", "--allow-root", "--ip=127.0.0.1"],
            cwd=root,
            env={**os.environ, **environment, **{k: str(v) for k, v in places.items()}},
            stdout=stream,
            stderr=subprocess.STDOUT,
            preexec_fn=_end_with(os.getpid()),
        )
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and process.poll() is None:
        for record in places["JUPYTER_RUNTIME_DIR"].glob("*server-*.json"):
            found = _read(record)
            if found is not None:
                return Server(found["url"], found["token"], root, process)
        time.sleep(0.05)
    process.kill()
    process.wait()
    raise RuntimeError(f"{command} did not start:\n{log.read_text(errors='replace')[-3000:]}")


def _read(record: Path) -> dict[str, Any] | None:
    """What a server wrote about itself, once it is wholly written."""
    try:
        found: dict[str, Any] = json.loads(record.read_text())
    except ValueError:
        return None
    return found


def _end_with(tests: int) -> Any:
    """A test run that is killed leaves no server behind, where the system can see to that."""
    return (lambda: kernel.die_with_parent(tests)) if sys.platform == "linux" else None
