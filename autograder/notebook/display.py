"""`check("project")`: run an exercise's checks in this notebook, show what is right, what is not, and where."""

from __future__ import annotations

import difflib
import inspect
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from autograder.catalogue import (
    Catalogue,
    Exercise,
    TrainedExercise,
    all_notebooks,
    load_catalogue,
)
from autograder.notebook.card import results_html, results_text
from autograder.notebook.predictions import check_predictions
from autograder.notebook.submission import note_check
from autograder.results import ExerciseResult

Graded = Exercise | TrainedExercise


@dataclass(frozen=True)
class CheckReport:
    """Results that a notebook shows as a card and a terminal as text."""

    results: tuple[ExerciseResult, ...]
    seconds: float

    def _repr_html_(self) -> str:
        return results_html(self.results, self.seconds)

    def __repr__(self) -> str:
        return results_text(self.results, self.seconds)


def check(exercise: str | None = None) -> None:
    """Check one exercise, or all of this notebook's that are written so far if no name is given.

    The checks use public numbers; grading repeats them with numbers you have not seen.
    """
    namespace = _namespace()
    note_check(time.time())  # so that submit() can tell whether the notebook was saved since
    try:
        report = run_checks(exercise, namespace)
    except KeyError as error:
        print(error.args[0])
        return
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is None:
        print(report)
    else:
        from IPython.display import display

        display(report)  # type: ignore[no-untyped-call]


def run_checks(exercise: str | None, namespace: Mapping[str, Any]) -> CheckReport:
    """Run the checks of one exercise (or of all that `namespace` defines) on its public cases.

    Raises:
        KeyError: no exercise of that name; the message suggests the nearest.
    """
    start = time.perf_counter()
    chosen = _all_defined(namespace) if exercise is None else [_find(exercise)]
    results = tuple(_run(catalogue, item, namespace) for catalogue, item in chosen)
    return CheckReport(results, time.perf_counter() - start)


def _run(catalogue: Catalogue, exercise: Graded, namespace: Mapping[str, Any]) -> ExerciseResult:
    if isinstance(exercise, TrainedExercise):
        return check_predictions(exercise, Path.cwd())
    from autograder.checking.runner import run_exercise
    from autograder.checking.student import LocalStudent

    cases = _public_cases(catalogue.notebook)
    return run_exercise(catalogue.topic, exercise, LocalStudent(namespace), cases)


@cache
def _public_cases(notebook: str) -> Any:
    from autograder.checking.cases import load_cases
    from course_lib.data.manifest import assets_root

    return load_cases(assets_root() / "references" / f"{notebook}.safetensors")


def _find(exercise_id: str) -> tuple[Catalogue, Graded]:
    known: dict[str, tuple[Catalogue, Graded]] = {}
    for notebook in all_notebooks():
        catalogue = load_catalogue(notebook)
        for exercise in catalogue.exercises:
            for name in (exercise.id, *exercise.functions):
                known.setdefault(name, (catalogue, exercise))
        for trained in catalogue.trained:
            known.setdefault(trained.id, (catalogue, trained))
    if exercise_id not in known:
        near = difflib.get_close_matches(str(exercise_id), known, n=1)
        advice = f" Did you mean {near[0]!r}?" if near else f" Known: {', '.join(known)}."
        raise KeyError(f"There is no exercise called {exercise_id!r}.{advice}")
    return known[exercise_id]


def _all_defined(namespace: Mapping[str, Any]) -> list[tuple[Catalogue, Graded]]:
    """The exercises of the notebook that `namespace` has most functions of."""
    catalogues = [load_catalogue(notebook) for notebook in all_notebooks()]
    if not catalogues:
        raise KeyError("There are no exercises: the list of this course is missing.")

    def defined(catalogue: Catalogue) -> int:
        return sum(name in namespace for e in catalogue.exercises for name in e.functions)

    current = max(catalogues, key=defined)
    return [(current, exercise) for exercise in current.graded]


def _namespace() -> Mapping[str, Any]:
    """The notebook's variables; outside a notebook, those of the module that called `check`."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None:
        return shell.user_ns  # type: ignore[no-any-return]
    frame = inspect.currentframe()
    caller = frame.f_back.f_back if frame and frame.f_back else None
    return caller.f_globals if caller else {}
