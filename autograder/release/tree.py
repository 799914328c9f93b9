"""A release as a folder: copied, completed, packed into a wheel, and scanned for answers."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from autograder.handouts.build import read_sources
from autograder.handouts.check import Finding
from autograder.handouts.files import source_paths
from autograder.release.contents import Contents, ReleaseRefused, contents_of
from autograder.release.marker import write_marker
from autograder.release.project_files import project_files
from autograder.release.scan import find_answers, find_private_names, find_secrets
from autograder.release.trained_tasks import find_hidden_views, released_files
from autograder.release.wheel import build_wheel, source_date, wheel_files
from autograder.settings import Settings
from autograder.source import Source

Watch = Callable[[str], None]


@dataclass(frozen=True)
class Built:
    """A release that was built and found free of answers."""

    folder: Path
    wheel: Path
    contents: Contents
    files: int
    private: tuple[Path, ...] = ()  # where its hidden views are kept, relative to the course


def build_tree(root: Path, settings: Settings, stage: int, folder: Path, watch: Watch) -> Built:
    """Build the release of a stage in an empty folder. ReleaseRefused says what may not leave the house."""
    contents = contents_of(root, settings, stage)
    sources = read_sources(source_paths(root))
    watch("copying")
    _refuse(list(_missing(root, contents)))
    drawn = released_files(root, contents.notebooks)
    for path in contents.files:
        _write(folder / path, drawn.get(path) or (root / path).read_bytes())
    for name, text in project_files(root, settings, contents).items():
        _write(folder / name, text.encode())
    watch("looking for answers")
    secrets = {f"secrets/{name}": data for name, data in files_below(root / "secrets").items()}
    files = files_below(folder)
    hidden = find_hidden_views(root, contents.notebooks, files)
    _refuse([*_scan(sources, contents, files), *find_secrets(secrets, files), *hidden])
    watch("building the wheel")
    wheel = build_wheel(folder)
    packed = wheel_files(wheel)
    hidden = find_hidden_views(root, contents.notebooks, packed)
    _refuse([*_scan(sources, contents, packed), *find_secrets(secrets, packed), *hidden])
    _refuse(list(_wrong_address(settings, wheel)))
    write_marker(folder, settings.course.version, contents)
    _set_clock(folder)
    return Built(folder, wheel, contents, sum(1 for p in folder.rglob("*") if p.is_file()))


def trial(root: Path, settings: Settings, stage: int, watch: Watch) -> Built:
    """Build a release where nobody sees it, only to know whether it may be made."""
    with tempfile.TemporaryDirectory(prefix="release-") as folder:
        return build_tree(root, settings, stage, Path(folder), watch)


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file of a folder by its name from there."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _missing(root: Path, contents: Contents) -> Iterator[Finding]:
    for path in contents.files:
        if not (root / path).is_file():
            yield Finding(str(path), "is missing", "autograder handouts build")


def _scan(sources: list[Source], contents: Contents, files: dict[str, bytes]) -> list[Finding]:
    return [*find_private_names(files), *find_answers(sources, contents.closed, files)]


def _wrong_address(settings: Settings, wheel: Path) -> Iterator[Finding]:
    """Notebooks install the wheel from its address: under another name they would not find it."""
    address = settings.release.wheel
    if address is not None and address.rpartition("/")[2] != wheel.name:
        yield Finding(
            "course.toml",
            f"release.wheel names {address.rpartition('/')[2]}, but this release's wheel is {wheel.name}: "
            "notebooks could not install it",
            f"let release.wheel end in {wheel.name}, then autograder handouts build",
        )


def _refuse(findings: list[Finding]) -> None:
    if findings:
        raise ReleaseRefused(tuple(findings))


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o644)


def _set_clock(folder: Path) -> None:
    moment = source_date()
    for path in sorted(folder.rglob("*"), reverse=True):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.utime(path, (moment, moment))
