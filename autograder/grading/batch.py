"""A class: submissions spread over a crew, each result kept when it is there, nothing done twice."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Protocol

from autograder.grading.crew import Crew, GraderLost
from autograder.grading.job import Job, failed
from autograder.grading.record import SubmissionResult, slim
from autograder.grading.submission import Submission

_TRIES = 2
_OTHERS_SECONDS = 0.5  # between looks at what other graders are at

Report = Callable[[SubmissionResult], None]


class Store(Protocol):
    """Where results are kept and where graders that share a class agree who grades what."""

    def load(self, submission: Submission, key: str) -> SubmissionResult | None:
        """The kept result of exactly this submission under exactly these checks, if there is one."""

    def save(self, submission: Submission, result: SubmissionResult) -> None:
        """Keep a result, whole or not at all; the same one twice changes nothing."""

    def claim(self, submission: Submission, key: str) -> bool:
        """Whether this grader may grade it now; False while another is at it."""


@dataclass
class _Task:
    """A submission on its way."""

    index: int
    submission: Submission
    key: str
    tries: int = 0


def grade_all(
    job: Job,
    submissions: Sequence[Submission],
    store: Store,
    recruit: Callable[[int], Crew],
    report: Report,
) -> list[SubmissionResult]:
    """Grade what the store does not hold yet; the results of all, slimmed, in the order of `submissions`.

    `recruit(count)` makes a crew for so many submissions, if there is anything to grade. `report` is called once
    per submission, as each is there. A submission that breaks the grader itself twice gets the outcome
    "grader error" and is tried again in the next run.
    """
    done: dict[int, SubmissionResult] = {}

    def finish(task: _Task, result: SubmissionResult) -> None:
        done[task.index] = slim(result)  # a thousand whole results would not fit so easily
        report(result)

    left: deque[_Task] = deque()
    for index, submission in enumerate(submissions):
        task = _Task(index, submission, job.key(submission))
        kept = store.load(submission, task.key)
        if kept is None:
            left.append(task)
        else:
            finish(task, kept)
    if left:
        crew = recruit(len(left))
        try:
            _grade_on(crew, job, left, store, finish)
        finally:
            crew.close()
    return [done[index] for index in range(len(submissions))]


def _grade_on(
    crew: Crew,
    job: Job,
    left: deque[_Task],
    store: Store,
    finish: Callable[[_Task, SubmissionResult], None],
) -> None:
    """Keep the crew busy until nothing is left. No more is in flight than the crew can hold."""
    running: dict[Future[SubmissionResult], _Task] = {}
    taken: deque[_Task] = deque()  # by another grader of the same class
    while left or running or taken:
        while left and len(running) < crew.size:
            task = left.popleft()
            if store.claim(task.submission, task.key):
                running[crew.submit(task.submission, task.key)] = task
            else:
                taken.append(task)
        if not running and not left:
            time.sleep(_OTHERS_SECONDS)
        finished, _ = wait(running, timeout=_OTHERS_SECONDS, return_when=FIRST_COMPLETED)
        for future in finished:
            task = running.pop(future)
            result = _result(job, task, future)
            if result is None:
                left.append(task)
            else:
                store.save(task.submission, result)
                finish(task, result)
        if not left:
            _look_at_others(taken, left, store, finish)


def _look_at_others(
    taken: deque[_Task],
    left: deque[_Task],
    store: Store,
    finish: Callable[[_Task, SubmissionResult], None],
) -> None:
    """What another grader has finished is done; what it has given up is ours again."""
    for _ in range(len(taken)):
        task = taken.popleft()
        kept = store.load(task.submission, task.key)
        if kept is None:
            left.append(task)  # to be claimed again
        else:
            finish(task, kept)


def _result(job: Job, task: _Task, future: Future[SubmissionResult]) -> SubmissionResult | None:
    """What a future came to; None where the submission should be tried again."""
    try:
        return future.result()
    except GraderLost as lost:
        task.tries += 1
        if task.tries < _TRIES:
            return None
        return failed(job, task.submission, task.key, f"Tried {_TRIES} times: {lost}.")
