"""The workers of one submission: one for everything that is right, one more for each exercise that is not.

A fork, its box and its end cost more than most exercises, and right answers do no harm to one another. So exercises
run one after the other in a shared worker, and a pass there is a pass: it was judged here, on values. Whatever is not
passed there runs again in a worker of its own, and that result counts, so that neither a crash nor a loop nor a
changed library reaches beyond its exercise.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from autograder.catalogue import Exercise
from autograder.checking.errors import CannotRun, RefusedValue, StudentError, WorkerFault
from autograder.checking.student import Student
from autograder.grading.absent import Absent
from autograder.grading.reference_worker import ReferenceWorker
from autograder.results import ExerciseResult, Status
from autograder.sandbox.launcher import Launcher, SandboxError
from autograder.sandbox.planning import Plan
from autograder.sandbox.policy import Limits
from autograder.sandbox.proxy import RemoteStudent
from autograder.sandbox.session import Session

Judge = Callable[[Exercise, Student, Sequence[str]], ExerciseResult]
_QUICK_CALL, _QUICK_LOAD = 2.0, 4.0  # seconds in the shared worker; who needs more gets a worker


@dataclass
class Run:
    """What came of an exercise, and what its code printed."""

    result: ExerciseResult
    printed: str = ""


@dataclass
class ExerciseRuns:
    """A context manager around the workers of one submission. SandboxError where a worker cannot be had."""

    launcher: Launcher
    limits: Limits
    code: Sequence[tuple[int, str]]  # number and source of the notebook's code cells
    exercises: Sequence[Exercise]
    judge: Judge
    spent: dict[str, float] = field(default_factory=dict)  # seconds by what they were spent on

    def __post_init__(self) -> None:
        self._quick = replace(
            self.limits,
            call_seconds=min(_QUICK_CALL, self.limits.call_seconds),
            load_seconds=min(_QUICK_LOAD, self.limits.load_seconds),
        )
        self._shared: Session | None = None
        self._plans: dict[str, Plan] | WorkerFault | None = None
        self._cut: set[tuple[int, int]] = set()  # steps that ran for too long with all their time

    def __enter__(self) -> ExerciseRuns:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shared is not None:
            self._end(self._shared)
            self._shared = None

    def run(self, exercise: Exercise) -> Run:
        """Run an exercise in the shared worker, and again by itself unless that settles it."""
        plans = self._planned()
        if isinstance(plans, WorkerFault):
            return Run(self.judge(exercise, Absent(plans), ()))
        session = self._together()
        session.begin()
        plan = plans[exercise.id].without(session.cut)
        run = self._in(session, exercise, plan, self._quick)
        settled = run.result.status == Status.PASSED or plan.unwritten
        if settled and session.fault is None:
            return run
        return self._alone(exercise, plans[exercise.id])

    def run_with_right_functions(
        self, exercise: Exercise, functions: Collection[str], reference: ReferenceWorker
    ) -> Run:
        """Run an exercise by itself, other exercises' functions that did not pass replaced by the course's own."""
        plans = self._planned()
        assert isinstance(plans, dict)
        allowed = frozenset(functions).difference(exercise.functions)
        return self._alone(exercise, plans[exercise.id], allowed, reference)

    def uses(self, exercise: Exercise) -> frozenset[str]:
        """Functions of other exercises that the answer to this one calls."""
        plans = self._planned()
        return frozenset() if isinstance(plans, WorkerFault) else frozenset(plans[exercise.id].uses)

    def _planned(self) -> dict[str, Plan] | WorkerFault:
        if self._plans is None:
            wanted = {e.id: e.functions for e in self.exercises}
            try:
                seconds = self.limits.load_seconds
                self._plans = self._together().plan(self.code, wanted, seconds)
            except WorkerFault as fault:
                self._plans = fault
            except (CannotRun, StudentError, RefusedValue) as error:
                self._plans = WorkerFault(f"the notebook's code cannot be read: {error}")
        return self._plans

    def _together(self) -> Session:
        """The shared worker; a new one where the last exercise ended it."""
        if self._shared is not None and self._shared.fault is not None:
            known = self._shared.cut
            self.__exit__()
            self._shared = Session(self.launcher, self._quick)
            self._shared.cut |= known
        if self._shared is None:
            self._shared = Session(self.launcher, self._quick)
        return self._shared

    def _alone(
        self,
        exercise: Exercise,
        plan: Plan,
        stand_ins: Collection[str] = (),
        reference: ReferenceWorker | None = None,
    ) -> Run:
        session = Session(self.launcher, self.limits)
        try:
            kept = plan.without(self._cut)
            run = self._in(session, exercise, kept, self.limits, stand_ins, reference)
            self._cut |= session.cut
        finally:
            self._end(session)
        return run

    def _in(
        self,
        session: Session,
        exercise: Exercise,
        plan: Plan,
        limits: Limits,
        stand_ins: Collection[str] = (),
        reference: ReferenceWorker | None = None,
    ) -> Run:
        call_back = reference.allowing(frozenset(stand_ins)) if reference else None
        remarks: Sequence[str] = ()
        student: Student
        try:
            remarks, missing = session.load(
                self.code, plan, exercise.functions, sorted(stand_ins), call_back
            )
            student = RemoteStudent(session, limits, missing)
        except WorkerFault as fault:
            student = Absent(fault)
        except (CannotRun, StudentError, RefusedValue) as error:
            student = Absent(WorkerFault(f"your cells cannot be run: {error}"))
        return Run(self.judge(exercise, student, remarks), session.printed)

    def _end(self, session: Session) -> None:
        with suppress(SandboxError):  # the warm process is gone, and its workers with it
            session.__exit__(None, None, None)
        for activity, seconds in session.spent.items():
            self.spent[activity] = self.spent.get(activity, 0.0) + seconds
