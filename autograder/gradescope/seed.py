"""The hidden seed of a package: the given one, or the one that was drawn for the assignment before."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from autograder.release.contents import ReleaseError

_FOLDER = "secrets"  # left out by .gitignore and by every release


def package_seed(root: Path, assignment: str, given: int | None) -> int:
    """The given seed; else the kept one, drawn now if there is none, so that a new zip grades alike."""
    if given is not None:
        return given
    path = seed_path(root, assignment)
    try:
        return int(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        return _draw(path)
    except ValueError:
        raise ReleaseError(f"{path} holds no number; give --seed, or remove the file") from None


def seed_path(root: Path, assignment: str) -> Path:
    """Where the seed of an assignment's packages is kept."""
    return root / _FOLDER / f"gradescope-{assignment}.seed"


def _draw(path: Path) -> int:
    seed = secrets.randbelow(2**48)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{seed}\n")
    return seed
