"""Warm campaigns, shared by all tests of one process: starting one takes seconds, an attack a tenth of one."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from autograder.sandbox.policy import Tier
from tests.red_team.campaign import Campaign

if sys.platform != "linux":
    collect_ignore_glob = ["test_*.py"]  # elsewhere student code is never graded


@pytest.fixture(scope="session")
def campaigns() -> Iterator[Callable[[str], Campaign]]:
    """A campaign on a tier ("A" … "D"), or with the layers off ("open"). Skips where the tier cannot be entered."""
    warm: dict[str, Campaign] = {}
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # only the box keeps student code out

        def campaign(tier: str) -> Campaign:
            if tier not in warm:
                warm[tier] = Campaign(Path(folder), None if tier == "open" else Tier(tier))
            if tier not in ("open", warm[tier].entered):
                pytest.skip(f"this machine and user offer tier {warm[tier].entered}, not {tier}")
            return warm[tier]

        yield campaign
        for each in warm.values():
            each.close()
