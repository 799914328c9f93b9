"""Start a grading process before anything else is read: importing torch takes it a second."""

from __future__ import annotations

import socket
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection

from autograder.sandbox.launcher import SandboxError, start_clean

_begun: list[Started] = []


@dataclass(frozen=True)
class Started:
    """A grading process that gets warm and does not know its job yet."""

    connection: Connection
    process: subprocess.Popen[bytes]

    def close(self) -> None:
        """End it with its warm process and its workers."""
        self.process.kill()
        self.process.wait()
        self.connection.close()


def start_early() -> Started:
    """The process that has begun already, or a new one. SandboxError where there can be none."""
    return _begun.pop() if _begun else _start()


def begin() -> None:
    """Start one for whoever asks first; where that fails, the asking will say why."""
    with suppress(SandboxError, OSError):
        _begun.append(_start())


def forget() -> None:
    """End what nobody asked for."""
    while _begun:
        _begun.pop().close()


def _start() -> Started:
    ours, theirs = socket.socketpair()
    to_grader, to_warm = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs, to_grader, to_warm:
        descriptors = [theirs.fileno(), to_grader.fileno(), to_warm.fileno()]
        process = start_clean("autograder.grading.warm", descriptors)
    return Started(Connection(ours.detach()), process)
