"""The same attacks graded by an ordinary user, and by a root whose workers become another user; on every tier."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.red_team.another_user import CANNOT, REPOSITORY
from tests.red_team.arsenal import ATTACKS

NOBODY = 65534
BY_NAME = {attack.name: attack for attack in ATTACKS}


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder of the ordinary user's own. Not below pytest's, which only its owner may enter."""
    folder = Path(tempfile.mkdtemp())
    os.chown(folder, NOBODY, NOBODY) if os.getuid() == 0 else None
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def scenario(user: int, home: Path, tiers: str, which: str) -> dict[str, Any]:
    """What came of the attacks, run by that user."""
    command = [sys.executable, "-B", "-m", "tests.red_team.scenario", tiers, which]
    if os.getuid() == 0:
        command = [
            sys.executable,
            "-B",
            "-m",
            "tests.red_team.another_user",
            str(user),
            str(home),
            *command,
        ]
    elif user == 0:
        pytest.skip("only root can grade as root")
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode == CANNOT:
        pytest.skip(f"this root may not open Python's folder to another user: {done.stderr}")
    assert done.returncode == 0, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    assert report["user"] == (user if os.getuid() == 0 else os.getuid())
    return report["tiers"]


def assert_held(found: dict[str, Any], tier: str) -> None:
    assert found["entered"] == tier
    for name, verdict in found["attacks"].items():
        assert not verdict["breaches"], (name, verdict)
        assert re.search(BY_NAME[name].told, verdict["told"]), (name, verdict)


@pytest.mark.parametrize(
    ("user", "tiers", "which"),
    [
        pytest.param(NOBODY, "AD", "core", id="ordinary user"),
        pytest.param(0, "C", "core", id="root whose workers are another user"),
        pytest.param(NOBODY, "ABD", "all", id="ordinary user, all", marks=pytest.mark.slow),
        pytest.param(0, "ABC", "all", id="root, all", marks=pytest.mark.slow),
    ],
)
def test_every_tier_holds_for_other_users(home: Path, user: int, tiers: str, which: str) -> None:
    found = scenario(user, home, tiers, which)
    assert list(found) == list(tiers)
    for tier in tiers:
        assert_held(found[tier], tier)
        expected = NOBODY if user == 0 and tier != "D" else user
        assert found[tier]["worker_user"] == expected or os.getuid() != 0
