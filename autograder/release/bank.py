"""The answer bank of a notebook on public and hidden numbers: who passes, who fails, and whether they agree."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path

from autograder.handouts.check import Finding
from autograder.handouts.exercise_list import catalogue_of
from autograder.release.bank_worker import JudgingError, judge, start
from autograder.release.bench import Answer, BankJob, Verdict
from autograder.source import Source
from autograder.source.answer_bank import BankedAnswer, load_answer_bank

Advance = Callable[[int, int], None]  # done, of how many


@dataclass(frozen=True)
class Judged:
    """A banked answer, or the solution itself (`banked` is None), with its verdicts."""

    answer: Answer
    banked: BankedAnswer | None
    verdicts: tuple[Verdict, ...]


def bank_path(source: Source) -> Path:
    """Where the wrong and the right answers to a notebook lie, relative to the course."""
    return Path("solutions", "answer_bank", f"{source.name}.py")


def read_bank(root: Path, source: Source) -> tuple[BankedAnswer, ...]:
    """The bank of a notebook; empty if it has none, ValueError with the place of a malformed line."""
    path = root / bank_path(source)
    return load_answer_bank(path) if path.is_file() else ()


def find_gaps(root: Path, source: Source) -> Iterator[Finding]:
    """Exercises that no wrong or no other right answer was written for, and answers to no exercise."""
    place = str(bank_path(source))
    exercises = [exercise.id for exercise in catalogue_of(source).exercises]
    banked = read_bank(root, source)
    kinds = {(answer.exercise, answer.right) for answer in banked}
    for exercise in exercises:
        if (exercise, False) not in kinds:
            yield Finding(
                place,
                f"no wrong answer to {exercise!r}: nobody knows what its checks catch",
                f'write one below a line # %% exercise="{exercise}" wrong="what is wrong with it"',
            )
        if (exercise, True) not in kinds:
            yield Finding(
                place,
                f"no other right answer to {exercise!r}: nobody knows what its checks accept",
                f'write one below a line # %% exercise="{exercise}" right="how it differs"',
            )
    for answer in banked:
        if answer.exercise not in exercises:
            message = f"an answer to {answer.exercise!r}, which is no exercise of {source.name}"
            yield Finding(f"{place}:{answer.line - 1}", message, "correct its id or remove it")


def judge_bank(
    root: Path, source: Source, seeds: Sequence[int], seconds: float, workers: int, advance: Advance
) -> list[Judged]:
    """Every solution and every banked answer on the public numbers and on those of the hidden seeds."""
    tasks = _tasks(root, source)
    job = BankJob(root, source.name, tuple(seeds), seconds, os.getpid())
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    verdicts: dict[int, tuple[Verdict, ...]] = {}
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        min(workers, len(tasks)) or 1, context, initializer=start, initargs=(job,)
    ) as pool:
        futures = {pool.submit(judge, answer): n for n, (answer, _) in enumerate(tasks)}
        try:
            for future in as_completed(futures):
                verdicts[futures[future]] = tuple(future.result())
                advance(len(verdicts), len(tasks))
        except BrokenProcessPool:
            raise JudgingError(
                "a judging process was killed; is there enough memory for so many? Try --jobs 1"
            ) from None
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [Judged(answer, banked, verdicts[n]) for n, (answer, banked) in enumerate(tasks)]


def _tasks(root: Path, source: Source) -> list[tuple[Answer, BankedAnswer | None]]:
    tasks: list[tuple[Answer, BankedAnswer | None]] = []
    known = set()
    for cell in source.cells:
        if cell.task is not None and cell.task.kind == "exercise":
            known.add(cell.task.id)
            place = f"solutions/{source.path.name}:{cell.first_line}"
            tasks.append((Answer(cell.task.id, "", place), None))
    for banked in read_bank(root, source):
        if banked.exercise in known:
            place = f"{bank_path(source)}:{banked.line - 1}"
            code = "\n" * (banked.line - 1) + banked.code  # tracebacks tell the bank's own lines
            tasks.append((Answer(banked.exercise, code, place), banked))
    return tasks
