"""Building and checking a course: nothing half done, drift found with what mends it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from autograder.handouts.build import build
from autograder.handouts.check import Finding, check
from autograder.handouts.execute import check_by_running
from autograder.handouts.files import NoSourceError, stale_files, write_if_changed
from autograder.source import InvalidSourceError, read_source
from tests.toy_course import RELEASE, REPOSITORY, findings, unbuilt


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return unbuilt(tmp_path)


def test_a_second_build_changes_nothing(root: Path) -> None:
    first = list(build(root, RELEASE))
    assert [(str(s.path), s.outcome) for s in first] == [
        ("notebooks/01_toy.ipynb", "written"),
        ("course_lib/solved/toy.py", "written"),
        ("autograder/catalogue/01_toy.json", "written"),
        ("assets/references/01_toy.safetensors", "skipped"),
    ]
    assert first[-1].note == "no checks in autograder/checks/toy yet"
    inodes = {s.path: (root / s.path).stat().st_ino for s in first[:-1]}
    assert [s.outcome for s in build(root, RELEASE)] == ["unchanged"] * 3 + ["skipped"]
    assert {path: (root / path).stat().st_ino for path in inodes} == inodes
    assert findings(root) == []


def test_nothing_is_written_while_one_source_is_at_fault(root: Path) -> None:
    (root / "solutions" / "02_bad.py").write_text("# %% [markdown]\n# # 2 · Bad\n# %% exprot\n")
    with pytest.raises(InvalidSourceError, match=r"02_bad\.py:3: unknown key 'exprot'"):
        list(build(root, RELEASE))
    assert not (root / "notebooks").exists()


def test_a_file_is_replaced_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file.txt"
    path.write_text("old")

    def broken(self: Path, target: Path) -> Path:
        raise OSError("the disk is full")

    monkeypatch.setattr(Path, "replace", broken)
    with pytest.raises(OSError, match="the disk is full"):
        write_if_changed(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["file.txt"]


def test_one_notebook_can_be_built_alone(root: Path) -> None:
    other = "# %% [markdown]\n# # 2 · Other\n"
    (root / "solutions" / "02_other.py").write_text(other, encoding="utf-8")
    list(build(root, RELEASE, "02_other"))
    assert [p.name for p in (root / "notebooks").iterdir()] == ["02_other.ipynb"]
    with pytest.raises(
        NoSourceError, match=r"no notebook '02_othr' in solutions/; did you mean 02"
    ):
        list(build(root, RELEASE, "02_othr"))


def test_without_sources_the_message_says_why(tmp_path: Path) -> None:
    with pytest.raises(NoSourceError, match="a release for students carries no solutions"):
        list(build(tmp_path, RELEASE))


@pytest.mark.parametrize(
    "path",
    ["notebooks/01_toy.ipynb", "course_lib/solved/toy.py", "autograder/catalogue/01_toy.json"],
)
def test_drift_is_found_with_a_diff_and_the_command_that_mends_it(root: Path, path: str) -> None:
    list(build(root, RELEASE))
    text = (root / path).read_text(encoding="utf-8")
    (root / path).write_text(text.replace("circles", "discs").replace("Areas", "Arias"))
    (finding,) = (f for f in findings(root) if f.message.startswith("differs"))
    assert finding.place == path
    assert finding.mend == "autograder handouts build --notebook 01_toy"
    assert any(
        line.startswith("-") and ("discs" in line or "Arias" in line) for line in finding.details
    )
    (root / path).unlink()
    (finding,) = findings(root)
    assert (finding.place, finding.message) == (path, "missing")
    list(build(root, RELEASE))
    assert findings(root) == []


def test_files_whose_source_is_gone_are_stale(root: Path) -> None:
    list(build(root, RELEASE))
    (root / "course_lib" / "solved" / "__init__.py").write_text("")
    shutil.move(root / "solutions" / "01_toy.py", root / "solutions" / "02_toys.py")
    assert stale_files(root, [root / "solutions" / "02_toys.py"]) == [
        Path("autograder/catalogue/01_toy.json"),
        Path("course_lib/solved/toy.py"),
        Path("notebooks/01_toy.ipynb"),
    ]
    text = (root / "solutions" / "02_toys.py").read_text(encoding="utf-8").replace("# # 1", "# # 2")
    (root / "solutions" / "02_toys.py").write_text(text, encoding="utf-8")
    stale = [f for f in findings(root) if f.message.startswith("stale")]
    assert [f.mend for f in stale][:1] == ["git rm autograder/catalogue/01_toy.json"]
    assert len(stale) == 3


def test_a_source_with_mistakes_is_a_finding_at_its_line(root: Path) -> None:
    path = root / "solutions" / "01_toy.py"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(" points=3", ""), encoding="utf-8")
    (finding,) = findings(root)
    assert finding.place.startswith("solutions/01_toy.py:")
    assert finding.message == "exercise 'counter' has no points; add points=5"


@pytest.mark.parametrize("damage", ["not json", "[]", '{"cells": [{}]}', "{}"])
def test_a_damaged_handout_is_a_finding_and_no_crash(root: Path, damage: str) -> None:
    list(build(root, RELEASE))
    (root / "notebooks" / "01_toy.ipynb").write_text(damage)
    assert {f.place for f in findings(root)} == {"notebooks/01_toy.ipynb"}


def run_toy(root: Path, text: str) -> list[Finding]:
    path = root / "solutions" / "03_run.py"
    path.write_text("# %% [markdown]\n# # 3 · Run\n\n" + text, encoding="utf-8")
    return list(check_by_running(root, read_source(path), RELEASE))


@pytest.mark.slow
def test_a_handout_may_stop_at_its_stub_only(root: Path) -> None:
    exercise = (
        '# %% exercise="f" title="F" points=1\ndef f(x):\n    # BEGIN SOLUTION\n'
        "    return x + 41\n    # END SOLUTION\n\n"
    )
    mode = "# %%\nimport os\nassert os.environ['COURSE_MODE'] == 'smoke'\n\n"
    assert run_toy(root, exercise + mode + "# %%\nassert f(1) == 42\n") == []
    broken = run_toy(root, exercise + "# %%\n1 / 0\n\n# %%\nf(1)\n")
    assert [f.place for f in broken] == ["notebooks/03_run.ipynb", "solutions/03_run.py"]
    assert (
        "its first error is ZeroDivisionError: division by zero (in cell cell-" in broken[0].message
    )
    (wrong,) = run_toy(root, exercise + "# %%\nassert f(1) == 41, 'off by one'\n")
    assert wrong.message.startswith("run with its answers, it stops: AssertionError: off by one")


def test_the_committed_files_are_what_the_sources_give() -> None:
    if not any((REPOSITORY / "solutions").glob("*.py")):
        pytest.skip("a release carries no sources")
    from autograder.settings import load_settings

    found = [
        f"{f.place}: {f.message} {f.details}"
        for f in check(REPOSITORY, load_settings(REPOSITORY).release)
    ]
    assert found == []
