"""One submission: every exercise in a worker of its own, checked here, where the references are."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NoReturn, TypeVar

import torch

from autograder.catalogue import Catalogue, Exercise
from autograder.checking.cases import Cases
from autograder.checking.errors import CannotRun, RefusedValue, StudentError, WorkerFault
from autograder.checking.runner import run_exercise, topic_checks
from autograder.checking.student import Student
from autograder.grading.intake import unknown_ids
from autograder.grading.record import Outcome, SubmissionResult
from autograder.grading.submission import Submission
from autograder.grading.written import written_answers
from autograder.results import CheckResult, ExerciseResult, Status
from autograder.sandbox.launcher import Launcher, SandboxError
from autograder.sandbox.planning import Plan
from autograder.sandbox.policy import Limits
from autograder.sandbox.proxy import RemoteStudent
from autograder.sandbox.session import Session

T = TypeVar("T")


@dataclass
class Grader:
    """Everything one grading process needs. Trusted: it holds the reference values."""

    catalogue: Catalogue
    cases: Cases
    limits: Limits
    launch: Callable[[], Launcher]
    prompts: Mapping[str, str]  # question id → the cell as handed out

    def __post_init__(self) -> None:
        self._launcher = self.launch()

    def grade(self, submission: Submission, key: str = "") -> SubmissionResult:
        """Whatever the submission does, a result. SandboxError only where this machine fails."""
        tier = self._launcher.tier  # waits until it is warm, which is not this submission's time
        start = time.monotonic()
        catalogue = self.catalogue
        known = {e.id for e in catalogue.exercises} | {w.id for w in catalogue.written}
        results: list[ExerciseResult] = []
        printed: dict[str, str] = {}
        if not submission.problems:
            plans = self._retried(lambda: self._plans(submission))
            for exercise in catalogue.exercises:
                if time.monotonic() - start > self.limits.submission_seconds:
                    result, output = self._late(exercise), ""
                else:
                    worker = partial(self._in_worker, submission, exercise, plans)
                    result, output = self._retried(worker)
                results.append(result)
                if output:
                    printed[exercise.id] = output
        points = sum(e.points for e in catalogue.exercises) + sum(
            w.points for w in catalogue.written
        )
        return SubmissionResult(
            student=submission.student,
            name=submission.name,
            source=submission.source,
            notebook=catalogue.notebook,
            outcome=Outcome.NOT_GRADABLE if submission.problems else Outcome.GRADED,
            max_points=points,
            exercises=tuple(results),
            written=written_answers(submission.cells, catalogue.written, self.prompts),
            problems=submission.problems,
            remarks=(*submission.remarks, *unknown_ids(submission.cells, known)),
            printed=printed,
            tier=tier,
            seconds=round(time.monotonic() - start, 3),
            key=key,
        )

    def close(self) -> None:
        """End the warm process."""
        self._launcher.close()

    def _retried(self, work: Callable[[], T]) -> T:
        try:
            return work()
        except SandboxError:  # the warm process is gone; a fresh one, once
            self._launcher.close()
            self._launcher = self.launch()
            return work()

    def _plans(self, submission: Submission) -> dict[str, Plan] | WorkerFault:
        wanted = {e.id: e.functions for e in self.catalogue.exercises}
        with Session(self._launcher, self.limits) as session:
            try:
                return session.plan(submission.code, wanted)
            except WorkerFault as fault:
                return fault
            except (CannotRun, StudentError, RefusedValue) as error:
                return WorkerFault(f"the notebook's code cannot be read: {error}")

    def _in_worker(
        self, submission: Submission, exercise: Exercise, plans: dict[str, Plan] | WorkerFault
    ) -> tuple[ExerciseResult, str]:
        if isinstance(plans, WorkerFault):
            return self._checked(exercise, Absent(plans), ()), ""
        with Session(self._launcher, self.limits) as session:
            remarks: Sequence[str] = ()
            student: Student
            try:
                plan = plans[exercise.id]
                remarks, missing = session.load(submission.code, plan, exercise.functions)
                student = RemoteStudent(session, self.limits, missing)
            except WorkerFault as fault:
                student = Absent(fault)
            except (CannotRun, StudentError, RefusedValue) as error:
                student = Absent(WorkerFault(f"your cells cannot be run: {error}"))
            return self._checked(exercise, student, remarks), session.printed

    def _checked(
        self, exercise: Exercise, student: Student, remarks: Sequence[str]
    ) -> ExerciseResult:
        topic = self.catalogue.topic
        try:
            return run_exercise(topic, exercise, student, self.cases, tuple(remarks))
        except SandboxError:
            raise
        except Exception as error:  # a check that breaks on a value nobody thought of
            message = (
                f"the check itself broke on your answer ({type(error).__name__}: {str(error)[:300]}). "
                "Please tell the course staff."
            )
            return replace(_unrun(topic, exercise, message), remarks=tuple(remarks))

    def _late(self, exercise: Exercise) -> ExerciseResult:
        message = (
            f"not run: the submission had used up its {self.limits.submission_seconds:g} seconds "
            "on the exercises before this one"
        )
        return _unrun(self.catalogue.topic, exercise, message)


class Absent:
    """A student whose code could not be loaded: every question gets the same answer."""

    def __init__(self, fault: WorkerFault) -> None:
        self._fault = fault

    def __getattr__(self, name: str) -> Callable[..., Any]:
        if name.startswith("__"):
            raise AttributeError(name)
        return self._refuse

    def gradient(
        self, name: str, args: tuple[Any, ...], wrt: int, cotangent: torch.Tensor | None = None
    ) -> torch.Tensor:
        """See `Student.gradient`."""
        self._refuse()

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise self._fault


def _unrun(topic: str, exercise: Exercise, message: str) -> ExerciseResult:
    """The exercise with none of its checks run."""
    checks = [
        CheckResult(c.exercise, c.name, c.title, c.entrance, Status.COULD_NOT_RUN, message)
        for c in topic_checks(topic)
        if c.exercise == exercise.id
    ]
    return ExerciseResult(exercise.id, exercise.title, exercise.points, tuple(checks))
