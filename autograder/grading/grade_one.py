"""Grade one submission: workers run its code, the checks run here, and nothing it does reaches further."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from autograder.catalogue import Catalogue, Exercise
from autograder.checking.cases import Cases
from autograder.checking.runner import run_exercise, topic_checks
from autograder.checking.student import Student
from autograder.grading.exercise_runs import ExerciseRuns, Run
from autograder.grading.intake import unknown_ids
from autograder.grading.predicted import judge_predictions
from autograder.grading.record import Outcome, SubmissionResult, TrainedScore
from autograder.grading.reference_worker import ReferenceWorker
from autograder.grading.submission import Submission
from autograder.grading.written import written_answers
from autograder.results import CheckResult, ExerciseResult, Status
from autograder.sandbox.launcher import Launcher, SandboxError
from autograder.sandbox.policy import Limits
from autograder.trained.drawn import Hidden

T = TypeVar("T")
Watch = Callable[[ExerciseResult], None]


@dataclass
class Grader:
    """Everything one grading process needs. Trusted: it holds the reference values."""

    catalogue: Catalogue
    cases: Cases
    limits: Limits
    launch: Callable[[], Launcher]
    prompts: Mapping[str, str]  # question id → the cell as handed out
    solution: str = ""  # the right answers as a module, for answers that call one another
    hidden: Mapping[str, Hidden] = field(default_factory=dict)  # views by trained exercise

    def __post_init__(self) -> None:
        self._launcher = self.launch()

    def grade(
        self, submission: Submission, key: str = "", watch: Watch | None = None
    ) -> SubmissionResult:
        """Whatever the submission does, a result. SandboxError only where this machine fails.

        `watch` hears of each exercise as soon as it is settled, and again should its result get better.
        """
        tier = self._launcher.tier  # waits until it is warm, which is not this submission's time
        start = time.monotonic()
        catalogue = self.catalogue
        known = {e.id for e in catalogue.graded} | {w.id for w in catalogue.written}
        runs: dict[str, Run] = {}
        spent: dict[str, float] = {}
        scores: tuple[TrainedScore, ...] = ()
        if not submission.problems:
            runs, spent = self._retried(lambda: self._run_exercises(submission, start, watch))
            judged, scores = judge_predictions(catalogue, submission, self.hidden, watch)
            runs |= {exercise: Run(result) for exercise, result in judged.items()}
        return SubmissionResult(
            student=submission.student,
            name=submission.name,
            source=submission.source,
            notebook=catalogue.notebook,
            outcome=Outcome.NOT_GRADABLE if submission.problems else Outcome.GRADED,
            max_points=catalogue.max_points,
            exercises=tuple(runs[e.id].result for e in catalogue.graded if e.id in runs),
            written=written_answers(submission.cells, catalogue.written, self.prompts),
            problems=submission.problems,
            remarks=(*submission.remarks, *unknown_ids(submission.cells, known)),
            printed={exercise: run.printed for exercise, run in runs.items() if run.printed},
            tier=tier,
            seconds=round(time.monotonic() - start, 3),
            spent=spent,
            key=key,
            trained=scores,
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

    def _run_exercises(
        self, submission: Submission, start: float, watch: Watch | None
    ) -> tuple[dict[str, Run], dict[str, float]]:
        exercises = self.catalogue.exercises
        done: dict[str, Run] = {}
        with ExerciseRuns(
            self._launcher, self.limits, submission.code, exercises, self._judge
        ) as runs:
            for exercise in exercises:
                late = time.monotonic() - start > self.limits.submission_seconds
                done[exercise.id] = Run(self._late(exercise)) if late else runs.run(exercise)
                if watch:
                    watch(done[exercise.id].result)
            for better in self._forgive(runs, done, start):
                if watch:
                    watch(better)
        spent = dict(runs.spent)
        spent["checks"] = time.monotonic() - start - sum(spent.values())
        return done, {activity: round(seconds, 4) for activity, seconds in spent.items()}

    def _forgive(
        self, runs: ExerciseRuns, done: dict[str, Run], start: float
    ) -> Iterator[ExerciseResult]:
        """Where an answer calls an earlier exercise that did not pass, grade it with the course's own function.

        Only an earlier one: answers to later exercises often hold what this one asks for.
        """
        place = {e.id: index for index, e in enumerate(self.catalogue.exercises)}
        failed = [e for e in self.catalogue.exercises if not _passed(done[e.id])]
        names = {name: e for e in failed for name in e.functions}
        everything = [name for e in self.catalogue.exercises for name in e.functions]
        with ReferenceWorker(self._launcher, self.limits, self.solution, everything) as reference:
            for exercise in failed if self.solution else ():
                earlier = {n for n, e in names.items() if place[e.id] < place[exercise.id]}
                wrong = earlier & runs.uses(exercise)
                late = time.monotonic() - start > self.limits.submission_seconds
                if not wrong or late:
                    continue
                again = runs.run_with_right_functions(exercise, wrong, reference)
                if again.result.points > done[exercise.id].result.points:
                    note = _substitution({n: names[n] for n in sorted(wrong)})
                    remarks = (*again.result.remarks, note)
                    done[exercise.id] = replace(
                        again, result=replace(again.result, remarks=remarks)
                    )
                    yield done[exercise.id].result
                if _passed(again):  # its own functions are as good as the course's
                    names = {n: e for n, e in names.items() if e.id != exercise.id}

    def _judge(
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


def _passed(run: Run) -> bool:
    return run.result.status == Status.PASSED


def _substitution(exercises: Mapping[str, Exercise]) -> str:
    """Tell the author whose functions were used."""
    named = _listed([f"`{name}` ({e.number})" for name, e in exercises.items()])
    which = "exercise did" if len({e.id for e in exercises.values()}) == 1 else "exercises did"
    return f"graded with the course's own {named}, which your answer calls: your {which} not pass"


def _listed(parts: Collection[str]) -> str:
    *most, last = parts
    return f"{', '.join(most)} and {last}" if most else last


def _unrun(topic: str, exercise: Exercise, message: str) -> ExerciseResult:
    """The exercise with none of its checks run."""
    checks = [
        CheckResult(c.exercise, c.name, c.title, c.entrance, Status.COULD_NOT_RUN, message)
        for c in topic_checks(topic)
        if c.exercise == exercise.id
    ]
    return ExerciseResult(exercise.id, exercise.title, exercise.points, tuple(checks))
