"""A virtual environment with the pinned releases of nbgrader and otter-grader, in build/peers-venv."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

from benchmarks.processes import Cost, run_command

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "peers-venv"
PINNED = ("nbgrader==0.9.6", "otter-grader==7.0.0")


def peers_bin() -> Path:
    """The folder of their commands, made if need be; RuntimeError if they cannot be installed here.

    They take torch from this course's environment, behind their own packages on the path: the same torch for
    all, and no second copy.
    """
    stamp = FOLDER / "installed.txt"
    if not stamp.is_file() or stamp.read_text() != "\n".join(PINNED):
        _run([sys.executable, "-m", "venv", "--clear", FOLDER])
        _run([FOLDER / "bin" / "python", "-m", "pip", "install", "--quiet", *PINNED])
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        packages = FOLDER / "lib" / version / "site-packages"
        (packages / "torch-of-the-course.pth").write_text(sysconfig.get_path("purelib") + "\n")
        stamp.write_text("\n".join(PINNED))
    return FOLDER / "bin"


def _run(command: list[str | Path]) -> Cost:
    try:
        return run_command(command, ROOT, _environment())
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        lines = [line for line in str(error).splitlines() if "WARNING" not in line]
        raise RuntimeError("\n".join(lines[-3:])) from error


def _environment() -> dict[str, str]:
    import os

    return {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
