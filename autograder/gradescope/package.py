"""The zip for Gradescope: everything that grading one assignment needs, except torch."""

from __future__ import annotations

import os
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.catalogue import load_catalogue
from autograder.gradescope.container import CODE_FOLDER, PACKAGE_FILE, SEED_FILE, Package
from autograder.gradescope.wheelhouse import chosen_wheels
from autograder.handouts.check import check
from autograder.release.contents import (
    GRADERS_ALONE,
    ReleaseError,
    ReleaseRefused,
    contents_of,
    number_of,
)
from autograder.release.project_files import student_requirements
from autograder.release.trained_tasks import keep_tasks, released_files
from autograder.settings import Assignment, Settings
from autograder.trained.kept import kept_path

_DATE = (2020, 2, 2, 0, 0, 0)  # the same files give the same bytes
_TORCH = "torch"
_SCRIPTS = {"setup.sh": "setup.sh", "run_autograder": "run_autograder.sh"}
_NOT_NEEDED = ("assets/references/", "LICEN", "COPYING", "NOTICE", "CITATION")


@dataclass(frozen=True)
class Member:
    """A file of the zip."""

    name: str
    data: bytes
    mode: int = 0o644


def package_gradescope(
    root: Path,
    settings: Settings,
    assignment: Assignment,
    out: Path,
    seed: int,
    minutes: float,
    wheelhouse: Path | None,
) -> int:
    """Write the zip of a published assignment by renaming; how many files it holds.

    Raises ReleaseRefused with what is stale, ReleaseError where `out` is something else or a wheel is missing.
    """
    assert assignment.notebook is not None
    _require_replaceable(out)
    findings = tuple(check(root, settings.release, assignment.notebook))
    if findings:
        raise ReleaseRefused(findings)
    description = Package(
        assignment.id, assignment.title, assignment.notebook, minutes, settings.grading
    )
    members = [
        *_scripts(),
        Member(PACKAGE_FILE, description.to_json().encode()),
        Member(SEED_FILE, f"{seed}\n".encode(), 0o600),
        *_requirements(root, wheelhouse),
        *_course(root, settings, assignment.notebook),
    ]
    _write_zip(out, members)
    return len(members)


def _scripts() -> Iterator[Member]:
    """Executable, and with the line ends of Linux whatever git made of them."""
    for name, file in _SCRIPTS.items():
        text = Path(__file__).with_name(file).read_text(encoding="utf-8")
        yield Member(name, text.replace("\r\n", "\n").encode(), 0o755)


def _requirements(root: Path, wheelhouse: Path | None) -> Iterator[Member]:
    pyproject = (root / "pyproject.toml").read_text(encoding="utf-8")
    pins = (root / "requirements.txt").read_text(encoding="utf-8")
    lines = student_requirements(pins, pyproject).splitlines()
    torch = [line for line in lines if line.startswith(f"{_TORCH}==")]
    others = [line for line in lines if line and not line.startswith(("#", f"{_TORCH}=="))]
    yield Member("requirements-torch.txt", ("\n".join(torch) + "\n").encode())
    yield Member("requirements.txt", ("\n".join(others) + "\n").encode())
    for wheel in chosen_wheels(wheelhouse, others) if wheelhouse is not None else ():
        yield Member(f"wheelhouse/{wheel.name}", wheel.read_bytes())


def _course(root: Path, settings: Settings, notebook: str) -> Iterator[Member]:
    """What a release of this stage holds, and the answers to grade by."""
    contents = contents_of(root, settings, number_of(notebook))
    keep_tasks(root, [notebook])  # the same hidden views as the release, whichever was made first
    drawn = released_files(root, contents.notebooks)
    for path in contents.files:
        if not path.as_posix().startswith(_NOT_NEEDED):
            data = drawn.get(path) or (root / path).read_bytes()
            yield Member(f"{CODE_FOLDER}/{path.as_posix()}", data)
    for path in GRADERS_ALONE:
        yield Member(f"{CODE_FOLDER}/{path.as_posix()}", (root / path).read_bytes())
    for exercise in load_catalogue(notebook).trained:
        private = kept_path(notebook, exercise.id)
        yield Member(f"{CODE_FOLDER}/{private.as_posix()}", (root / private).read_bytes(), 0o600)
    solution = Path("solutions", f"{notebook}.py")
    yield Member(f"{CODE_FOLDER}/{solution.as_posix()}", (root / solution).read_bytes(), 0o600)


def _require_replaceable(out: Path) -> None:
    if out.is_dir():
        raise ReleaseError(f"--out {out} is a folder; name the zip file")
    if not out.absolute().parent.is_dir():
        raise ReleaseError(
            f"--out {out}: there is no folder {out.absolute().parent}; make it first"
        )
    if not out.exists():
        return
    try:
        with zipfile.ZipFile(out) as archive:
            ours = {PACKAGE_FILE, SEED_FILE} <= set(archive.namelist())
    except (zipfile.BadZipFile, OSError):
        ours = False
    if not ours:
        raise ReleaseError(
            f"--out {out} is there and was not made by this command; name another file"
        )


def _write_zip(out: Path, members: list[Member]) -> None:
    handle, temporary = tempfile.mkstemp(
        prefix=f".{out.stem}-", suffix=".part", dir=out.absolute().parent
    )
    try:
        with (
            os.fdopen(handle, "wb") as stream,
            zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive,
        ):
            for member in members:
                entry = zipfile.ZipInfo(member.name, _DATE)
                entry.create_system = 3  # Unix: the mode bits count
                entry.external_attr = (0o100000 | member.mode) << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, member.data)
        os.replace(temporary, out)  # it keeps mode 0600: it holds answers and seed
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
