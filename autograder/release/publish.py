"""Put a finished release at its place by renaming, never over something that is not a release of ours."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from autograder.handouts.check import check
from autograder.release.contents import ReleaseError, ReleaseRefused, contents_of
from autograder.release.marker import why_not_ours
from autograder.release.trained_tasks import keep_tasks, require_same_drawing
from autograder.release.tree import Built, Watch, build_tree
from autograder.settings import Settings


def release(root: Path, settings: Settings, stage: int, out: Path, watch: Watch) -> Built:
    """Make the release of a stage in `out`.

    Raises ReleaseRefused with what is stale or leaks, ReleaseError where `out` holds something else.
    """
    out = out.resolve()
    _require_replaceable(root, out)
    watch("comparing generated files with their sources")
    findings = tuple(check(root, settings.release))
    if findings:
        raise ReleaseRefused(findings)
    notebooks = contents_of(root, settings, stage).notebooks
    require_same_drawing(root, notebooks, out)
    watch("drawing what students train on")
    private = tuple(keep_tasks(root, notebooks))
    out.parent.mkdir(parents=True, exist_ok=True)
    workshop = Path(tempfile.mkdtemp(prefix=f".{out.name}-", suffix=".part", dir=out.parent))
    try:
        new = workshop / "new"
        new.mkdir()
        built = build_tree(root, settings, stage, new, watch)
        _require_replaceable(root, out)  # somebody may have worked in it meanwhile
        _swap(new, out, workshop / "old")
    finally:
        shutil.rmtree(workshop, ignore_errors=True)
    return replace(built, folder=out, wheel=out / built.wheel.relative_to(new), private=private)


def _require_replaceable(root: Path, out: Path) -> None:
    if root == out or out in root.parents:
        raise ReleaseError(f"--out {out} holds the course itself; name another folder")
    reason = why_not_ours(out) if out.exists() or out.is_symlink() else ""
    if reason:
        raise ReleaseError(
            f"--out {out}: {reason}. Only an unchanged release is replaced. Name a new folder, "
            "or move this one away first."
        )


def _swap(new: Path, out: Path, old: Path) -> None:
    """Two renames; if the second fails, the first is taken back."""
    if not out.exists():
        new.rename(out)
        return
    out.rename(old)
    try:
        new.rename(out)
    except BaseException:
        old.rename(out)
        raise
