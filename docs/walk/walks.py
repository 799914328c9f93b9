"""Which pages make up a walk, and the scratch home that each begins in."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from tempfile import TemporaryDirectory, gettempdir
from typing import Final

from docs.walk.downloads import make_downloads
from docs.walk.normal import HOME
from docs.walk.page import Walked, walk
from docs.walk.shell import Shell

REPOSITORY: Final = Path(__file__).resolve().parents[2]
PAGES: Final = REPOSITORY / "docs" / "pages"
_COURSE: Final = (  # what a clone of the course holds, as far as commands of the pages need it
    "assets", "autograder", "course_lib", "notebooks", "solutions",
    ".gitignore", "course.toml", "pyproject.toml", "requirements.txt", "Makefile", "README.md",
)  # fmt: skip


@dataclass(frozen=True)
class Walk:
    """Pages that are walked one after the other in one home; `cloned` says that the course is there already."""

    pages: tuple[str, ...]
    cloned: bool = True
    slow: bool = False


WALKS: Final = {
    "set-up": Walk(("year/set-up.md", "year/edit.md"), cloned=False),
    "release": Walk(("year/release.md",), slow=True),
    "term": Walk(("year/grade.md", "year/decide.md", "year/export.md")),
    "safe": Walk(("year/keep.md",), slow=True),
    "next": Walk(("year/next.md",)),
    "evening": Walk(("evening.md",)),
}


@contextmanager
def scratch_home(cloned: bool, postgres: dict[str, str] | None = None) -> Iterator[Shell]:
    """A shell in a new home with `downloads/`, and the course in `course/` if it is cloned already."""
    with TemporaryDirectory(prefix="walk-") as name, _home() as home:
        upstream = Path(name).resolve() / "upstream"
        make_downloads(home / "downloads", REPOSITORY / "assets" / "sample_class")
        _make_upstream(upstream)
        shell = Shell(home, upstream, postgres)
        if cloned:
            shell.run(
                "git clone -q https://git.example.edu/inverse-graphics.git course && cd course"
            )
        try:
            yield shell
        finally:
            shell.stop_all()


@contextmanager
def _home() -> Iterator[Path]:
    """A new folder whose name is as long as that of the story's home, so that tables with paths stay in line."""
    parent = Path(gettempdir()).resolve()
    length = max(4, len(HOME) - len(str(parent)) - 1)
    while True:
        home = parent / token_hex(length)[:length]
        with suppress(FileExistsError):
            home.mkdir(mode=0o700)
            break
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def run_walk(name: str, *, update: bool = False, postgres: dict[str, str] | None = None) -> Walked:
    """Walk the pages of that name from their beginning; `postgres` says how to reach an empty database."""
    chosen = WALKS[name]
    with scratch_home(chosen.cloned, postgres) as shell:
        return walk((PAGES / page for page in chosen.pages), shell, update=update)


def _make_upstream(folder: Path) -> None:
    """The repository that the instructor clones: this course as it stands, in one commit."""
    folder.mkdir()
    junk = shutil.ignore_patterns("__pycache__", "*.pyc", ".ipynb_checkpoints")
    for entry in _COURSE:
        source = REPOSITORY / entry
        if source.is_dir():
            shutil.copytree(source, folder / entry, ignore=junk)
        else:
            shutil.copy(source, folder / entry)
    identity = ("-c", "user.name=Course", "-c", "user.email=course@example.edu")
    for command in (
        ("init", "-q", "-b", "main"),
        ("add", "."),
        ("commit", "-q", "-m", "The course"),
    ):
        subprocess.run(["git", *identity, *command], cwd=folder, check=True, capture_output=True)
