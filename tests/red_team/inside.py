"""Positive control for judging: checks and hostile code in one process, as graders do that trust their students."""

from __future__ import annotations

import faulthandler
import json
import os
import select
import signal
from contextlib import suppress
from typing import Any

from autograder.checking.cases import Cases
from autograder.checking.runner import run_exercise
from autograder.checking.student import LocalStudent
from tests.red_team.attack import Attack
from tests.red_team.campaign import tiny_catalogue

_SECONDS = 1.5


def grade_inside(attack: Attack, aim: dict[str, Any], cases: Cases) -> str:
    """How grading the attack's first exercise ends there: "scored 4.0", or what became of the grader."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        try:
            _be_both(attack, aim, cases, writing)
        finally:
            os._exit(77)
    os.close(writing)
    try:
        ready, _, _ = select.select([reading], [], [], _SECONDS)
        said = os.read(reading, 1 << 16) if ready else b""
    finally:
        os.close(reading)
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    if said:
        return f"scored {json.loads(said)}"
    return "it hangs" if not ready else f"it ended with status {status}"


def _be_both(attack: Attack, aim: dict[str, Any], cases: Cases, answer: int) -> None:
    """Student and grader at once."""
    faulthandler.disable()
    silence = os.open(os.devnull, os.O_RDWR)
    for descriptor in (
        0,
        1,
        2,
    ):  # under pytest-xdist the first two lead to the test's own controller
        os.dup2(silence, descriptor)
    catalogue = tiny_catalogue()
    namespace: dict[str, Any] = {}
    for cell in attack.cells(aim):
        exec(compile(cell, "cell", "exec"), namespace)
    exercise = catalogue.exercises[0]
    result = run_exercise(catalogue.topic, exercise, LocalStudent(namespace), cases)
    os.write(answer, json.dumps(result.points).encode())
