"""Who holds a claim: a name for this process that another can check for being alive.

A grader that was killed leaves its claims behind. On the same machine the next one sees that their process is
gone and goes on at once; from another machine only the lease's end tells.
"""

from __future__ import annotations

import contextlib
import os
import socket
from pathlib import Path


def holder_name(token: str) -> str:
    """This process; `token` tells apart several graders in it."""
    return f"{_machine()} {os.getpid()} {_started(os.getpid())} {token}"


def is_gone(holder: str) -> bool:
    """Whether the holder's process has certainly ended."""
    machine, _, rest = holder.partition(" ")
    pid, _, started = rest.partition(" ")
    if machine != _machine() or not pid.isdigit():
        return False
    return _started(int(pid)) != started.partition(" ")[0]


def _machine() -> str:
    """The host, its boot and its table of processes: the same pid elsewhere is another process."""
    parts = [socket.gethostname()]
    with contextlib.suppress(OSError):
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    return "/".join(parts).replace(" ", "-")


def _started(pid: int) -> str:
    """When a process began, in the system's own ticks; "gone" if there is none, "?" if nobody can tell."""
    if not Path("/proc/self/stat").exists():
        with contextlib.suppress(PermissionError):
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return "gone"
        return "?"
    try:
        text = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return "gone"
    fields = text.rpartition(")")[2].split()
    return "gone" if fields[0] in "ZX" else fields[19]
