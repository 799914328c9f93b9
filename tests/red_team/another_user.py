"""Run a command as another user, from a root that may be in the way: Python often lies below a closed /root.

Run as root: `python -m tests.red_team.another_user UID HOME COMMAND…`. In a private mount namespace every closed
folder above Python and above this repository is covered by an open one that holds only these.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.sandbox import kernel

REPOSITORY = Path(__file__).resolve().parents[2]
CANNOT = 98  # the exit status where this machine does not allow it


def main() -> None:
    """Become the user and execute the command; never returns."""
    user, home, *command = sys.argv[1:]
    try:
        kernel.unshare(kernel.CLONE_NEWNS)
        kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
        uncover([REPOSITORY, Path(sys.prefix), Path(sys.base_prefix)])
    except OSError as error:
        print(error, file=sys.stderr)
        raise SystemExit(CANNOT) from error
    if int(user):
        os.setgroups([])
        os.setresgid(int(user), int(user), int(user))
        os.setresuid(int(user), int(user), int(user))
    environment = {"PATH": "/usr/bin:/bin", "HOME": home, "TMPDIR": home, "OMP_NUM_THREADS": "1"}
    os.chdir(REPOSITORY)
    os.execve(command[0], command, environment | {"PYTHONPATH": str(REPOSITORY)})


def uncover(needed: Sequence[Path]) -> None:
    """Make each path reachable for everybody, without showing anything else of the folders that were closed."""
    held = {path: os.open(path, os.O_PATH) for path in needed}
    closed = {folder for path in needed for folder in path.parents if not _open_to_all(folder)}
    for folder in sorted(closed):
        if folder.is_dir():
            kernel.mount("none", str(folder), "tmpfs", kernel.MS_NOSUID, "mode=0755")
    for path, descriptor in held.items():
        if not path.is_dir():
            path.mkdir(parents=True)
            kernel.mount(
                f"/proc/self/fd/{descriptor}", str(path), None, kernel.MS_BIND | kernel.MS_REC
            )


def _open_to_all(folder: Path) -> bool:
    return folder.stat().st_mode & 0o005 == 0o005


if __name__ == "__main__":
    main()
