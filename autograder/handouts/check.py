"""Whether the committed files are what the sources give, and hold nothing they should not."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from autograder.handouts.build import leak_errors
from autograder.handouts.exercise_list import catalogue_of
from autograder.handouts.files import (
    Product,
    handout_path,
    products,
    reference_path,
    source_paths,
    stale_files,
)
from autograder.handouts.leaks import find_leaks
from autograder.handouts.references import draw_public_cases, has_checks, reference_drift
from autograder.handouts.stubs import find_foreign_stubs
from autograder.handouts.task_files import draw_public, task_drift, task_paths
from autograder.settings import Release
from autograder.source import InvalidSourceError, Source, read_source

_DIFF_LINES = 12


@dataclass(frozen=True)
class Finding:
    """Something to mend: where, what, and the command or the edit that mends it."""

    place: str  # "path" or "path:line"
    message: str
    mend: str = ""
    details: tuple[str, ...] = ()  # lines of a diff


def check(root: Path, release: Release, only: str | None = None) -> Iterator[Finding]:
    """Everything wrong with the sources and the files made from them; NoSourceError if none."""
    for path in source_paths(root, only):
        try:
            source = read_source(path)
            faults = leak_errors(source, release)
        except InvalidSourceError as invalid:
            faults = list(invalid.errors)
        if faults:
            for error in faults:
                yield Finding(f"{_relative(error.path, root)}:{error.line}", error.message)
            continue
        yield from _check_products(root, source, release)
        yield from _check_handout(root, source)
        yield from _check_reference(root, source)
        yield from _check_tasks(root, source)
        yield from _check_coverage(root, source)
    if only is None:
        for path in stale_files(root, source_paths(root)):
            message = "stale: it was generated from a source that is gone"
            yield Finding(str(path), message, f"git rm {path}")


def _check_products(root: Path, source: Source, release: Release) -> Iterator[Finding]:
    for product in products(source, release):
        path = root / product.path
        if not path.is_file():
            yield Finding(str(product.path), "missing", _build_command(source))
        elif path.read_bytes() != product.text.encode():
            yield Finding(
                str(product.path),
                "differs from what its source gives",
                _build_command(source),
                _diff(path, product),
            )


def _check_handout(root: Path, source: Source) -> Iterator[Finding]:
    """Judge the committed handout by itself: what students get is this file, not a rebuilt one."""
    path = handout_path(source)
    if not (root / path).is_file():
        return
    try:
        notebook = json.loads((root / path).read_text(encoding="utf-8"))
        leaks = find_leaks(source, notebook)
        foreign = find_foreign_stubs(source, notebook)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        yield Finding(str(path), f"is no notebook: {error}", _build_command(source))
        return
    for leak in leaks:
        yield Finding(str(path), str(leak), _build_command(source))
    for task_id in foreign:
        message = f"the stub of {task_id!r} is missing or holds a line that its solution has not"
        yield Finding(str(path), message, _build_command(source))


def _check_reference(root: Path, source: Source) -> Iterator[Finding]:
    if not has_checks(root, source):
        return
    try:
        drift = reference_drift(root, source, draw_public_cases(source))
    except InvalidSourceError as invalid:
        for error in invalid.errors:
            yield Finding(f"{_relative(error.path, root)}:{error.line}", error.message)
        return
    if drift:
        yield Finding(
            str(reference_path(source)),
            "differs from what its source and checks give",
            _build_command(source),
            tuple(drift[:_DIFF_LINES]),
        )


def _check_tasks(root: Path, source: Source) -> Iterator[Finding]:
    for task_id, path in task_paths(source).items():
        drift = task_drift(root, path, draw_public(task_id))
        if drift:
            message = f"differs from what its task draws: {drift}"
            yield Finding(str(path), message, _build_command(source))


def _check_coverage(root: Path, source: Source) -> Iterator[Finding]:
    """An exercise without checks earns nothing; a check of no exercise is never run."""
    if not has_checks(root, source) or not find_spec(f"autograder.checks.{source.topic}"):
        return
    from autograder.checking.runner import topic_checks

    checked = {check.exercise for check in topic_checks(source.topic)}
    exercises = {exercise.id for exercise in catalogue_of(source).exercises}
    place = f"autograder/checks/{source.topic}"
    for exercise in sorted(exercises - checked):
        yield Finding(place, f"exercise {exercise!r} has no checks, so nobody can earn its points")
    for exercise in sorted(checked - exercises):
        yield Finding(
            place, f"there are checks of {exercise!r}, which is no exercise of {source.name}"
        )


def _build_command(source: Source) -> str:
    return f"autograder handouts build --notebook {source.name}"


def _relative(path: Path, root: Path) -> Path:
    return path.relative_to(root) if path.is_relative_to(root) else path


def _diff(path: Path, product: Product) -> tuple[str, ...]:
    committed = path.read_bytes().decode("utf-8", errors="replace")
    lines = list(
        difflib.unified_diff(
            committed.split("\n"),
            product.text.split("\n"),
            f"{product.path} (committed)",
            f"{product.path} (from its source)",
            lineterm="",
            n=1,
        )
    )
    left_out = len(lines) - _DIFF_LINES
    return (*lines[:_DIFF_LINES], *([f"… and {left_out} more lines"] if left_out > 0 else []))
