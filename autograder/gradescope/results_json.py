"""Gradescope's results.json from a graded submission. Scores are ours; Gradescope only shows them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from autograder.catalogue import Catalogue
from autograder.grading.record import Outcome, SubmissionResult, WrittenAnswer
from autograder.results import CheckResult, ExerciseResult, Status

_LONGEST = 20_000  # characters of one output
_SIGNS = {Status.PASSED: "✓", Status.FAILED: "✗", Status.COULD_NOT_RUN: "–"}


def results_of(
    result: SubmissionResult, catalogue: Catalogue, notes: Sequence[str], seconds: float
) -> dict[str, Any]:
    """The whole file for a submission that was graded, or that cannot be."""
    lines = [*notes, *result.remarks]
    if result.outcome == Outcome.NOT_GRADABLE:
        lines = [
            "This submission earns 0 points because it cannot be graded:",
            *result.problems,
            *lines,
        ]
    extra = {
        "outcome": result.outcome,
        "sandbox_tier": result.tier,
        "awaits_a_person": sum(written.max_points for written in result.written),
    }
    tests = _tests(catalogue, {e.exercise: e for e in result.exercises}, result)
    return _document(result.points, tests, lines, extra, seconds)


def partial_results(
    done: Mapping[str, ExerciseResult], catalogue: Catalogue, notes: Sequence[str], seconds: float
) -> dict[str, Any]:
    """The file while grading goes on, and what remains of it if grading never ends."""
    points = round(sum(exercise.points for exercise in done.values()), 1)
    extra = {"outcome": "unfinished", "graded": len(done), "exercises": len(catalogue.graded)}
    return _document(points, _tests(catalogue, done, None), notes, extra, seconds)


def failure_results(
    done: Mapping[str, ExerciseResult], catalogue: Catalogue | None, reason: str, seconds: float
) -> dict[str, Any]:
    """The file where the grader itself failed: it says so, and that nobody's work is at fault."""
    points = round(sum(exercise.points for exercise in done.values()), 1)
    lines = [
        "The autograder itself failed. This is not the fault of your submission, and the points shown are "
        "not your result: the course staff has to run the autograder again.",
        f"For the staff: {reason}",
    ]
    tests = _tests(catalogue, done, None) if catalogue is not None else []
    return _document(points, tests, lines, {"outcome": Outcome.GRADER_ERROR}, seconds)


def write_results(path: Path, document: Mapping[str, Any]) -> None:
    """Replace the file by renaming: Gradescope never sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
    try:
        partial.write_bytes(text.encode("utf-8", "replace"))  # half a surrogate pair has no bytes
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _document(
    score: float,
    tests: list[dict[str, Any]],
    lines: Sequence[str],
    extra: Mapping[str, Any],
    seconds: float,
) -> dict[str, Any]:
    return {
        "score": score,
        "execution_time": round(seconds, 2),
        "output": _clipped("\n\n".join(lines)),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",  # tracebacks of ours are for the staff
        "extra_data": dict(extra),
        "tests": tests,
    }


def _tests(
    catalogue: Catalogue, done: Mapping[str, ExerciseResult], result: SubmissionResult | None
) -> list[dict[str, Any]]:
    """An entry per exercise, then one per written question; none at all for what cannot be graded."""
    if result is not None and result.outcome == Outcome.NOT_GRADABLE:
        return []
    tests: list[dict[str, Any]] = []
    for exercise in catalogue.graded:
        graded = done.get(exercise.id)
        tests.append(
            {
                "name": exercise.title,
                "number": exercise.number,
                "score": graded.points if graded else 0.0,
                "max_score": exercise.points,
                "status": "passed" if graded and graded.status == Status.PASSED else "failed",
                "output": _clipped(_exercise_text(graded)) if graded else "Not graded yet.",
                "visibility": "visible",
            }
        )
    return [*tests, *(_written(answer) for answer in (result.written if result else ()))]


def _written(answer: WrittenAnswer) -> dict[str, Any]:
    """No score: a person gives it. Without a score Gradescope adds nothing to the sum."""
    said = f"Your answer:\n\n{answer.text}" if answer.text else "There is no answer."
    return {
        "name": f"{answer.title} (graded by a person)",
        "number": answer.number,
        "max_score": answer.max_points,
        "output": _clipped(
            f"A person grades this question; at most {answer.max_points:g} points.\n\n{said}"
        ),
        "visibility": "visible",
    }


def _exercise_text(exercise: ExerciseResult) -> str:
    blocks = [_check_text(check) for check in exercise.checks] or ["No checks were run."]
    if any(c.entrance and c.status != Status.PASSED for c in exercise.checks):
        blocks.insert(
            0, "The first check is the entrance: the exercise earns points once it passes."
        )
    return "\n".join([*blocks, *(f"Note: {remark}" for remark in exercise.remarks)])


def _check_text(check: CheckResult) -> str:
    lines = [f"{_SIGNS[check.status]} {check.title}"]
    if check.status == Status.PASSED and check.message:  # what was measured
        lines = [f"{lines[0]}: {check.message}"]
    elif check.status != Status.PASSED:
        evidence = check.evidence
        told = [
            ("", check.message),
            ("expected: ", evidence.expected),
            ("yours:    ", evidence.actual),
            ("worst:    ", evidence.worst),
            ("hint:     ", evidence.hint),
            ("", check.traceback),
        ]
        lines += [f"    {label}{_indented(text)}" for label, text in told if text]
    return "\n".join(lines)


def _indented(text: str) -> str:
    return text.replace("\n", "\n    ")


def _clipped(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]}\n… {len(text) - _LONGEST} more characters"
