"""The right answers as functions, executed from a source notebook. For trusted processes only."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from autograder.handouts.solved import aligned_module
from autograder.source import InvalidSourceError, Source, SourceError, read_source


def source_path(root: Path, notebook: str) -> Path:
    """Where the source of a notebook lies; FileNotFoundError in a release, which has no sources."""
    path = root / "solutions" / f"{notebook}.py"
    if not path.is_file():
        raise FileNotFoundError(
            f"{path} is not here. Grading needs the reference solutions, which a release for "
            "students leaves out: run it in the course's own repository."
        )
    return path


def load_reference(source_path: Path) -> dict[str, Callable[..., Any]]:
    """Run the exercise and export cells of a source in a fresh module; its functions by name.

    Raises FileNotFoundError if the source is missing, InvalidSourceError if it is malformed or
    its exported cells do not run on their own.
    """
    if not source_path.is_file():
        raise FileNotFoundError(
            f"{source_path} is not here; a release for students leaves solutions/ out"
        )
    return reference_of(read_source(source_path))


def compiled_module(source: Source) -> CodeType:
    """The answers, each line where it stands in the source, to be run here."""
    # Not with this file's own `from __future__ import annotations`: a dataclass would look its texts up.
    return compile(aligned_module(source), str(source.path), "exec", dont_inherit=True)


def reference_of(source: Source) -> dict[str, Callable[..., Any]]:
    """`load_reference` for a source that has been read already."""
    module = ModuleType(f"reference_{source.topic}")
    module.__file__ = str(source.path)
    try:
        exec(compiled_module(source), module.__dict__)
    except Exception as error:
        raise InvalidSourceError((_located(source, error),)) from error
    return {
        name: value
        for name, value in vars(module).items()
        if callable(value) and getattr(value, "__module__", None) == module.__name__
    }


def _located(source: Source, error: Exception) -> SourceError:
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(source.path)]
    hint = "; mark the cell that defines it with `export`" if isinstance(error, NameError) else ""
    message = f"the exported cells do not run on their own: {type(error).__name__}: {error}{hint}"
    return SourceError(source.path, (lines[-1] if lines else None) or 1, message)
