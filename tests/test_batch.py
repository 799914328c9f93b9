"""A class on a crew: order, resuming, what is graded again, and processes that end in the middle."""

from __future__ import annotations

import os
import signal
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.catalogue import load_catalogue
from autograder.gradebook.book import Gradebook
from autograder.gradebook.store import AssignmentStore
from autograder.grading import crew
from autograder.grading import job as jobs
from autograder.grading.batch import grade_all
from autograder.grading.crew import InlineCrew, LocalCrew
from autograder.grading.job import Job, checks_version
from autograder.grading.record import Outcome, SubmissionResult
from autograder.grading.submission import Submission
from tests.test_grading import GOOD, LIMITS, NOTEBOOK, REPOSITORY, submission


class FakeGrader:
    """Grades by the submission's first cell, to see what the batch does around it."""

    def __init__(self, job: Job) -> None:
        self.catalogue = load_catalogue(job.notebook)
        self._log = job.root / "graded.txt"

    def grade(self, work: Submission, key: str) -> SubmissionResult:
        source = work.cells[0].source if work.cells else ""
        with self._log.open("a") as log:
            log.write(f"{work.student}\n")
        if source == "break":
            raise ZeroDivisionError("a bug of ours")
        if source == "end the process":
            os.kill(os.getpid(), signal.SIGKILL)
        return SubmissionResult(
            work.student, "", work.source, self.catalogue.notebook, Outcome.GRADED, 100.0, key=key
        )

    def close(self) -> None:
        pass


class Class:
    """A folder to grade into, with a log of what was really graded."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "solutions").mkdir()
        (folder / "solutions" / f"{NOTEBOOK}.py").write_text("# answers")
        self.job = Job(folder, NOTEBOOK, seed=5, limits=LIMITS)

    def run(self, *work: Submission, fresh: bool = False) -> list[SubmissionResult]:
        self.seen: list[str] = []
        with Gradebook.open(f"sqlite:///{self.folder}/gradebook.db") as book:
            store = AssignmentStore(book, "a1", fresh=fresh)
            recruit = lambda count: InlineCrew(self.job)  # noqa: E731
            return grade_all(self.job, work, store, recruit, lambda r: self.seen.append(r.student))

    @property
    def graded(self) -> list[str]:
        log = self.folder / "graded.txt"
        return log.read_text().split() if log.exists() else []


@pytest.fixture
def group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Class:
    monkeypatch.setattr(crew, "make_grader", FakeGrader)
    return Class(tmp_path)


def test_results_come_in_the_order_of_submissions(group: Class) -> None:
    results = group.run(submission("b"), submission("a"), submission("c"))
    assert [r.student for r in results] == ["b", "a", "c"]
    assert group.seen == ["b", "a", "c"]


def test_what_is_graded_is_not_graded_again(group: Class) -> None:
    group.run(submission("a"), submission("b"))
    results = group.run(submission("a"), submission("b"), submission("c"))
    assert group.graded == ["a", "b", "c"]
    assert len(results) == 3
    group.run(submission("a"), fresh=True)
    assert group.graded == ["a", "b", "c", "a"]


@pytest.mark.parametrize("change", ["work", "seed", "limits", "answers", "remark"])
def test_whatever_could_change_a_score_is_graded_again(group: Class, change: str) -> None:
    group.run(submission("a"))
    work = submission("a")
    if change == "work":
        work = submission("a", "x = 1")
    elif change == "seed":
        group.job = replace(group.job, seed=6)
    elif change == "limits":
        group.job = replace(group.job, limits=replace(LIMITS, call_seconds=3))
    elif change == "answers":
        group.job.source.write_text("# better answers")
    else:
        work = replace(work, remarks=("two files",))
    group.run(work)
    assert group.graded == ["a", "a"]


def test_a_bug_of_ours_is_named_and_tried_again_next_time(group: Class) -> None:
    first, second = group.run(submission("a", "break"), submission("b"))
    assert first.outcome == Outcome.GRADER_ERROR
    assert "not the submission's fault" in first.problems[0]
    assert "a bug of ours" in first.problems[0]
    assert second.outcome == Outcome.GRADED
    group.run(submission("a", "break"), submission("b"))
    assert group.graded == ["a", "b", "a"]


def test_the_version_follows_answers_and_checks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "answers.py"
    source.write_text("1")
    package = tmp_path / "package"
    for name in ("checks", "checking", "sandbox", "grading", "trained"):
        (package / name).mkdir(parents=True)
        (package / name / "x.py").write_text("1")
    for name in ("codec.py", "results.py"):
        (package / name).write_text("1")
    monkeypatch.setattr(jobs, "_PACKAGE", package)
    versions = {checks_version(source)}
    for path in (
        source,
        package / "checks" / "x.py",
        package / "trained" / "x.py",
        package / "codec.py",
    ):
        path.write_text("2")
        jobs._checks_version.cache_clear()
        versions.add(checks_version(source))
    assert len(versions) == 5


@pytest.mark.slow
def test_a_pool_grades_a_class_and_survives_a_process_that_ends(tmp_path: Path) -> None:
    job = Job(REPOSITORY, NOTEBOOK, 3, LIMITS)
    seen: list[str] = []

    made: list[LocalCrew] = []

    def recruit(count: int) -> LocalCrew:
        made.append(LocalCrew(job, 2))
        return made[0]

    def report(result: SubmissionResult) -> None:
        if not seen:  # end one of the grading processes in the middle of the class
            made[0]._members[0]._started.process.kill()
        seen.append(result.student)

    work = [replace(GOOD, student=f"s{i}", digest=str(i)) for i in range(6)]
    with Gradebook.open(f"sqlite:///{tmp_path}/gradebook.db") as book:
        store = AssignmentStore(book, "a1")
        results = grade_all(job, work, store, recruit, report)
    assert sorted(seen) == [f"s{i}" for i in range(6)]
    assert {r.problems for r in results} == {()}
    assert {r.points for r in results} == {8.0}


class LosingCrew:
    """Loses its process for a submission as often as told, then grades it."""

    size = 2

    def __init__(self, job: Job, losses: int) -> None:
        self._inner = InlineCrew(job)
        self._losses = losses

    def submit(self, work: Submission, key: str) -> Future[SubmissionResult]:
        if self._losses:
            self._losses -= 1
            lost: Future[SubmissionResult] = Future()
            lost.set_exception(crew.GraderLost("the grading process ended"))
            return lost
        return self._inner.submit(work, key)

    def close(self) -> None:
        self._inner.close()


@pytest.mark.parametrize(("losses", "outcome"), [(1, Outcome.GRADED), (2, Outcome.GRADER_ERROR)])
def test_a_lost_process_costs_a_second_try_and_no_more(
    group: Class, losses: int, outcome: Outcome
) -> None:
    with Gradebook.open(f"sqlite:///{group.folder}/gradebook.db") as book:
        store = AssignmentStore(book, "a1")
        recruit = lambda count: LosingCrew(group.job, losses)  # noqa: E731
        (result,) = grade_all(group.job, [submission("a")], store, recruit, lambda r: None)
    assert result.outcome == outcome
    if losses == 2:
        assert "Tried 2 times: the grading process ended." in result.problems[0]
        assert "not the submission's fault" in result.problems[0]


class SharedStore:
    """A store in memory; another grader holds the first claim for a while, and then has the result or gives up."""

    def __init__(self, theirs: SubmissionResult | None) -> None:
        self._theirs = theirs
        self._asked = 0
        self.saved: list[str] = []

    def load(self, work: Submission, key: str) -> SubmissionResult | None:
        return self._theirs if self._asked > 1 else None

    def save(self, work: Submission, result: SubmissionResult) -> None:
        self.saved.append(work.student)

    def claim(self, work: Submission, key: str) -> bool:
        self._asked += 1
        return self._theirs is None and self._asked > 2


@pytest.mark.parametrize("finished", [True, False])
def test_what_another_grader_is_at_is_waited_for_or_taken_over(
    group: Class, finished: bool
) -> None:
    work = submission("a")
    theirs = group.run(work)[0] if finished else None
    store = SharedStore(theirs)
    crews = lambda count: InlineCrew(group.job)  # noqa: E731
    (result,) = grade_all(group.job, [work], store, crews, lambda r: None)
    assert result.outcome == Outcome.GRADED
    assert store.saved == ([] if finished else ["a"])
