"""The public cases of a notebook: inputs and right outputs that students check against."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from autograder.handouts.files import reference_path
from autograder.source import Source

if TYPE_CHECKING:
    from autograder.checking.cases import Cases


def has_checks(root: Path, source: Source) -> bool:
    """Whether somebody has written checks for the topic yet."""
    return any((root / "autograder/checks" / source.topic).glob("check_*.py"))


def draw_public_cases(source: Source) -> Cases:
    """The cases of the public seed, answered by the source; InvalidSourceError if it cannot run."""
    from autograder.checking.cases import PUBLIC_SEED, draw_cases
    from autograder.grading.reference import reference_of

    return draw_cases(source.topic, PUBLIC_SEED, reference_of(source))


def reference_drift(root: Path, source: Source, cases: Cases) -> list[str]:
    """How the committed file differs from the cases, beyond the last digits of floating point."""
    from autograder.checking.cases import differences, load_cases

    path = root / reference_path(source)
    if not path.is_file():
        return ["missing"]
    try:
        committed = load_cases(path)
    except Exception as error:  # safetensors and the codec each have exceptions of their own
        return [f"unreadable: {error}"]
    return differences(committed, cases)


def write_reference(root: Path, source: Source, cases: Cases) -> bool:
    """Write the file unless the committed one agrees; whether it was written."""
    from autograder.checking.cases import save_cases

    if not reference_drift(root, source, cases):
        return False
    save_cases(cases, root / reference_path(source))
    return True
