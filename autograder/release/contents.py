"""Which files a release up to a stage holds, and which it leaves out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.handouts.check import Finding
from autograder.handouts.files import source_paths
from autograder.handouts.task_files import TASKS
from autograder.settings import Settings

_LEGAL = ("LICENSE*", "LICENCE*", "COPYING*", "NOTICE*", "CITATION.cff")
_SKIPPED = frozenset(["__pycache__"])
_TASK_MODULES = Path("autograder/trained/tasks")
# Code that graders need and students do not: it holds what an exercise asks for. The wheel leaves it out as well.
GRADERS_ALONE = (Path("autograder/trained/scores.py"),)


class ReleaseError(Exception):
    """A release cannot be made as asked; the message says what to do."""


class ReleaseRefused(Exception):
    """The course is not fit to be released: the findings say why."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(f"{len(findings)} findings")
        self.findings = findings


@dataclass(frozen=True)
class Contents:
    """A release: which notebooks it opens, whose answers are out, and every copied file."""

    stage: int
    notebooks: tuple[str, ...]  # "01_camera_geometry", …
    closed: tuple[str, ...]  # topics whose answers students may have
    files: tuple[Path, ...]  # relative to the course, sorted


def number_of(notebook: str) -> int:
    """The 1 of "01_camera_geometry"."""
    return int(notebook.partition("_")[0])


def published(settings: Settings) -> list[str]:
    """The notebooks that course.toml publishes, in order."""
    return sorted(a.notebook for a in settings.assignments if a.notebook is not None)


def contents_of(root: Path, settings: Settings, stage: int) -> Contents:
    """What the release of a stage holds: notebooks up to it, answers of those before it."""
    open_to_students = published(settings)
    notebooks = tuple(name for name in open_to_students if number_of(name) <= stage)
    if not notebooks or number_of(notebooks[-1]) != stage:
        known = ", ".join(str(number_of(name)) for name in open_to_students) or "none"
        raise ReleaseError(
            f"there is no published notebook {stage} (published: {known}). An assignment in course.toml "
            "publishes a notebook by naming it, with its dates."
        )
    closed = tuple(name.partition("_")[2] for name in notebooks[:-1])
    files = sorted(_files(root, notebooks, closed))
    return Contents(stage, notebooks, closed, tuple(files))


def early_answers(settings: Settings, contents: Contents, now: datetime | None = None) -> list[str]:
    """A sentence per notebook whose answers this release publishes while it may still be handed in."""
    moment = now or datetime.now(UTC)
    said = []
    for notebook in contents.notebooks[:-1]:
        assignment = settings.assignment_of(notebook)
        if assignment is None or assignment.due is None:
            continue
        last = assignment.due + timedelta(days=settings.late.late_days)
        if moment < last:
            said.append(
                f"this release publishes the answers of {notebook}, which may be handed in with late "
                f"days until {last:%Y-%m-%d %H:%M}"
            )
    return said


def _files(root: Path, notebooks: tuple[str, ...], closed: tuple[str, ...]) -> Iterator[Path]:
    yield from _package(root, "autograder", notebooks, closed)
    yield from _package(root, "course_lib", notebooks, closed)
    yield from (p for p in _below(root, Path("assets/data")) if _is_open(p, notebooks))
    yield Path("assets/manifest.toml")
    for notebook in notebooks:
        yield Path("notebooks", f"{notebook}.ipynb")
        yield Path("assets/references", f"{notebook}.safetensors")
    for pattern in _LEGAL:
        yield from (path.relative_to(root) for path in root.glob(pattern) if path.is_file())


def _is_open(path: Path, notebooks: tuple[str, ...]) -> bool:
    """Whether students may have a file of data: what a later notebook trains on comes with that notebook."""
    return path.parent.parent != TASKS or path.parent.name in notebooks


def _package(
    root: Path, package: str, notebooks: tuple[str, ...], closed: tuple[str, ...]
) -> Iterator[Path]:
    """A package's files, without what belongs to other notebooks than the published ones."""
    topics = {name.partition("_")[2] for name in notebooks}
    tasks = {p.stem for name in notebooks for p in (root / TASKS / name).glob("*.safetensors")}
    later = {path.stem.partition("_")[2] for path in source_paths(root)} - topics
    for path in _below(root, Path(package)):
        parent, name = path.parent, path.stem
        if parent == Path("course_lib/solved") and name not in ("__init__", *closed):
            continue
        if (
            parent == Path("autograder/catalogue")
            and path.suffix == ".json"
            and name not in notebooks
        ):
            continue
        if path in GRADERS_ALONE:
            continue
        if parent == _TASK_MODULES and name not in ("__init__", *tasks):
            continue
        in_checks = path.parts[:2] == ("autograder", "checks") and len(path.parts) > 3
        if in_checks and (path.parts[2] in later or path.parts[2] not in topics):
            continue
        yield path


def _below(root: Path, folder: Path) -> Iterator[Path]:
    """Files in a folder of the course; hidden ones and what Python leaves behind are nobody's."""
    for path in sorted((root / folder).iterdir()) if (root / folder).is_dir() else ():
        inside = path.relative_to(root)
        if path.name in _SKIPPED or path.name.startswith("."):
            continue
        if path.is_symlink():
            raise ReleaseError(
                f"{inside} is a link; a release holds files only. Copy it or remove it."
            )
        if path.is_dir():
            yield from _below(root, inside)
        elif path.suffix not in (".pyc", ".pyo"):
            yield inside
