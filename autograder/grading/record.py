"""A graded submission as plain data, and as JSON.

The JSON of a submission: `format` (1), `student`, `name`, `source`, `notebook`, `outcome` (graded, not gradable,
grader error), `points`, `max_points`, `problems`, `remarks`, `tier`, `seconds`, `spent`, `key`, `exercises` (each with
id, title, status, points, max_points, remarks, printed, and its checks with name, title, entrance, status, message,
traceback, seconds and evidence: expected, actual, worst, hint, picture as base64 PNG, picture_alt, sketch as in
autograder/sketches), `written` (id, number, title, max_points, text) and, of notebooks with trained exercises,
`trained` (exercise, psnr, ssim, leaderboard_name).
It holds what the student may see: no reference tensor and no seed.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from autograder.results import CheckResult, Evidence, ExerciseResult, Status
from autograder.sketches import sketch_from_raw, sketch_to_raw

FORMAT = 1


class Outcome(StrEnum):
    """How grading a submission ended."""

    GRADED = "graded"
    NOT_GRADABLE = "not gradable"  # its file cannot be read; its problems say why
    GRADER_ERROR = "grader error"  # our fault: it is graded again in the next run


@dataclass(frozen=True)
class WrittenAnswer:
    """The answer to a question in prose; a person gives its points."""

    id: str
    number: str
    title: str
    max_points: float
    text: str  # "" if nothing was written


@dataclass(frozen=True)
class TrainedScore:
    """What predictions scored, for the leaderboard; means over all hidden views."""

    exercise: str
    psnr: float  # dB
    ssim: float
    leaderboard_name: str  # "" for whoever does not want to be on it


@dataclass(frozen=True)
class SubmissionResult:
    """What one submission earned, and why."""

    student: str
    name: str
    source: str
    notebook: str
    outcome: Outcome
    max_points: float
    exercises: tuple[ExerciseResult, ...] = ()
    written: tuple[WrittenAnswer, ...] = ()
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    printed: Mapping[str, str] = field(default_factory=dict)  # exercise → what its code printed
    tier: str = ""
    seconds: float = 0.0
    key: str = ""
    spent: Mapping[str, float] = field(default_factory=dict)  # seconds by activity
    trained: tuple[TrainedScore, ...] = ()

    @property
    def points(self) -> float:
        """The sum over exercises; written answers count once a person has graded them."""
        return round(sum(exercise.points for exercise in self.exercises), 1)

    @property
    def awaiting(self) -> float:
        """Points that a person may still give."""
        return sum(answer.max_points for answer in self.written if answer.text)


def slim(result: SubmissionResult) -> SubmissionResult:
    """Without what only its own page shows: pictures, messages and printed text. A class of them fits in memory."""
    exercises = tuple(
        replace(e, checks=tuple(replace(c, evidence=Evidence(), traceback="") for c in e.checks))
        for e in result.exercises
    )
    written = tuple(replace(w, text=w.text[:1]) for w in result.written)
    return replace(result, exercises=exercises, written=written, printed={})


def to_json(result: SubmissionResult) -> str:
    """The JSON described at the head of this module."""
    raw = {"format": FORMAT, **vars(result), "points": result.points, "spent": dict(result.spent)}
    raw["exercises"] = [_exercise_to_raw(e, result.printed) for e in result.exercises]
    raw["written"] = [vars(answer) for answer in result.written]
    raw["trained"] = [vars(score) for score in result.trained]
    del raw["printed"]
    if not result.trained:
        del raw["trained"]  # as in results of notebooks that have none
    return json.dumps(raw, indent=1, ensure_ascii=False) + "\n"


def from_json(text: str) -> SubmissionResult:
    """The inverse of `to_json`; ValueError for anything else."""
    try:
        raw = json.loads(text)
        if raw.pop("format") != FORMAT:
            raise ValueError("another format")
        raw.pop("points")
        printed = {e["exercise"]: e["printed"] for e in raw["exercises"] if e["printed"]}
        return SubmissionResult(
            **{
                **raw,
                "outcome": Outcome(raw["outcome"]),
                "exercises": tuple(_exercise_from_raw(e) for e in raw["exercises"]),
                "written": tuple(WrittenAnswer(**w) for w in raw["written"]),
                "trained": tuple(TrainedScore(**t) for t in raw.get("trained", ())),
                "problems": tuple(raw["problems"]),
                "remarks": tuple(raw["remarks"]),
                "printed": printed,
            }
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a result of this version: {error}") from error


def _exercise_to_raw(exercise: ExerciseResult, printed: Mapping[str, str]) -> dict[str, Any]:
    return {
        **vars(exercise),
        "checks": [_check_to_raw(check) for check in exercise.checks],
        "status": exercise.status,
        "points": exercise.points,
        "printed": printed.get(exercise.exercise, ""),
    }


def _check_to_raw(check: CheckResult) -> dict[str, Any]:
    evidence = dict(vars(check.evidence))
    picture = evidence.pop("picture_png")
    evidence["picture"] = base64.b64encode(picture).decode() if picture else None
    evidence["sketch"] = sketch_to_raw(check.evidence.sketch)
    return {**vars(check), "evidence": evidence}


def _exercise_from_raw(raw: dict[str, Any]) -> ExerciseResult:
    checks = []
    for check in raw["checks"]:
        evidence = dict(check["evidence"])
        picture = evidence.pop("picture")
        png = base64.b64decode(picture) if picture else None
        evidence["sketch"] = sketch_from_raw(evidence.get("sketch"))  # older results have none
        checks.append(
            CheckResult(
                **{
                    **check,
                    "status": Status(check["status"]),
                    "evidence": Evidence(**evidence, picture_png=png),
                }
            )
        )
    return ExerciseResult(
        raw["exercise"], raw["title"], raw["max_points"], tuple(checks), tuple(raw["remarks"])
    )
