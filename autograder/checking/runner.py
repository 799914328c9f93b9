"""Run the checks of one exercise against a student's functions. The same code in the notebook and in grading."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

import pytest

from autograder.catalogue import Exercise, all_notebooks, load_catalogue
from autograder.checking.cases import Cases
from autograder.checking.errors import CannotRun, RefusedValue, StudentError, WorkerFault
from autograder.checking.expect import CheckFailed
from autograder.checking.student import Student
from autograder.results import CheckResult, Evidence, ExerciseResult, Status

CheckFunction = Callable[[Any, Cases], None]
F = TypeVar("F", bound=CheckFunction)


def checks_exercise(exercise_id: str, *, entrance: bool = False) -> Callable[[F], F]:
    """Mark a pytest function as a check of an exercise; its docstring is the title that a student reads."""
    mark = pytest.mark.exercise(id=exercise_id, entrance=entrance)
    return lambda function: mark(function)


@dataclass(frozen=True)
class Check:
    """One check function of a topic."""

    exercise: str
    entrance: bool
    name: str
    title: str
    function: CheckFunction


@cache
def topic_checks(topic: str) -> tuple[Check, ...]:
    """All checks of a topic in the order of their files and lines: every `check_*.py` below autograder/checks/TOPIC."""
    package = importlib.import_module(f"autograder.checks.{topic}")
    found: list[Check] = []
    for info in pkgutil.iter_modules(package.__path__):
        if info.name.startswith("check_"):
            module = importlib.import_module(f"{package.__name__}.{info.name}")
            found += [_as_check(f) for name, f in vars(module).items() if name.startswith("test_")]
    return tuple(found)


def _as_check(function: Callable[..., None]) -> Check:
    marks = [m for m in getattr(function, "pytestmark", []) if m.name == "exercise"]
    if len(marks) != 1:
        raise TypeError(f"check {function.__name__} needs exactly one @checks_exercise(...)")
    title = inspect.getdoc(function)
    if not title:
        raise TypeError(f"check {function.__name__} needs a docstring: it is its title")
    mark = marks[0].kwargs
    return Check(mark["id"], mark["entrance"], function.__name__, title.split("\n\n")[0], function)


def run_exercise(
    topic: str, exercise: Exercise, student: Student, cases: Cases, remarks: tuple[str, ...] = ()
) -> ExerciseResult:
    """Run every check of an exercise. Student faults become results; only our own faults raise."""
    results: list[CheckResult] = []
    fault: WorkerFault | None = None
    for check in topic_checks(topic):
        if check.exercise != exercise.id:
            continue
        if fault is not None:
            result = _result(check, Status.COULD_NOT_RUN, f"not run: {fault}")
        else:
            result, fault = _run_check(check, student, cases)
        results.append(result)
    return ExerciseResult(exercise.id, exercise.title, exercise.points, tuple(results), remarks)


def _run_check(
    check: Check, student: Student, cases: Cases
) -> tuple[CheckResult, WorkerFault | None]:
    start = time.perf_counter()
    fault: WorkerFault | None = None
    try:
        check.function(student, cases)
        result = _result(check, Status.PASSED)
    except CheckFailed as error:
        result = _result(check, Status.FAILED, error.message, error.evidence)
    except RefusedValue as error:
        result = _result(check, Status.FAILED, f"the returned value cannot be judged: {error}")
    except StudentError as error:
        evidence = Evidence(hint=_missing_exercise(error) or _mixed_dtypes(error))
        message = f"your code raised {error}"
        result = _result(check, Status.FAILED, message, evidence, trace=error.trace)
    except CannotRun as error:
        fault = error if isinstance(error, WorkerFault) else None
        result = _result(check, Status.COULD_NOT_RUN, str(error))
    seconds = time.perf_counter() - start
    return CheckResult(**{**vars(result), "seconds": seconds}), fault


def _mixed_dtypes(error: StudentError) -> str | None:
    """Advice where float32 met float64: the culprit is often another exercise's answer."""
    if not re.search(r"expected .*(scalar type|dtype)|same dtype", error.text):
        return None
    return (
        "numbers of two dtypes met: does one of the functions called here return float64 for "
        "float32 input? Convert its result back with .to(x.dtype)"
    )


def _missing_exercise(error: StudentError) -> str | None:
    """Advice for an answer that calls another exercise's function where that is not defined."""
    match = re.fullmatch(r"name '(\w+)' is not defined", error.text)
    if error.type_name != "NameError" or match is None:
        return None
    for notebook in all_notebooks():
        for exercise in load_catalogue(notebook).exercises:
            if match[1] in exercise.functions:
                return (
                    f"`{match[1]}` is the answer to exercise {exercise.number}, whose cell is missing "
                    "or did not run: put it back, since this answer calls it"
                )
    return None


def _result(
    check: Check,
    status: Status,
    message: str = "",
    evidence: Evidence | None = None,
    trace: str = "",
) -> CheckResult:
    return CheckResult(
        check.exercise,
        check.name,
        check.title,
        check.entrance,
        status,
        message,
        evidence or Evidence(),
        trace,
    )
