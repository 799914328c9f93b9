"""Colab's packages with the course installed, made once per test run."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.colab.environment import COLAB, MISSING, Environment
from tests.colab.wheels import wheel_of_stage


@pytest.fixture(scope="session")
def colab() -> Path:
    """Where .colab/ is; what needs it is skipped where it was not made."""
    if not (COLAB / ".installed").exists():
        pytest.skip(MISSING)
    return COLAB


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Path]:
    """The wheel of a stage, built when first asked for."""
    return cache(lambda stage: wheel_of_stage(stage, tmp_path_factory.mktemp(f"stage-{stage}")))


@pytest.fixture(scope="session")
def installed(
    colab: Path, wheel: Callable[[int], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[[int], Environment]:
    """Colab's packages with the wheel of a stage, put there without network."""

    def install(stage: int) -> Environment:
        environment = Environment.copied(tmp_path_factory.mktemp("colab") / f"stage-{stage}")
        environment.add(colab / "additions")
        done = environment.pip("install", "--quiet", "--no-index", "--no-deps", wheel(stage))
        assert done.returncode == 0, done.stderr
        return environment

    return cache(install)
