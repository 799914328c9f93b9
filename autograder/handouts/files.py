"""Where sources and generated files lie, and how a file is replaced in one step."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from autograder.handouts.exercise_list import catalogue_of
from autograder.handouts.notebook import handout, to_json
from autograder.handouts.solved import solved_module
from autograder.handouts.task_files import TASKS
from autograder.settings import Release
from autograder.source import Source


class NoSourceError(Exception):
    """The command was asked to build what is not there."""


@dataclass(frozen=True)
class Product:
    """A text file made from a source; the path is relative to the root."""

    path: Path
    text: str


def products(source: Source, release: Release) -> tuple[Product, ...]:
    """Every text file that one source gives."""
    return (
        Product(handout_path(source), to_json(handout(source, release))),
        Product(Path("course_lib/solved", f"{source.topic}.py"), solved_module(source)),
        Product(
            Path("autograder/catalogue", f"{source.name}.json"), catalogue_of(source).to_json()
        ),
    )


def handout_path(source: Source) -> Path:
    """The handout of a source, relative to the root."""
    return Path("notebooks", f"{source.name}.ipynb")


def reference_path(source: Source) -> Path:
    """The public references of a source, relative to the root."""
    return Path("assets/references", f"{source.name}.safetensors")


def source_paths(root: Path, only: str | None = None) -> list[Path]:
    """The sources in `root`, or the one called `only`; NoSourceError if there is none."""
    paths = sorted((root / "solutions").glob("*.py"))
    if not paths:
        raise NoSourceError(
            f"no sources in {root / 'solutions'}: handouts are built in the course's own "
            "repository; a release for students carries no solutions"
        )
    if only is None:
        return paths
    names = [path.stem for path in paths]
    if only.removesuffix(".py") not in names:
        nearest = difflib.get_close_matches(only, names, n=1, cutoff=0.3)
        hint = f"did you mean {nearest[0]}?" if nearest else f"known: {', '.join(names)}"
        raise NoSourceError(f"no notebook {only!r} in solutions/; {hint}")
    return [root / "solutions" / f"{only.removesuffix('.py')}.py"]


def stale_files(root: Path, sources: Sequence[Path]) -> list[Path]:
    """Generated files, relative to the root, whose source is gone."""
    names = {path.stem for path in sources}
    topics = {name.partition("_")[2] for name in names}
    found = [
        *(p for p in (root / "notebooks").glob("*.ipynb") if p.stem not in names),
        *(p for p in (root / "autograder/catalogue").glob("*.json") if p.stem not in names),
        *(p for p in (root / "assets/references").glob("*.safetensors") if p.stem not in names),
        *(p for p in (root / TASKS).glob("*/*.safetensors") if p.parent.name not in names),
        *(
            p
            for p in (root / "course_lib/solved").glob("*.py")
            if p.stem not in topics and p.name != "__init__.py"
        ),
    ]
    return sorted(path.relative_to(root) for path in found)


def write_if_changed(path: Path, text: str) -> bool:
    """Put `text` at `path` by rename, so that no reader sees half of it; False if it was there."""
    data = text.encode()
    if path.is_file() and path.read_bytes() == data:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(data)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return True
