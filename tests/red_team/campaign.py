"""A class of two, graded for real: one attacks, one is honest. What came of it, judged from outside."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

from autograder.catalogue import Catalogue, load_catalogue
from autograder.checking.cases import Cases, draw_cases
from autograder.grading.grade_one import Grader
from autograder.grading.record import Outcome, SubmissionResult, to_json
from autograder.grading.reference import load_reference
from autograder.grading.submission import Cell, Submission
from autograder.sandbox import launcher
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.policy import Limits, Tier
from tests.red_team.attack import HONEST_POINTS, HONEST_TRANSFORM, SUCCESS, Attack
from tests.red_team.ground import Ground, family

REPOSITORY = Path(__file__).resolve().parents[2]
NOTEBOOK = "01_camera_geometry"
SEED = 4711
# Small: an attack that fills memory costs the test suite as much.
LIMITS = Limits(
    call_seconds=5, load_seconds=5, exercise_seconds=15, memory_mb=150, threads=48, reply_mb=16
)


@dataclass(frozen=True)
class Verdict:
    """How an attack ended. `breaches` is empty if it was held."""

    breaches: tuple[str, ...]
    told: str  # everything that its author reads about the first exercise
    result: SubmissionResult


def tiny_catalogue() -> Catalogue:
    """The first two exercises of the first notebook."""
    whole = load_catalogue(NOTEBOOK)
    two = (whole.exercise("homogenize"), whole.exercise("transform"))
    return replace(whole, exercises=two, written=())


def hidden_cases() -> Cases:
    """What the grader knows and nobody else may."""
    reference = load_reference(REPOSITORY / "solutions" / f"{NOTEBOOK}.py")
    return draw_cases(tiny_catalogue().topic, SEED, reference)


def submission(student: str, cells: tuple[str, ...]) -> Submission:
    """A notebook of code cells, as intake would have read it."""
    numbered = tuple(Cell(i, "code", source) for i, source in enumerate(cells, start=1))
    return Submission(student, "", f"{student}.zip", student, numbered)


def launch_open() -> Launcher:
    """A launcher whose workers are not shut in at all."""
    start = subprocess.Popen

    def unlocked(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        shut = "autograder.sandbox.zygote"
        return start([c if c != shut else "tests.red_team.open_zygote" for c in command], **options)

    with mock.patch.object(launcher.subprocess, "Popen", unlocked):
        return Launcher(LIMITS, best_tier=Tier.D)


def _needle(cases: Cases) -> dict[str, str]:
    """The first bytes of a reference answer, disguised, and a hash of those that follow: to be looked for in memory."""
    raw = cases.one("homogenize_points", "five points").expected.numpy().tobytes()
    return {
        "needle": bytes(byte ^ 0x5A for byte in raw[:24]).hex(),
        "digest": hashlib.sha256(raw[24:40]).hexdigest(),
    }


class Campaign:
    """One warm process on one tier, or with all layers off (`tier=None`), and the attacks that it must hold."""

    def __init__(self, folder: Path, tier: Tier | None) -> None:
        self._folder = folder
        self._open = tier is None
        self._ground: Ground | None = None
        launch: Callable[[], Launcher] = (
            launch_open if tier is None else lambda: Launcher(LIMITS, best_tier=tier)
        )
        self._launches = 0

        def counted() -> Launcher:
            self._launches += 1
            return launch()

        self.cases = hidden_cases()
        self._needle = _needle(self.cases)
        self.grader = Grader(tiny_catalogue(), self.cases, LIMITS, counted, {})
        self._honest = submission("honest", (HONEST_POINTS, HONEST_TRANSFORM))
        self._normal = self._untimed(self.grader.grade(self._honest))
        self._relatives = len(family(self.grader._launcher._process.pid))
        self.entered = Tier(self._normal["tier"])
        earned = [exercise["points"] for exercise in self._normal["exercises"]]
        assert earned == [4.0, 4.0], f"an honest submission earns {earned}: {self._normal}"

    def close(self) -> None:
        """End the warm process."""
        self.grader.close()
        if self._ground is not None:
            self._ground.clear()

    def worker_user(self) -> int:
        """The user that student code runs as, by its own word."""
        source = "import os\ndef attack(aim):\n    raise KeyError(os.getuid())"
        told = self.strike(Attack("who am I", source, "")).told
        return int(re.findall(r"KeyError: (\d+)", told)[0])

    def inside(self, attack: Attack) -> str:
        """What becomes of a grader that runs the attack in its own process."""
        from tests.red_team.inside import grade_inside

        ground = Ground(self._folder, harmless=True)
        try:
            return grade_inside(attack, {**ground.aim(), **self._needle}, self.cases)
        finally:
            ground.clear()

    def strike(self, attack: Attack) -> Verdict:
        """Grade the attacker, then (where it has one) the accomplice, then an honest student."""
        ground = self._ground or Ground(self._folder, harmless=self._open)
        self._ground = None
        launches = self._launches
        try:
            aim = {**ground.aim(), **self._needle}
            self.grader.limits = replace(
                LIMITS, call_seconds=attack.seconds, load_seconds=attack.seconds
            )
            result = self.grader.grade(submission("attacker", attack.cells(aim)))
            breaches = self._gains(result, attack, ground)
            if attack.finale:
                accomplice = submission("accomplice", attack.finale_cells(aim))
                breaches += self._gains(self.grader.grade(accomplice), attack, ground)
            breaches += ground.damage()
            if not breaches:
                self._ground = ground  # nothing has happened to it: the next one's too
        finally:
            self.grader.limits = LIMITS
            if self._ground is None:
                ground.clear()
        if self._launches != launches:
            breaches.append("the warm process was brought down")
        if len(family(self.grader._launcher._process.pid)) != self._relatives:
            breaches.append("a process was left behind")
        if not breaches and self._untimed(self.grader.grade(self._honest)) != self._normal:
            breaches.append("the next submission was graded differently")
        return Verdict(tuple(breaches), self._told(result), result)

    def _gains(self, result: SubmissionResult, attack: Attack, ground: Ground) -> list[str]:
        """What the attacker has that it did not earn, and what was taken that it is owed."""
        earned = [exercise.points for exercise in result.exercises]
        text = to_json(result)
        found = []
        if result.outcome != Outcome.GRADED:
            found.append(f"it was not graded: {result.outcome}")
        elif earned != [attack.earns, attack.earns_second]:
            owed = [attack.earns, attack.earns_second]
            found.append(f"it scored {earned} where {owed} was earned")
        if SUCCESS in text:
            found.append("it says that it succeeded")
        if ground.token in text:
            found.append("a secret stands in its report")
        return found

    @staticmethod
    def _told(result: SubmissionResult) -> str:
        first = result.exercises[0]
        messages = [f"{c.message}\n{c.traceback}" for c in first.checks]
        return "\n".join([*first.remarks, *messages, result.printed.get(first.exercise, "")])

    @staticmethod
    def _untimed(result: SubmissionResult) -> dict[str, Any]:
        raw: dict[str, Any] = json.loads(to_json(result))
        for measured in ("seconds", "spent"):
            raw.pop(measured, None)
        for exercise in raw["exercises"]:
            for check in exercise["checks"]:
                check.pop("seconds")
        return raw
