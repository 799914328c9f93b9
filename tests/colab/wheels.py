"""The wheel that students install once a notebook is out, built from the files that its release would hold."""

from __future__ import annotations

from pathlib import Path

from autograder.release.contents import contents_of
from autograder.release.project_files import project_files
from autograder.release.wheel import build_wheel
from autograder.settings import load_settings
from tests.colab.environment import REPOSITORY


def wheel_of_stage(stage: int, folder: Path) -> Path:
    """Build it. The scan for answers is left to the tests of releases: it takes longer than the rest."""
    settings = load_settings(REPOSITORY)
    contents = contents_of(REPOSITORY, settings, stage)
    for path in contents.files:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes((REPOSITORY / path).read_bytes())
    for name, text in project_files(REPOSITORY, settings, contents).items():
        (folder / name).write_text(text, encoding="utf-8")
    return build_wheel(folder)
