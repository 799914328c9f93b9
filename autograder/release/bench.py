"""The work bench of a judging process: the numbers, the solution, and what the checks say of an answer."""

from __future__ import annotations

import contextlib
import gc
import io
import signal
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from autograder.results import Status

if TYPE_CHECKING:
    from autograder.catalogue import Catalogue
    from autograder.checking.cases import Cases

_COMPLAINTS = 3  # the first few say enough


@dataclass(frozen=True)
class Answer:
    """Code to be judged: what it replaces, or "" for the solution itself."""

    exercise: str
    code: str
    place: str  # "solutions/answer_bank/01_toy.py:12"


@dataclass(frozen=True)
class Verdict:
    """What the checks said of one answer on one set of numbers."""

    seed: str  # "public", or the hidden seed
    status: str  # of `Status`; "" where there is none, because of `fault`
    points: float = 0.0
    max_points: float = 0.0
    complaints: tuple[str, ...] = ()  # "check: message"
    fault: str = ""  # why it could not be judged: it does not run, takes too long, ends its process

    @property
    def passed(self) -> bool:
        """Whether it is right, as far as the checks can tell."""
        return self.status == Status.PASSED


@dataclass(frozen=True)
class BankJob:
    """What every judging process needs."""

    root: Path
    notebook: str
    hidden_seeds: tuple[int, ...]
    seconds: float  # for one answer on one set of numbers
    parent: int


@dataclass(frozen=True)
class Bench:
    """Everything that judging an answer takes; ready to be forked."""

    catalogue: Catalogue
    module: Any  # the solution's compiled code
    cases: Sequence[tuple[str, Cases]]
    seconds: float


def prepare(job: BankJob) -> Bench:
    """Draw the numbers and let the right answers fill in theirs."""
    import torch

    from autograder.catalogue import load_catalogue
    from autograder.checking.cases import PUBLIC_SEED, draw_cases, load_cases
    from autograder.checking.runner import topic_checks
    from autograder.grading.reference import compiled_module, reference_of
    from autograder.handouts.files import reference_path
    from autograder.source import read_source

    torch.set_num_threads(1)  # forked below: a parent that ran two threads makes its children hang
    source = read_source(job.root / "solutions" / f"{job.notebook}.py")
    reference = reference_of(source)
    catalogue = load_catalogue(job.notebook)
    topic_checks(catalogue.topic)
    handed_out = job.root / reference_path(source)
    cases = [("public", load_cases(handed_out))] if handed_out.is_file() else []
    cases = cases or [("public", draw_cases(catalogue.topic, PUBLIC_SEED, reference))]
    cases += [(str(s), draw_cases(catalogue.topic, s, reference)) for s in job.hidden_seeds]
    module = compiled_module(source)
    bench = Bench(catalogue, module, cases, job.seconds)
    _warm_up(bench)
    return bench


class _Enough(BaseException):
    """Warming up takes too long. No ordinary exception: checks take those for the answer's."""


def _warm_up(bench: Bench) -> None:
    """Load once what every answer would load again after its fork; two thirds of the time is saved."""
    import torch

    from autograder.checking.pictures import comparison_png

    comparison_png(torch.zeros(2, 2), torch.ones(2, 2))

    def ring(number: int, frame: FrameType | None) -> None:
        raise _Enough

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, bench.seconds)
    once = replace(bench, cases=bench.cases[:1])
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            for exercise in bench.catalogue.exercises:
                list(verdicts(once, Answer(exercise.id, "", "")))
    except _Enough:  # a solution that never ends: its own verdict will say so
        pass
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    gc.collect()
    gc.freeze()  # what is shared with the forks stays shared


def verdicts(bench: Bench, answer: Answer) -> Iterator[Verdict]:
    from autograder.checking.runner import run_exercise
    from autograder.checking.student import LocalStudent

    namespace: dict[str, Any] = {"__name__": "answer"}
    try:
        exec(bench.module, namespace)
        exec(compile(answer.code, answer.place, "exec", dont_inherit=True), namespace)
    except BaseException as error:
        last = traceback.format_exception_only(error)[-1].strip()
        yield Verdict(bench.cases[0][0], "", fault=f"does not run: {last}")
        return
    exercise = bench.catalogue.exercise(answer.exercise)
    for seed, cases in bench.cases:
        try:
            result = run_exercise(bench.catalogue.topic, exercise, LocalStudent(namespace), cases)
        except Exception as error:
            said = f"breaks the check itself: {type(error).__name__}: {str(error)[:300]}"
            yield Verdict(seed, "", fault=said)
            return
        said_by = [f"{c.name}: {c.message}" for c in result.checks if c.status != Status.PASSED]
        complaints = tuple(said_by[:_COMPLAINTS])
        yield Verdict(seed, result.status, result.points, result.max_points, complaints)
