"""The first cell: mode, seed, device, table, figure style, and nothing at import."""

from __future__ import annotations

import platform
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
import torch

import course_lib
from course_lib import style
from course_lib.setup import setup

ROOT = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _untouched_style(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("COURSE_MODE", raising=False)
    with mpl.rc_context():
        yield


@pytest.fixture
def no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


def test_the_argument_beats_the_environment(monkeypatch: pytest.MonkeyPatch, no_gpu: None) -> None:
    monkeypatch.setenv("COURSE_MODE", " Smoke ")
    assert setup().mode == "smoke"
    assert setup("cpu").mode == "cpu"


def test_without_a_wish_it_is_cpu_where_there_is_no_gpu(no_gpu: None) -> None:
    session = setup()
    assert session.mode == "cpu"
    assert session.device == torch.device("cpu")
    assert session.remarks == ()


def test_gpu_without_a_gpu_says_what_to_do(
    no_gpu: None, capsys: pytest.CaptureFixture[str]
) -> None:
    session = setup("gpu")
    assert session.device == torch.device("cpu")
    assert "Runtime → Change runtime type" in capsys.readouterr().out
    assert "Change runtime type" in session.as_html()


def test_a_gpu_is_used_in_gpu_mode_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: "Tesla T4")
    monkeypatch.setattr(torch, "manual_seed", lambda seed: None)
    assert setup().device.type == "cuda"
    assert ("device", "Tesla T4") in setup().rows
    assert setup("smoke").device.type == "cpu"


@pytest.mark.parametrize(
    ("by", "where"), [("argument", r"setup\(mode=…\)"), ("environment", "COURSE_MODE")]
)
def test_an_unknown_mode_is_refused_with_its_place(
    by: str, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if by == "environment":
        monkeypatch.setenv("COURSE_MODE", "fast")
    with pytest.raises(ValueError, match=where + r".*'fast'; use one of smoke, cpu, gpu"):
        setup("fast" if by == "argument" else None)  # type: ignore[arg-type]


def test_the_same_seed_draws_the_same_numbers() -> None:
    def draw(seed: int) -> tuple[float, float, float]:
        setup(seed=seed)
        return random.random(), float(np.random.rand()), torch.rand(()).item()

    assert draw(3) == draw(3)
    assert all(a != b for a, b in zip(draw(3), draw(4), strict=True))


def test_the_table_names_what_a_bug_report_needs(capsys: pytest.CaptureFixture[str]) -> None:
    session = setup("smoke")
    text = capsys.readouterr().out
    for value in (
        course_lib.__version__,
        platform.python_version(),
        torch.__version__,
        np.__version__,
        "CPU",
        "smoke",
    ):
        assert value in text
        assert value in session.as_html()
    assert repr(session) == "Session(device='cpu', mode='smoke', seed=0)"


@pytest.mark.parametrize(
    ("library", "version", "lowest"), [(torch, "2.5.1+cu121", "2.6"), (np, "1.26.4", "2.0")]
)
def test_old_versions_get_a_polite_remark_and_still_work(
    library: Any, version: str, lowest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "__version__", version)
    (remark,) = setup("cpu").remarks
    assert f"{library.__name__} {version} is older than {lowest}, " in remark
    assert "Runtime → Change runtime type" in remark


@pytest.mark.parametrize("version", ["2.6.0", "2.13.0+cpu", "3.0", "nightly"])
def test_new_versions_get_no_remark(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch, "__version__", version)
    assert setup("cpu").remarks == ()


def test_figures_are_readable_after_setup() -> None:
    setup("cpu")
    for key in (
        "font.size",
        "xtick.labelsize",
        "ytick.labelsize",
        "legend.fontsize",
        "axes.labelsize",
    ):
        assert mpl.rcParams[key] >= 10
    assert mpl.rcParams["image.cmap"] in {"viridis", "cividis"}
    assert [entry["color"] for entry in mpl.rcParams["axes.prop_cycle"]] == list(style.CYCLE)


def test_the_colours_differ_for_readers_with_a_red_green_deficiency() -> None:
    """Viénot, Brettel & Mollon 1999: how a deuteranope sees an rgb colour."""
    from matplotlib.colors import to_rgb

    seen_by_deuteranope = np.array(
        [[0.29275, 0.70725, 0], [0.29275, 0.70725, 0], [-0.02234, 0.02234, 1]]
    )
    colors = [style.AXIS_COLORS[axis] for axis in "xyz"]
    seen = [seen_by_deuteranope @ np.array(to_rgb(color)) ** 2.2 for color in colors]
    pairs = [(0, 1), (0, 2), (1, 2)]
    assert min(np.linalg.norm(seen[a] - seen[b]) for a, b in pairs) > 0.1


def test_importing_the_course_does_no_work() -> None:
    code = (
        "import sys, course_lib; assert 'torch' not in sys.modules;"
        "import course_lib.setup, course_lib.shapes, course_lib.puzzle, course_lib.data, course_lib.viewers;"
        "import matplotlib as mpl;"
        "assert mpl.rcParams['font.size'] == 10;"
        "assert 'matplotlib.pyplot' not in sys.modules; assert 'ipywidgets' not in sys.modules"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], cwd=ROOT, check=True)
