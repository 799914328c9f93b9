"""Everything an instructor wants to know before students see a notebook, property by property."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from autograder.handouts.check import Finding, check
from autograder.handouts.files import source_paths
from autograder.handouts.references import has_checks
from autograder.release.bank import Advance, bank_path, find_gaps, judge_bank, read_bank
from autograder.release.bank_worker import JudgingError
from autograder.release.contents import ReleaseError, ReleaseRefused, number_of, published
from autograder.release.outcome import Outcome
from autograder.release.verdicts import bank_outcomes
from autograder.sandbox.policy import Limits
from autograder.settings import Settings
from autograder.source import InvalidSourceError, Source, read_source


@dataclass(frozen=True)
class Step:
    """A piece of work that tells about one or more properties."""

    title: str
    run: Callable[[Advance], list[Outcome]]


@dataclass(frozen=True)
class Wanted:
    """What to verify, and how hard to look."""

    root: Path
    settings: Settings
    limits: Limits
    seeds: tuple[int, ...]
    workers: int
    only: str | None = None  # one notebook


def steps(wanted: Wanted) -> Iterator[Step]:
    """The work in its order, the cheap and telling first. NoSourceError if there is nothing to verify."""
    paths = source_paths(wanted.root, wanted.only)
    yield Step("generated files", lambda advance: [_generated_files(wanted, len(paths))])
    for path in paths:
        try:
            source = read_source(path)
        except InvalidSourceError:
            continue  # its mistakes are findings of the first step
        yield from _notebook_steps(wanted, source)
    for notebook in published(wanted.settings):
        if notebook in {path.stem for path in paths}:
            yield _release_step(wanted, notebook)


def perform(step: Step, advance: Advance) -> list[Outcome]:
    """Run a step; whatever stops it is a finding too, for the net must not have holes."""
    start = time.monotonic()
    notebook, _, subject = step.title.rpartition(": ")
    try:
        outcomes = step.run(advance)
    except InvalidSourceError as invalid:
        found = tuple(Finding(f"{e.path}:{e.line}", e.message) for e in invalid.errors)
        outcomes = [Outcome(notebook, subject, "not examined", found)]
    except (ReleaseError, JudgingError) as error:
        outcomes = [Outcome(notebook, subject, "not examined", (Finding(step.title, str(error)),))]
    except Exception as error:  # a check that cannot be imported, a sandbox that does not start
        lines = str(error).strip().splitlines() or [""]
        said = f"could not be examined: {type(error).__name__}: {lines[0]}"
        finding = Finding(step.title, said, details=tuple(lines[-3:]) if lines[1:] else ())
        outcomes = [Outcome(notebook, subject, "not examined", (finding,))]
    seconds = round((time.monotonic() - start) / len(outcomes), 2) if outcomes else 0.0
    return [replace(outcome, seconds=seconds) for outcome in outcomes]


def _generated_files(wanted: Wanted, notebooks: int) -> Outcome:
    found = tuple(check(wanted.root, wanted.settings.release, wanted.only))
    examined = f"{notebooks} {'notebook' if notebooks == 1 else 'notebooks'}"
    return Outcome("", "generated files agree with their sources", examined, found)


def _notebook_steps(wanted: Wanted, source: Source) -> Iterator[Step]:
    name = source.name
    yield Step(f"{name}: answer bank", lambda advance: [_completeness(wanted.root, source)])
    if not has_checks(wanted.root, source):
        return  # said by the step above
    yield Step(f"{name}: checks", lambda advance: _judging(wanted, source, advance))
    yield Step(f"{name}: grading", lambda advance: _grading(wanted, source))
    if any(task.kind == "trained" for task in source.tasks):
        yield Step(f"{name}: bands", lambda advance: _bands(wanted, source))


def _completeness(root: Path, source: Source) -> Outcome:
    title = "every exercise has checks, wrong answers and another right one"
    if not has_checks(root, source):
        place = f"autograder/checks/{source.topic}"
        missing = Finding(
            place, f"there are no checks of {source.name}, so nobody can earn its points"
        )
        return Outcome(source.name, title, "no checks", (missing,))
    try:
        banked = read_bank(root, source)
        gaps = tuple(find_gaps(root, source))
    except (ValueError, OSError) as error:
        place = str(bank_path(source))
        return Outcome(source.name, title, "not examined", (Finding(place, str(error)),))
    return Outcome(source.name, title, f"{len(banked)} banked answers", gaps)


def _judging(wanted: Wanted, source: Source, advance: Advance) -> list[Outcome]:
    seconds = wanted.limits.exercise_seconds
    judged = judge_bank(wanted.root, source, wanted.seeds, seconds, wanted.workers, advance)
    return bank_outcomes(source.name, judged, 1 + len(wanted.seeds))


def _grading(wanted: Wanted, source: Source) -> list[Outcome]:
    from autograder.release.graded import graded_outcomes

    return graded_outcomes(wanted.root, source, wanted.settings.release, wanted.limits)


def _bands(wanted: Wanted, source: Source) -> list[Outcome]:
    from autograder.release.trained_bands import trained_outcomes

    return trained_outcomes(wanted.root, source, wanted.seeds)


def _release_step(wanted: Wanted, notebook: str) -> Step:
    stage = number_of(notebook)

    def run(advance: Advance) -> list[Outcome]:
        from autograder.release.tree import trial

        title = "the release holds no answer"
        try:
            built = trial(wanted.root, wanted.settings, stage, lambda what: None)
        except ReleaseRefused as refused:
            return [Outcome(notebook, title, f"stage {stage}: refused", refused.findings)]
        return [Outcome(notebook, title, f"stage {stage}: {built.files} files and the wheel")]

    return Step(f"{notebook}: release", run)


def hidden_seeds(count: int) -> tuple[int, ...]:
    """The first hidden seeds; the same in every run, so that a finding can be found again."""
    return tuple(range(1, count + 1))
