"""Wheels that go into the package, so that the container installs without a package index."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from autograder.release.contents import ReleaseError

# The container gets torch's CPU build from its own index; these come with the builds for a GPU.
_NOT_PACKED = re.compile(r"(torch|triton|nvidia_\w+|cuda_\w+)-.*")


def chosen_wheels(folder: Path, requirements: Sequence[str]) -> list[Path]:
    """Every wheel of a folder but torch's own; ReleaseError names pinned versions that it lacks."""
    if not folder.is_dir():
        raise ReleaseError(f"--wheelhouse {folder}: no such folder")
    wheels = [w for w in sorted(folder.glob("*.whl")) if not _NOT_PACKED.fullmatch(w.name.lower())]
    held = {tuple(wheel.name.split("-")[:2]) for wheel in wheels}
    known = {(_plain(name), version) for name, version in held}
    missing = [line for line in requirements if _pin(line) not in known]
    if missing:
        raise ReleaseError(
            f"--wheelhouse {folder} lacks {', '.join(missing)}. Fill it on Linux, with the Python of the "
            f"container: pip download --only-binary :all: -d {folder} {' '.join(missing)}"
        )
    return wheels


def _pin(line: str) -> tuple[str, str]:
    name, _, version = line.partition("==")
    return _plain(name), version.strip()


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name.partition("[")[0]).lower()
