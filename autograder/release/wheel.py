"""The wheel of a release, built without network and the same from build to build."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

from autograder.release.contents import ReleaseError

EPOCH = "1580601600"  # 2020-02-02, what hatchling takes by itself: no build carries its own date


def source_date() -> int:
    """The moment that every file of a release carries, in seconds since 1970."""
    given = os.environ.get("SOURCE_DATE_EPOCH", EPOCH)
    if not given.isdecimal():
        raise ReleaseError(
            f"the environment variable SOURCE_DATE_EPOCH is {given!r}; it must be a number of seconds "
            "since 1970, or absent"
        )
    return max(int(given), 315532800)  # a zip's clock begins in 1980


def build_wheel(tree: Path) -> Path:
    """Build `tree` into `tree/dist/` and return the wheel's path."""
    if find_spec("hatchling") is None:
        raise ReleaseError(
            "the wheel is built by hatchling, which is not installed: pip install hatchling"
        )
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "HATCH"))}
    environment["SOURCE_DATE_EPOCH"] = str(source_date())
    dist = tree / "dist"
    done = subprocess.run(
        [sys.executable, "-P", "-m", "hatchling", "build", "-t", "wheel", "-d", str(dist)],
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
    )
    wheels = sorted(dist.glob("*.whl"))
    if done.returncode or len(wheels) != 1:
        reason = "\n".join((done.stderr or done.stdout).strip().splitlines()[-5:])
        raise ReleaseError(f"hatchling could not build the wheel:\n{reason}")
    return wheels[0]


def wheel_files(wheel: Path) -> dict[str, bytes]:
    """What students get from the wheel, as the release calls it: assets at their place in the tree."""
    with zipfile.ZipFile(wheel) as archive:
        return {f"{wheel.name}/{name}": archive.read(name) for name in archive.namelist()}
