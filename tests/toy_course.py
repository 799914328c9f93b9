"""The smallest course with a source, for tests of what is made from it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from autograder.handouts.check import Finding, check
from autograder.settings import Release

REPOSITORY: Final = Path(__file__).parents[1]
GOLDEN: Final = Path(__file__).parent / "golden"
TOY: Final = GOLDEN / "solutions" / "01_toy.py"
RELEASE: Final = Release("owner/name", "stable", "https://example.org/course-1.0-py3-none-any.whl")
_COURSE: Final = """
[course]
title = "Toys"
version = "1"
[release]
repository = "owner/name"
wheel = "https://example.org/course-1.0-py3-none-any.whl"
"""


def unbuilt(folder: Path) -> Path:
    """The folder, which receives one source; nothing is built."""
    shutil.copytree(GOLDEN / "solutions", folder / "solutions")
    (folder / "course.toml").write_text(_COURSE)
    return folder


def findings(root: Path) -> list[Finding]:
    """What `handouts check` finds there."""
    return list(check(root, RELEASE))
