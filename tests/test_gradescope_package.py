"""`autograder package gradescope`: what is in the zip, what is not, and what setup.sh does with it."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import zipfile
from pathlib import Path

import pytest

from autograder.gradescope.package import package_gradescope
from autograder.gradescope.seed import package_seed
from autograder.gradescope.wheelhouse import chosen_wheels
from autograder.release.contents import ReleaseError
from autograder.settings import load_settings
from tests.tiny_course import autograder, make_course

pytestmark = pytest.mark.slow

FAKE_PYTHON = """#!/bin/sh
# Stands in for Python: says what it is asked, makes an environment that is itself.
echo "$@" >> "$LOG"
case "$1" in
  -m) [ "$2" = venv ] && mkdir -p "$3/bin" && cp "$0" "$3/bin/python"
      case "$*" in *"$REFUSED"*) exit 1;; esac;;
esac
exit 0
"""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = make_course(tmp_path_factory.mktemp("course") / "course")
    assert autograder(folder, "handouts", "build").returncode == 0
    return folder


@pytest.fixture(scope="module")
def package(course: Path) -> Path:
    """The zip of the first assignment, as the command makes it."""
    out = course.parent / "autograder.zip"
    done = autograder(course, "package", "gradescope", "-a", "a1", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert f"{out}: " in done.stdout
    assert "MB" in done.stdout
    assert "do not share it" in done.stdout
    return out


def test_the_scripts_are_executable_at_the_root_with_line_ends_of_linux(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        for name in ("setup.sh", "run_autograder"):
            entry = archive.getinfo(name)
            assert stat.S_IMODE(entry.external_attr >> 16) == 0o755
            text = archive.read(name)
            assert text.startswith(b"#!/usr/bin/env bash\n")
            assert b"\r" not in text
            checked = subprocess.run(["bash", "-n"], input=text, capture_output=True, check=False)
            assert checked.returncode == 0, checked.stderr


def test_the_zip_holds_what_grading_needs_and_no_more(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        names = set(archive.namelist())
        pins = archive.read("requirements.txt").decode()
        torch = archive.read("requirements-torch.txt").decode()
        mode = archive.getinfo("secret/seed").external_attr >> 16
    assert {
        "package.json",
        "course/solutions/01_areas.py",
        "course/notebooks/01_areas.ipynb",
        "course/autograder/checks/areas/check_all.py",
        "course/autograder/gradescope/run.py",
    } <= names
    assert stat.S_IMODE(mode) == 0o600
    assert torch.startswith("torch==")
    assert "torch" not in pins
    assert "safetensors==" in pins
    unwanted = (
        "answer_bank/",
        "02_sums",
        "checks/sums",
        "torch/",
        ".whl",
        "solved/areas",
        "pytest_cache",
    )
    assert [name for name in names if any(word in name for word in unwanted)] == []
    assert stat.S_IMODE(package.stat().st_mode) == 0o600


def test_the_drawn_seed_is_kept_so_that_a_new_zip_grades_alike(course: Path, package: Path) -> None:
    kept = course / "secrets" / "gradescope-a1.seed"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    first = package.read_bytes()
    done = autograder(course, "package", "gradescope", "-a", "a1", "--out", str(package))
    assert done.returncode == 0, done.stderr
    assert package.read_bytes() == first
    assert package_seed(course, "a1", None) == int(kept.read_text())
    assert package_seed(course, "a1", 5) == 5


def test_a_damaged_seed_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "gradescope-a1.seed").write_text("x")
    with pytest.raises(ReleaseError, match=r"gradescope-a1\.seed holds no number; give --seed"):
        package_seed(tmp_path, "a1", None)


def test_nothing_else_is_overwritten(course: Path, tmp_path: Path) -> None:
    thesis = tmp_path / "thesis.zip"
    with zipfile.ZipFile(thesis, "w") as archive:
        archive.writestr("chapter.tex", "years of work")
    before = thesis.read_bytes()
    settings = load_settings(course)
    for out, reason in (
        (thesis, "is there and was not made by this command"),
        (tmp_path, "is a folder; name the zip file"),
        (tmp_path / "no" / "x.zip", "there is no folder"),
    ):
        with pytest.raises(ReleaseError, match=reason):
            package_gradescope(course, settings, settings.assignment("a1"), out, 1, 10, None)
    assert thesis.read_bytes() == before


@pytest.mark.parametrize(("assignment", "message"), [("a9", "no assignment 'a9'; known: a1, a2")])
def test_unknown_assignments_are_refused(course: Path, assignment: str, message: str) -> None:
    done = autograder(course, "package", "gradescope", "-a", assignment)
    assert done.returncode == 2
    assert message in done.stderr


def test_a_wheelhouse_goes_in_without_torch(tmp_path: Path) -> None:
    for name in ("numpy-2.4.6-cp311.whl", "Jinja2-3.1.6-py3.whl", "jupyter_client-8-py3.whl",
                 "torch-2.13.0-cp311.whl", "nvidia_cublas_cu12-12-py3.whl", "triton-3-cp311.whl"):  # fmt: skip
        (tmp_path / name).write_text("")
    wheels = chosen_wheels(tmp_path, ["numpy==2.4.6", "jinja2==3.1.6", "jupyter-client==8"])
    assert [w.name.partition("-")[0] for w in wheels] == ["Jinja2", "jupyter_client", "numpy"]
    with pytest.raises(
        ReleaseError, match=r"lacks numpy==9, rich==15\. Fill it on Linux.*pip download"
    ):
        chosen_wheels(tmp_path, ["numpy==9", "rich==15"])
    with pytest.raises(ReleaseError, match="no such folder"):
        chosen_wheels(tmp_path / "none", [])


def unpack(package: Path, folder: Path) -> None:
    """As unzip does, with mode bits."""
    with zipfile.ZipFile(package) as archive:
        for entry in archive.infolist():
            os.chmod(archive.extract(entry, folder), stat.S_IMODE(entry.external_attr >> 16))


@pytest.mark.parametrize("wheelhouse", ["none", "complete", "incomplete"])
def test_setup_installs_torch_for_the_cpu_then_the_rest(
    package: Path, tmp_path: Path, wheelhouse: str
) -> None:
    unpack(package, tmp_path / "source")
    if wheelhouse != "none":
        (tmp_path / "source" / "wheelhouse").mkdir()
    fake = tmp_path / "fakepython"
    fake.write_text(FAKE_PYTHON)
    fake.chmod(0o755)
    refused = "--no-index" if wheelhouse == "incomplete" else "never asked for"
    log = tmp_path / "log"
    done = subprocess.run(
        [str(tmp_path / "source" / "setup.sh")],
        env={"PATH": os.environ["PATH"], "AUTOGRADER_ROOT": str(tmp_path), "LOG": str(log),
             "AUTOGRADER_PYTHON": str(fake), "REFUSED": refused},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    asked = [
        line.partition("check ")[2] for line in log.read_text().splitlines() if " pip " in line
    ]
    source = tmp_path / "source"
    torch = f"--index-url https://download.pytorch.org/whl/cpu -r {source}/requirements-torch.txt"
    offline = f"--no-index --find-links {source}/wheelhouse -r {source}/requirements.txt"
    rest = {
        "none": [f"-r {source}/requirements.txt"],
        "complete": [offline],
        "incomplete": [offline, f"--find-links {source}/wheelhouse -r {source}/requirements.txt"],
    }
    assert asked == [torch, *rest[wheelhouse]]
    assert stat.S_IMODE((source / "secret").stat().st_mode) == 0o700


@pytest.mark.parametrize(("offered", "version"), [("3.12", "3.12"), ("", "")])
def test_setup_looks_for_a_python_that_is_new_enough(
    package: Path, tmp_path: Path, offered: str, version: str
) -> None:
    """On a base image whose own Python is too old, with an apt-get that offers one other, or none."""
    unpack(package, tmp_path / "source")
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    for tool in ("dirname", "bash", "env", "mkdir", "cp", "chmod"):
        (bin_folder / tool).symlink_to(str(shutil.which(tool)))
    fake = tmp_path / "fakepython"
    fake.write_text(FAKE_PYTHON)
    fake.chmod(0o755)
    (bin_folder / "python3").write_text("#!/bin/sh\nexit 1\n")
    (bin_folder / "apt-get").write_text(
        '#!/bin/sh\ncase "$*" in\n'
        f'*"python{offered or "9"} "*) cp {fake} {bin_folder}/python{offered or "9"};;\n'
        "update|*python3\\ *) ;;\n*) exit 100;;\nesac\n"
    )
    for program in bin_folder.iterdir():
        if not program.is_symlink():
            program.chmod(0o755)
    done = subprocess.run(
        [str(bin_folder / "bash"), str(tmp_path / "source" / "setup.sh")],
        env={"PATH": str(bin_folder), "AUTOGRADER_ROOT": str(tmp_path),
             "LOG": str(tmp_path / "log"), "REFUSED": "nothing"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if version:
        assert done.returncode == 0, done.stderr
        assert (tmp_path / "venv" / "bin" / "python").is_file()
    else:
        assert done.returncode == 1
        assert "Python 3.11 or newer is needed; choose a newer base image" in done.stderr


def test_the_zip_goes_where_git_does_not_look(course: Path) -> None:
    done = autograder(course, "package", "gradescope", "-a", "a2", "--seed", "1")
    assert done.returncode == 0, done.stderr
    assert (course / "build" / "gradescope" / "a2.zip").is_file()
    assert not (course / "secrets" / "gradescope-a2.seed").exists()
    with zipfile.ZipFile(course / "build" / "gradescope" / "a2.zip") as archive:
        names = archive.namelist()
        assert archive.read("secret/seed") == b"1\n"
    assert "course/course_lib/solved/areas.py" in names
    assert "course/course_lib/solved/sums.py" not in names


def test_the_package_says_what_it_grades(package: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        described = json.loads(archive.read("package.json"))
    assert described["notebook"] == "01_areas"
    assert described["minutes"] == 10
    assert described["grading"]["submission_seconds"] == 30
    assert "seed" not in json.dumps(described)
