"""Results on disk: one JSON per submission, written whole or not at all, found again by its key."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from pathlib import Path

from autograder.grading.record import Outcome, SubmissionResult, from_json, to_json
from autograder.grading.submission import file_name

_SECRETS = ".grading.json"


class ResultStore:
    """The folder `results/` of a report, readable by its owner only."""

    def __init__(self, out: Path, fresh: bool = False) -> None:
        self._folder = out / "results"
        self._out = out
        self._fresh = fresh
        self._folder.mkdir(parents=True, exist_ok=True)
        self._folder.chmod(0o700)

    def seed(self, given: int | None) -> int:
        """The seed of the hidden inputs: the given one, or one drawn once per folder and kept beside the results."""
        path = self._out / _SECRETS
        if given is None and path.is_file():
            with contextlib.suppress(ValueError, KeyError, TypeError):
                return int(json.loads(path.read_text())["seed"])
        seed = secrets.randbits(48) if given is None else given
        write_private(path, json.dumps({"seed": seed}) + "\n")
        return seed

    def load(self, student: str, key: str) -> SubmissionResult | None:
        """The kept result of exactly this submission under exactly these checks, if there is one."""
        if self._fresh:
            return None
        try:
            result = from_json(self._path(student).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        same = result.key == key and result.student == student
        return result if same and result.outcome != Outcome.GRADER_ERROR else None

    def save(self, result: SubmissionResult) -> None:
        """Write a result in one step."""
        write_private(self._path(result.student), to_json(result))

    def forget_others(self, students: set[str]) -> None:
        """Remove the results of students who are no longer in the class folder."""
        kept = {self._path(student).name for student in students}
        for path in self._folder.glob("*.json"):
            if path.name not in kept:
                path.unlink()

    def _path(self, student: str) -> Path:
        return self._folder / f"{file_name(student)}.json"


def write_private(path: Path, text: str) -> None:
    """Write a file of mode 0600 so that a reader sees the old text or the new, never half of it."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    partial.replace(path)
