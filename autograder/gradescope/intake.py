"""What a student uploaded, taken as a class of one, so that it is read by the rules for every submission."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from autograder.gradescope.metadata import Metadata
from autograder.grading.intake import Intake
from autograder.grading.submission import Submission
from autograder.sandbox.policy import Limits

_MOST_FILES = 2000
_DEEPEST = 6
_OWNER = "upload"  # a file name that no rule about names applies to


def read_upload(
    folder: Path,
    notebook: str,
    limits: Limits,
    metadata: Metadata,
    predictions: Mapping[str, int] | None = None,
) -> Submission:
    """The submission in Gradescope's folder. Its author is whom Gradescope says, whatever the files claim.

    `predictions` names the tasks whose predictions are wanted, each with its most bytes.
    """
    uploaded = list(_uploaded(folder))
    if not uploaded:
        problem = "nothing was uploaded. Hand in the zip that `submit()` makes, or the .ipynb file."
        return Submission(metadata.student, metadata.name, "", "", problems=(problem,))
    with tempfile.TemporaryDirectory(prefix="class-") as place:
        own = Path(place, _OWNER)
        own.mkdir()
        for path in uploaded:
            _bring(path, own / path.relative_to(folder))
        sizes = (limits.notebook_mb, limits.source_mb)
        intake = Intake(Path(place), notebook, *sizes, predictions=predictions or {})
        found = intake.submissions()
    latest = next(s for s in found if not s.superseded)
    source = latest.source.removeprefix(f"{_OWNER}/")
    return replace(
        latest,
        student=metadata.student,
        name=metadata.name,
        source=source,
        received=metadata.received,
        clock="lms" if metadata.received else "",
    )


def _uploaded(folder: Path, depth: int = _DEEPEST) -> Iterator[Path]:
    """Plain files, as many as an honest submission may have; links could lead to our own files."""
    count = 0
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_symlink():
            continue
        if path.is_dir() and depth > 1:
            inner: Iterator[Path] = _uploaded(path, depth - 1)
        else:
            inner = iter([path] if path.is_file() else [])
        for file in inner:
            count += 1
            if count > _MOST_FILES:
                return
            yield file


def _bring(path: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(path, target, follow_symlinks=False)
    except OSError:  # another file system
        with suppress(OSError):
            shutil.copyfile(path, target, follow_symlinks=False)
