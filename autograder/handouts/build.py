"""Make every generated file of every source, or none if a source is at fault."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from autograder.handouts.files import products, reference_path, source_paths, write_if_changed
from autograder.handouts.leaks import find_leaks
from autograder.handouts.notebook import handout
from autograder.handouts.references import draw_public_cases, has_checks, write_reference
from autograder.handouts.task_files import draw_public, task_paths, unknown_tasks, write_task
from autograder.settings import Release
from autograder.source import InvalidSourceError, Source, SourceError, read_source


@dataclass(frozen=True)
class Step:
    """What became of one generated file."""

    path: Path
    outcome: Literal["written", "unchanged", "skipped"]
    note: str = ""


def build(root: Path, release: Release, only: str | None = None) -> Iterator[Step]:
    """Build all notebooks, or the one called `only`, telling each file as it is done.

    Nothing is written before every source has been read and found free of leaks.
    Raises NoSourceError, or InvalidSourceError with the mistakes of all the sources.
    """
    sources = read_sources(source_paths(root, only))
    leaks = [leak for source in sources for leak in leak_errors(source, release)]
    if leaks:
        raise InvalidSourceError(tuple(leaks))
    for source in sources:
        for product in products(source, release):
            written = write_if_changed(root / product.path, product.text)
            yield Step(product.path, "written" if written else "unchanged")
        yield _reference_step(root, source)
        for task_id, path in task_paths(source).items():
            written = write_task(root, path, draw_public(task_id))
            yield Step(path, "written" if written else "unchanged")


def read_sources(paths: Iterable[Path]) -> list[Source]:
    """Read all the sources; InvalidSourceError with the mistakes of every one of them."""
    sources: list[Source] = []
    errors: list[SourceError] = []
    for path in paths:
        try:
            sources.append(read_source(path))
        except InvalidSourceError as invalid:
            errors += invalid.errors
    if errors:
        raise InvalidSourceError(tuple(errors))
    return sources


def leak_errors(source: Source, release: Release) -> list[SourceError]:
    """Tasks that nobody declared, and lines of answers that the handout would show, at their place in the source."""
    if unknown := unknown_tasks(source):
        return unknown
    try:
        leaks = find_leaks(source, handout(source, release))
    except SourceError as error:  # a placeholder that course.toml does not fill
        return [error]
    return [SourceError(source.path, leak.line, str(leak)) for leak in leaks]


def _reference_step(root: Path, source: Source) -> Step:
    path = reference_path(source)
    if not has_checks(root, source):
        return Step(path, "skipped", f"no checks in autograder/checks/{source.topic} yet")
    written = write_reference(root, source, draw_public_cases(source))
    return Step(path, "written" if written else "unchanged")
