"""Solutions, and the cases of a check by their names, for tests of what checks compare with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from autograder.checking.cases import Case, Draw
from autograder.grading.reference import load_reference

SOLUTIONS = Path(__file__).parents[1] / "solutions"


@cache
def solution_of(notebook: str) -> dict[str, Any]:
    """The answers of a notebook, as "03_auto_encoding", by their names."""
    return load_reference(SOLUTIONS / f"{notebook}.py")


def cases_by_name(
    generator: Callable[[Draw], Iterator[Case]], function: str, seed: int
) -> dict[str, Case]:
    """What a generator draws for a function with this seed."""
    return {case.name: case for case in generator(Draw(seed, function))}
