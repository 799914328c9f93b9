"""Exercises of one submission share a worker at first: what one leaves behind costs and earns another nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

from autograder.catalogue import Exercise
from autograder.grading import grade_one
from autograder.grading.exercise_runs import ExerciseRuns, Run
from autograder.sandbox.planning import Plan
from autograder.sandbox.session import Session
from tests.red_team.arsenal import THEMES
from tests.red_team.attack import Attack, Control
from tests.red_team.campaign import Campaign

Campaigns = Callable[[str], Campaign]
POISON = THEMES["poison"]


class Careless(ExerciseRuns):
    """One worker for a submission, whatever happens in it, and every first result counts."""

    def _together(self) -> Session:
        if self._shared is None:
            self._shared = Session(self.launcher, self._quick)
        return self._shared

    def _alone(self, exercise: Exercise, plan: Plan, *_: Any) -> Run:
        return self._in(self._together(), exercise, plan, self._quick)


@pytest.mark.parametrize(
    "attack", [a for a in POISON if a.control == Control.SHARED], ids=lambda attack: attack.name
)
def test_the_poison_works_where_nothing_is_run_again(campaigns: Campaigns, attack: Attack) -> None:
    with mock.patch.object(grade_one, "ExerciseRuns", Careless):
        verdict = campaigns("A").strike(attack)
    assert verdict.result.exercises[1].points < 4.0


def test_the_first_exercise_to_crash_says_so_and_the_next_one_does_not(
    campaigns: Campaigns,
) -> None:
    crash = Attack("crash", "import os\ndef attack(aim):\n    os._exit(3)", "exited with status 3")
    verdict = campaigns("A").strike(crash)
    assert not verdict.breaches
    assert re.search(crash.told, verdict.told)
    second = verdict.result.exercises[1]
    assert not second.remarks
    assert all(check.message == "" for check in second.checks)


def test_the_next_exercises_output_is_its_own(campaigns: Campaigns) -> None:
    printing = Attack(
        "printing",
        "def attack(aim):\n    print('words of the first')",
        "words of the first",
        second="def transform(T, x):\n    print('words of the second')\n    return (T @ x[..., None])[..., 0]",
    )
    verdict = campaigns("A").strike(printing)
    assert not verdict.breaches
    assert "words of the first" in verdict.result.printed["homogenize"]
    assert set(verdict.result.printed["transform"].split("\n")) == {"words of the second", ""}
