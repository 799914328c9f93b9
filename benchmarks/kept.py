"""Numbers of long jobs, kept in build/ until what they depend on changes: an interrupted benchmark goes on."""

from __future__ import annotations

import concurrent.futures
import hashlib
import json
import multiprocessing
import os
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path
from typing import TypeVar

BUILD = Path(__file__).parents[1] / "build"
Numbers = dict[str, float]
Job = TypeVar("Job", bound=Hashable)


def kept(folder: str, key: object, measure: Callable[[], Numbers]) -> Numbers:
    """The numbers that `measure()` found when it last ran for this key; it runs if it never has.

    Args:
        key: all that the numbers depend on, told apart by its repr. Code belongs to it as text (`source_of`).

    Raises:
        ValueError: the file was damaged; the message names it.
    """
    path = BUILD / folder / f"{hashlib.sha256(repr(key).encode()).hexdigest()[:16]}.json"
    if path.is_file():
        try:
            return dict(json.loads(path.read_text(encoding="utf-8")))
        except ValueError as error:
            raise ValueError(
                f"{path} is no JSON ({error}); delete it, and it is measured anew"
            ) from error
    numbers = measure()
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.partial")
    partial.write_text(json.dumps(numbers), encoding="utf-8")
    partial.replace(path)
    return numbers


def in_two_processes(work: Callable[[Job], Numbers], jobs: Iterable[Job]) -> dict[Job, Numbers]:
    """`work` of every job, two at a time, each in a fresh process; what one has finished stays if another fails."""
    listed = list(dict.fromkeys(jobs))
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(2, context) as pool:
        return dict(zip(listed, pool.map(work, listed), strict=True))
