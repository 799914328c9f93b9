"""Where things lie in Gradescope's container, and what the package says of the assignment."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path

from autograder.sandbox.policy import Limits
from autograder.settings import GradingLimits

PACKAGE_FILE = "package.json"
SEED_FILE = "secret/seed"
CODE_FOLDER = "course"  # beside setup.sh: everything that PYTHONPATH must name


class ContainerError(Exception):
    """The container is not as it should be; the message is for the course's staff."""


@dataclass(frozen=True)
class Package:
    """What the zip says of itself in package.json; the seed lies in a file of its own."""

    assignment: str
    title: str
    notebook: str
    minutes: float  # Gradescope's time limit for the assignment
    grading: GradingLimits

    def to_json(self) -> str:
        """Stable text."""
        return json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n"


@dataclass(frozen=True)
class Container:
    """Gradescope's folders: /autograder, or AUTOGRADER_ROOT where that is set."""

    base: Path

    @property
    def source(self) -> Path:
        """The unpacked zip."""
        return self.base / "source"

    @property
    def course(self) -> Path:
        """The course's code and the answers."""
        return self.source / CODE_FOLDER

    @property
    def submission(self) -> Path:
        """What the student uploaded; a zip arrives unpacked."""
        return self.base / "submission"

    @property
    def results(self) -> Path:
        """What Gradescope reads when all is over."""
        return self.base / "results" / "results.json"

    @property
    def metadata(self) -> Path:
        """What Gradescope says of the submission."""
        return self.base / "submission_metadata.json"

    def package(self) -> Package:
        """The package's description; ContainerError if the zip is damaged."""
        path = self.source / PACKAGE_FILE
        try:
            raw = json.loads(path.read_text(encoding="utf-8"))
            return Package(**{**raw, "grading": GradingLimits(**raw["grading"])})
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ContainerError(
                f"{path} cannot be read ({error}): upload a fresh zip of `autograder package gradescope`"
            ) from None

    def seed(self) -> int:
        """The secret seed; ContainerError if it is not there."""
        path = self.source / SEED_FILE
        try:
            return int(path.read_text(encoding="ascii"))
        except (OSError, ValueError) as error:
            raise ContainerError(
                f"{path} cannot be read ({error}): upload a fresh zip of `autograder package gradescope`"
            ) from None


def here() -> Container:
    """This machine's container."""
    return Container(Path(os.environ.get("AUTOGRADER_ROOT", "/autograder")).absolute())


def within_minutes(limits: Limits, seconds: float) -> Limits:
    """Limits under which a submission's last exercise ends before `seconds` are over."""
    submission = min(limits.submission_seconds, max(seconds - limits.exercise_seconds, seconds / 2))
    return Limits(**{**asdict(limits), "submission_seconds": submission})


def seed_of_upload(seed: int, digest: str) -> int:
    """The seed of one upload's hidden inputs: the same for the same file, another for every other.

    Students see their results at once and may hand in again. What they learn of one upload's numbers, by raising an
    error that holds them, is of no use for the next.
    """
    return int.from_bytes(sha256(f"{seed}:{digest}".encode()).digest()[:6], "big")
