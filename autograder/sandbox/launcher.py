"""The grader's side of the warm process: start it by exec, ask it for workers, end them."""

from __future__ import annotations

import fcntl
import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from autograder.sandbox.policy import Layers, Limits, Tier

_HOME = Path(__file__).resolve().parents[2]  # the folder that holds autograder and course_lib
_START_SECONDS = 120.0
_PIPE_BYTES = 1 << 20  # what is printed waits here; the kernel gives a sixteenth of it by default


class SandboxError(Exception):
    """The sandbox itself does not work here. Never the fault of a submission."""


@dataclass(frozen=True)
class Fork:
    """A worker that was just forked: its process and the grader's ends of its wire and its output."""

    pid: int
    handle: int  # a pidfd: names this very process, never another that got its number later
    connection: socket.socket
    output: int

    def kill(self) -> None:
        """End it now, whatever it does."""
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.handle, signal.SIGKILL)


class Launcher:
    """One warm process. Not shared between threads.

    By default it is started here; `inherited` is the socket of one that has been started already.
    """

    def __init__(
        self,
        limits: Limits,
        solved: Sequence[str] = (),
        hidden: Sequence[Path] = (),
        best_tier: Tier = Tier.A,
        inherited: socket.socket | None = None,
    ) -> None:
        request = {
            "limits": asdict(limits),
            "solved": list(solved),
            "hidden": [str(path.resolve()) for path in hidden],
            "home": str(_HOME),
            "best_tier": best_tier.value,
        }
        self._process: subprocess.Popen[bytes] | None = None
        if inherited is not None:
            self._socket = inherited
        else:
            self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with theirs:
                self._process = start_clean("autograder.sandbox.zygote", [theirs.fileno()])
        self._socket.settimeout(_START_SECONDS)
        self._socket.send(json.dumps(request).encode())
        self._tier: Tier | None = None
        self._layers: Layers | None = None

    @property
    def tier(self) -> Tier:
        """How well its workers are shut in. Waits until it is warm."""
        self._wait_until_warm()
        assert self._tier is not None
        return self._tier

    @property
    def layers(self) -> Layers:
        """What the kernel granted. Waits until it is warm."""
        self._wait_until_warm()
        assert self._layers is not None
        return self._layers

    def fork(self) -> Fork:
        """A new worker, already shut in. SandboxError where that fails."""
        self._wait_until_warm()
        ours, theirs = socket.socketpair()
        reading, writing = os.pipe2(os.O_CLOEXEC)
        with suppress(OSError):  # somebody has many pipes: theirs stay small
            fcntl.fcntl(reading, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        try:
            socket.send_fds(self._socket, [b'{"fork": 1}'], [theirs.fileno(), writing])
            message, handles, _, _ = socket.recv_fds(self._socket, 1 << 12, 1)
        except OSError as error:
            raise SandboxError(f"the warm process is gone: {error}") from error
        finally:
            theirs.close()
            os.close(writing)
        if not message:
            raise SandboxError("the warm process is gone")
        worker = Fork(json.loads(message)["pid"], handles[0], ours, reading)
        ready, _, _ = select.select([ours], [], [], 30)
        if not ready or ours.recv(1) != b"R":
            worker.kill()
            self.reap(worker)
            reason = os.read(reading, 4000).decode("utf-8", "replace")
            raise SandboxError(f"a worker could not be shut in: {reason.strip() or 'no reason'}")
        return worker

    def reap(self, worker: Fork) -> int:
        """Collect a worker that was killed or ended; its wait status."""
        os.close(worker.handle)
        try:
            self._socket.send(json.dumps({"reap": worker.pid}).encode())
            return int(json.loads(self._socket.recv(1 << 12))["status"])
        except (OSError, ValueError) as error:
            raise SandboxError(f"the warm process is gone: {error}") from error

    def close(self) -> None:
        """End the warm process and every worker with it. It holds nothing that is worth a farewell."""
        self._socket.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _wait_until_warm(self) -> None:
        if self._tier is not None:
            return
        try:
            answer = json.loads(self._socket.recv(1 << 16) or b"{}")
        except OSError as error:
            raise SandboxError(f"the warm process did not start: {error}") from error
        if "tier" not in answer:
            reason = answer.get("error", "it ended without a word")
            raise SandboxError(f"the warm process did not start:\n{reason}")
        self._layers = Layers(**answer["layers"])
        self._tier = Tier(answer["tier"])


def start_clean(module: str, descriptors: Sequence[int]) -> subprocess.Popen[bytes]:
    """Run one of our modules in a fresh process that knows nothing of this one but these descriptors."""
    if sys.platform != "linux":
        raise SandboxError(
            "student code can only be shut in on Linux. Grade on a Linux machine or in a container; "
            "building handouts and checking in notebooks work here."
        )
    return subprocess.Popen(
        [sys.executable, *_FLAGS, "-m", module, *map(str, descriptors)],
        env=_environment(),
        cwd="/",
        pass_fds=descriptors,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


_FLAGS = (
    "-P",
    "-s",
    "-B",
)  # no module from the current folder or the user's own; no .pyc files written


def _environment() -> dict[str, str]:
    """A clean environment: nothing of the grader's own, one thread per worker."""
    return {
        "PATH": "/usr/bin:/bin",
        "PYTHONPATH": str(_HOME),
        "HOME": "/tmp",
        "LANG": "C.UTF-8",
        "MPLBACKEND": "Agg",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
        "TORCHDYNAMO_DISABLE": "1",  # torch.compile needs a compiler; the same functions run without
        "TORCHINDUCTOR_CACHE_DIR": "/tmp",  # asked for on import, even where nothing is compiled
        "COURSE_MODE": "smoke",
    }
