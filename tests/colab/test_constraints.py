"""The constraints that are made from Colab's list, and what the wheel asks for, against Colab's versions."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement

from tests.colab.environment import CONSTRAINTS, REPOSITORY, normalised, pins

SCRIPT = REPOSITORY / "assets" / "make" / "colab.py"
# What Colab published in February and in June 2026 (Python 3.12), as far as the wheel asks for it.
EARLIER = {
    "2026-02": {
        "torch": "2.10.0+cu128",
        "nbconvert": "7.17.0",
        "nbformat": "5.10.4",
        "numpy": "2.0.2",
        "safetensors": "0.7.0",
        "typer": "0.24.1",
    },
    "2026-06": {
        "torch": "2.11.0+cu128",
        "nbformat": "5.10.4",
        "numpy": "2.0.2",
        "safetensors": "0.7.0",
        "typer": "0.25.1",
    },
    "older than the course": {"torch": "2.4.1+cu121", "numpy": "1.26.4"},
}


@pytest.fixture(scope="module")
def colab_py() -> ModuleType:
    """The script that makes the file."""
    spec = importlib.util.spec_from_file_location("colab_py", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


FREEZE = """\
# Do not modify this file directly
numpy==2.1.3
nvidia-cudnn-cu12==9.19.0.56
torch==2.11.0+cu128
torchsummary==1.5.1
cudf-cu12==26.2.1
jax-cuda12-plugin==0.7.2
cuda-python==12.9.7
setuptools==75.2.0
google-colab @ file:///colabtools/dist/google_colab-1.0.0.tar.gz

python-apt==0.0.0
en_core_web_sm==3.8.0+local
"""


def test_what_belongs_to_one_machine_is_left_out(colab_py: ModuleType) -> None:
    kept, left_out = colab_py.split(FREEZE, "freeze.txt")
    assert kept == ["numpy==2.1.3", "python-apt==0.0.0"]
    assert len(left_out) == 9


def test_the_header_counts_and_dates(colab_py: ModuleType) -> None:
    text = colab_py.constraints(FREEZE, "freeze.txt", "2026-08")
    assert "freeze.txt of github.com/googlecolab/backend-info, 2026-08." in text
    assert "# Left out, 9 of 11: " in text
    assert text.endswith("\nnumpy==2.1.3\npython-apt==0.0.0\n")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "numpy==2.1.3\nnumpy 2.1.3\n",
            r"freeze.txt:2 is 'numpy 2.1.3', neither name==version nor",
        ),
        ("# nothing\n", r"freeze.txt holds no pins. Give the output of `pip freeze`."),
    ],
)
def test_another_file_is_refused(text: str, message: str, tmp_path: Path) -> None:
    (tmp_path / "freeze.txt").write_text(text)
    before = CONSTRAINTS.read_bytes()
    done = run_script(tmp_path / "freeze.txt")
    assert done.returncode == 1
    assert re.search(message, done.stderr)
    assert CONSTRAINTS.read_bytes() == before


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    done = run_script(tmp_path / "none.txt")
    assert done.returncode == 1
    assert f"{tmp_path}/none.txt cannot be read: No such file or directory. Give" in done.stderr


def run_script(freeze: Path) -> subprocess.CompletedProcess[str]:
    """As a person runs it."""
    command = [sys.executable, SCRIPT, freeze, "--date", "2026-08"]
    return subprocess.run(command, capture_output=True, text=True)


def test_what_make_colab_installs_is_pinned() -> None:
    """An unpinned name would bring whatever is newest, and call it Colab's."""
    text = (REPOSITORY / "assets" / "colab" / "requirements.txt").read_text(encoding="utf-8")
    names = {normalised(line) for line in text.splitlines() if line and not line.startswith("#")}
    assert names - set(pins()) == set()


def asked_for() -> dict[str, Requirement]:
    """What the wheel needs, by name."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    found = map(Requirement, project["dependencies"])
    return {normalised(requirement.name): requirement for requirement in found}


@pytest.mark.parametrize("runtime", ["2026-08", *EARLIER])
def test_pip_finds_nothing_to_replace(runtime: str) -> None:
    versions: Mapping[str, str] = {**pins(), **EARLIER.get(runtime, {})}
    replaced = [
        f"{requirement}, while Colab has {versions[name]}"
        for name, requirement in asked_for().items()
        if name in versions and not requirement.specifier.contains(versions[name], prereleases=True)
    ]
    assert replaced == []


def test_what_colab_lacks_is_listed() -> None:
    """Everything else that the wheel needs must be on Colab, or each set-up takes longer."""
    lacking = set(asked_for()) - set(pins()) - {"torch"}
    text = (REPOSITORY / "assets" / "colab" / "additions.txt").read_text(encoding="utf-8")
    assert lacking == {"jaxtyping"}
    assert "\njaxtyping==" in text
