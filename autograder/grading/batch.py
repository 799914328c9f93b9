"""A class: submissions spread over processes, each result written when it is there, nothing done twice."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from autograder.catalogue import load_catalogue
from autograder.grading.record import Outcome, SubmissionResult
from autograder.grading.store import ResultStore
from autograder.grading.submission import Submission
from autograder.sandbox.policy import Limits

if TYPE_CHECKING:
    from autograder.grading.grade_one import Grader

_TRIES = 2
_PACKAGE = Path(__file__).resolve().parents[1]
# What a score depends on: change any of it and submissions are graded again.
_SCORING = ("checks", "checking", "sandbox", "grading", "codec.py", "results.py")

Report = Callable[[SubmissionResult], None]


@dataclass(frozen=True)
class Job:
    """What every grading process must know. Sent to them by the parent; holds the secret seed."""

    root: Path  # of the course: solutions/ and notebooks/
    notebook: str
    seed: int
    limits: Limits
    hidden: tuple[Path, ...] = ()  # folders that student code must not see, wherever they lie
    best_tier: str = "A"  # tests ask for weaker ones
    parent: int = field(default_factory=os.getpid)  # the process that spreads the work

    @property
    def source(self) -> Path:
        """The file that holds the answers."""
        return self.root / "solutions" / f"{self.notebook}.py"

    def key(self, submission: Submission) -> str:
        """Changes exactly if grading again could give another result."""
        parts = (submission.digest, submission.student, *submission.remarks, *submission.problems)
        text = "\0".join((*parts, checks_version(self.source), str(self.seed), repr(self.limits)))
        return sha256(text.encode()).hexdigest()


def checks_version(source: Path) -> str:
    """A hash of everything that scores depend on: checks, sandbox, grader and reference answers."""
    digest = sha256()
    files = [source]
    for name in _SCORING:
        path = _PACKAGE / name
        files += sorted(path.rglob("*.py")) if path.is_dir() else [path]
    for path in files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def make_grader(job: Job) -> Grader:
    """A grader with its own warm process, which imports torch while this one does."""
    from autograder.sandbox.launcher import Launcher
    from autograder.sandbox.policy import Tier

    def launch() -> Launcher:
        hidden = (job.root, *job.hidden)
        return Launcher(job.limits, _published_before(job.notebook), hidden, Tier(job.best_tier))

    waiting = [launch()]
    from autograder.checking.cases import draw_cases
    from autograder.checking.runner import topic_checks
    from autograder.grading.grade_one import Grader
    from autograder.grading.reference import reference_of
    from autograder.grading.written import handed_out_prompts
    from autograder.handouts.solved import aligned_module
    from autograder.source import read_source

    catalogue = load_catalogue(job.notebook)
    topic_checks(catalogue.topic)
    source = read_source(job.source)
    cases = draw_cases(catalogue.topic, job.seed, reference_of(source))
    prompts = handed_out_prompts(job.root / "notebooks" / f"{job.notebook}.ipynb")
    warm = lambda: waiting.pop() if waiting else launch()  # noqa: E731
    return Grader(catalogue, cases, job.limits, warm, prompts, aligned_module(source))


def grade_all(
    job: Job, submissions: Sequence[Submission], store: ResultStore, workers: int, report: Report
) -> list[SubmissionResult]:
    """Grade what the store does not hold yet; the results of all, in the order of `submissions`.

    `report` is called once per submission, as each is there. A submission that breaks the grader itself twice
    gets the outcome "grader error" and is tried again in the next run.
    """
    done: dict[str, SubmissionResult] = {}
    waiting: list[tuple[Submission, str]] = []
    for submission in submissions:
        key = job.key(submission)
        kept = store.load(submission.student, key)
        if kept is None:
            waiting.append((submission, key))
        else:
            done[submission.student] = kept
            report(kept)

    def finish(result: SubmissionResult) -> None:
        store.save(result)
        done[result.student] = result
        report(result)

    os.environ.setdefault("OMP_NUM_THREADS", "1")  # two threads each make parallel graders slower
    if waiting and (workers == 1 or len(waiting) == 1):
        _grade_here(job, waiting, finish)
    elif waiting:
        _grade_in_pool(job, waiting, min(workers, len(waiting)), finish)
    return [done[submission.student] for submission in submissions]


def _grade_here(job: Job, waiting: Sequence[tuple[Submission, str]], finish: Report) -> None:
    grader = make_grader(job)
    try:
        for submission, key in waiting:
            finish(_guarded(grader, submission, key))
    finally:
        grader.close()


def _grade_in_pool(
    job: Job, waiting: Sequence[tuple[Submission, str]], workers: int, finish: Report
) -> None:
    left = list(waiting)
    for _ in range(_TRIES):
        if left:
            left = _one_pool(job, left, workers, finish)
    for submission, key in left:
        finish(_failed(job.notebook, submission, key, "the grading process ended twice"))


def _one_pool(
    job: Job, waiting: Sequence[tuple[Submission, str]], workers: int, finish: Report
) -> list[tuple[Submission, str]]:
    """Grade in a fresh pool; what is left where the pool broke."""
    context = multiprocessing.get_context("spawn")
    left = dict(enumerate(waiting))
    with ProcessPoolExecutor(workers, context, initializer=_start, initargs=(job,)) as pool:
        futures: dict[Future[SubmissionResult], int] = {
            pool.submit(_grade_in_process, job, submission, key): index
            for index, (submission, key) in left.items()
        }
        try:
            for future in as_completed(futures):
                finish(future.result())
                del left[futures[future]]
        except BrokenProcessPool:
            pass
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return list(left.values())


_grader: Grader | str = "it was not started"  # or why it could not be started


def _start(job: Job) -> None:
    """In a grading process, once."""
    global _grader
    from autograder.sandbox import kernel

    if hasattr(kernel.libc(), "prctl"):
        kernel.forbid_inspection()
        kernel.die_with_parent(job.parent)  # a grader that is killed leaves nobody behind
    try:
        _grader = make_grader(job)
    except Exception as error:  # raised here, it would end the pool without a word
        _grader = f"{type(error).__name__}: {error}"


def _grade_in_process(job: Job, submission: Submission, key: str) -> SubmissionResult:
    if isinstance(_grader, str):
        return _failed(job.notebook, submission, key, _grader)
    return _guarded(_grader, submission, key)


def _guarded(grader: Grader, submission: Submission, key: str) -> SubmissionResult:
    """A fault of ours becomes a result that says so; the next submission is not its victim."""
    try:
        return grader.grade(submission, key)
    except Exception as error:
        reason = f"{type(error).__name__}: {str(error)[:1000]}"
        return _failed(grader.catalogue.notebook, submission, key, reason)


def _failed(notebook: str, submission: Submission, key: str, reason: str) -> SubmissionResult:
    catalogue = load_catalogue(notebook)
    points = sum(e.points for e in catalogue.exercises) + sum(w.points for w in catalogue.written)
    problem = f"The grader itself failed; this is not the submission's fault. {reason}"
    return SubmissionResult(
        student=submission.student,
        name=submission.name,
        source=submission.source,
        notebook=notebook,
        outcome=Outcome.GRADER_ERROR,
        max_points=points,
        problems=(problem,),
        remarks=submission.remarks,
        key=key,
    )


def _published_before(notebook: str) -> tuple[str, ...]:
    """Topics whose answers are out when this notebook is handed out: those of the notebooks before it."""
    solved = _PACKAGE.parent / "course_lib" / "solved"
    earlier = []
    for name in sorted(p.stem for p in (_PACKAGE / "catalogue").glob("*.json")):
        topic = name.partition("_")[2]
        if name < notebook and (solved / f"{topic}.py").is_file():
            earlier.append(topic)
    return tuple(earlier)
