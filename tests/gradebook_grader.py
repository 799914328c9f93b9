"""A grader as a process of its own: claims, "grades" and saves a class until all of it is done.

`python -m tests.gradebook_grader ADDRESS COUNT` prints "ready", then the number of each submission it has saved.
"""

from __future__ import annotations

import sys
import time

from autograder.gradebook.book import Gradebook
from autograder.gradebook.store import AssignmentStore
from autograder.grading.record import Outcome, SubmissionResult
from autograder.grading.submission import Submission
from autograder.results import CheckResult, ExerciseResult, Status

EXERCISES = 5
KEY = "key"


def submission(number: int) -> Submission:
    """The only submission of student `number`."""
    name = f"s{number:03}"
    received = f"2026-09-10T10:{number % 60:02}:00+00:00"
    return Submission(name, "", f"{name}.zip", f"digest {name}", received=received, clock="lms")


def result(number: int) -> SubmissionResult:
    """A result that tells from its points whose it is."""
    work = submission(number)
    check = CheckResult("e", "c", "t", True, Status.PASSED)
    exercises = tuple(
        ExerciseResult(f"e{n}", "T", 1.0 + number, (check,)) for n in range(EXERCISES)
    )
    return SubmissionResult(
        work.student, "", work.source, "01_toy", Outcome.GRADED, 100.0, exercises, key=KEY
    )


def main(address: str, count: int) -> None:
    """Grade until nothing is left, sharing the work with whoever else is at it."""
    with Gradebook.open(address) as book:
        store = AssignmentStore(book, "a1")
        store.seed(None)
        waiting = list(range(count))
        print("ready", flush=True)
        while waiting:
            number = waiting.pop(0)
            work = submission(number)
            if store.load(work, KEY) is not None:
                continue
            if store.claim(work, KEY):
                store.save(work, result(number))
                print(number, flush=True)
            else:
                waiting.append(number)
                time.sleep(0.01)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
