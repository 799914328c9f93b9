"""Every notebook as a person runs it: the handout stops at the first stub, the solution runs to its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.catalogue import all_notebooks
from autograder.handouts.execute import check_by_running
from autograder.settings import load_settings
from autograder.source import read_source

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("notebook", all_notebooks())
def test_top_to_bottom(notebook: str) -> None:
    source = read_source(ROOT / "solutions" / f"{notebook}.py")
    assert list(check_by_running(ROOT, source, load_settings(ROOT).release)) == []
