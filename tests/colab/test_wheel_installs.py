"""Installing the course on Colab adds to what is there and changes nothing of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.colab.environment import CONSTRAINTS, REPOSITORY, Environment, normalised, pins

OURS = "inverse-graphics-course"
ADDITIONS = REPOSITORY / "assets" / "colab" / "additions.txt"


def listed_additions() -> dict[str, str]:
    """What additions.txt says that the wheel brings along."""
    lines = ADDITIONS.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {normalised(name): version for name, version in pairs}


@pytest.fixture(scope="module")
def online(colab: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Whether pip reaches a registry at all; these tests are about what it then does."""
    environment = Environment(colab)
    folder = tmp_path_factory.mktemp("download")
    done = environment.pip("download", "--quiet", "--no-deps", "--dest", folder, "wadler-lindig")
    if done.returncode != 0:
        pytest.skip("pip reaches no package registry from here")


def test_installing_changes_no_version_and_adds_what_colab_lacks(
    online: None, colab: Path, wheel: Callable[[int], Path], tmp_path: Path
) -> None:
    """A plain `pip install`, on a copy of Colab's packages."""
    environment = Environment.copied(tmp_path / "colab")
    before = environment.versions()
    done = environment.pip("install", "--quiet", wheel(1))
    assert done.returncode == 0, done.stderr
    after = environment.versions()
    changed = [
        f"{name} {version} became {after.get(name, 'nothing')}"
        for name, version in before.items()
        if after.get(name) != version
    ]
    assert changed == []
    added = set(after) - set(before)
    clash = sorted(added & set(pins()))
    assert clash == [], f"Colab has these in its own versions: {clash}; all additions: {added}"
    # The browser tests get the same additions from this list.
    assert added == {OURS, *listed_additions()}


def test_the_wheel_agrees_with_every_pin_of_colab(
    online: None, colab: Path, wheel: Callable[[int], Path]
) -> None:
    """Not only with the part of Colab that .colab/ holds."""
    environment = Environment(colab)
    done = environment.pip("install", "--dry-run", "--quiet", "-c", CONSTRAINTS, wheel(1))
    assert done.returncode == 0, done.stderr


def test_the_environment_is_colabs(colab: Path) -> None:
    """What .colab/ holds has Colab's versions, apart from what no list can pin."""
    beyond = {"setuptools", "torch"}  # Colab's build of torch is its own, and so is what that needs
    colabs = pins()
    differing = {
        name: (version, colabs[name])
        for name, version in Environment(colab).versions().items()
        if name in colabs and name not in beyond and version != colabs[name]
    }
    assert differing == {}
