"""The course in this repository can be released: no file that students get shows a line of an answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.release.contents import ReleaseRefused
from autograder.release.tree import trial
from autograder.settings import load_settings

REPOSITORY = Path(__file__).resolve().parents[1]
PUBLISHED = [a for a in load_settings(REPOSITORY).assignments if a.notebook is not None]


@pytest.mark.parametrize("stage", range(1, 1 + len(PUBLISHED)))
def test_nothing_stands_in_the_way_of_a_release(stage: int) -> None:
    try:
        built = trial(REPOSITORY, load_settings(REPOSITORY), stage, lambda _: None)
    except ReleaseRefused as refused:
        pytest.fail("\n".join(f"{f.place}: {f.message}" for f in refused.findings))
    assert len(built.contents.notebooks) == stage
