"""From a submission to its result: scores, what faults cost, records and written answers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.catalogue import Catalogue, load_catalogue
from autograder.checking.cases import Cases, draw_cases
from autograder.grading import grade_one
from autograder.grading.grade_one import Grader
from autograder.grading.record import Outcome, SubmissionResult, from_json, to_json
from autograder.grading.reference import load_reference
from autograder.grading.submission import Cell, Submission
from autograder.grading.written import written_answers
from autograder.report.feedback import Feedback
from autograder.report.table import class_csv
from autograder.results import CheckResult, Evidence, ExerciseResult, Status
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.policy import Limits

REPOSITORY = Path(__file__).resolve().parents[1]
NOTEBOOK = "01_camera_geometry"
LIMITS = Limits(call_seconds=2, load_seconds=4, exercise_seconds=6, memory_mb=800)

POINTS = """
import torch
def homogenize_points(points):
    return torch.cat([points, torch.ones_like(points[..., :1])], dim=-1)
def homogenize_directions(directions):
    return torch.cat([directions, torch.zeros_like(directions[..., :1])], dim=-1)
"""
TRANSFORM = "def transform(T, x):\n    return (T @ x[..., None])[..., 0]"


def submission(student: str, *cells: str, **changes: Any) -> Submission:
    """A submission of code cells."""
    numbered = tuple(Cell(i, "code", source) for i, source in enumerate(cells, start=1))
    digest = str(hash((student, cells)))
    return replace(Submission(student, "", f"{student}.zip", digest, numbered), **changes)


GOOD = submission("good", POINTS, TRANSFORM)


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    """Two exercises of the first notebook, and its questions."""
    whole = load_catalogue(NOTEBOOK)
    return replace(whole, exercises=(whole.exercise("homogenize"), whole.exercise("transform")))


@pytest.fixture(scope="module")
def cases(catalogue: Catalogue) -> Cases:
    reference = load_reference(REPOSITORY / "solutions" / f"{NOTEBOOK}.py")
    return draw_cases(catalogue.topic, 11, reference)


@pytest.fixture(scope="module")
def grader(catalogue: Catalogue, cases: Cases) -> Iterator[Grader]:
    made = Grader(catalogue, cases, LIMITS, lambda: Launcher(LIMITS), {})
    yield made
    made.close()


def scores(result: SubmissionResult) -> dict[str, float]:
    return {e.exercise: e.points for e in result.exercises}


def test_right_answers_earn_everything(grader: Grader) -> None:
    result = grader.grade(GOOD)
    assert scores(result) == {"homogenize": 4, "transform": 4}
    assert result.outcome == Outcome.GRADED
    assert result.max_points == 14  # with three questions of two points
    assert result.tier in "ABCDE"


FAULTS = {
    "crash": "def transform(T, x):\n    import ctypes; ctypes.string_at(0)",
    "exit": "def transform(T, x):\n    import os; os._exit(0)",
    "loop": "def transform(T, x):\n    while True: pass",
    "loop while loading": "def transform(T, x): return x\nwhile True:\n    transform = 1",
    "memory": "def transform(T, x):\n    return bytearray(2**32)",
    "text": "def transform(T, x):\n    return 'a text'",
    "nothing": "def transform(T, x): pass",
    "object": "def transform(T, x): return object()",
    "dictionary": "def transform(T, x): return {'x': x}",
    "no arguments": "def transform(): pass",
    "class": "class transform: pass",
    "forged": "import os\ndef transform(T, x): os.write(3, bytes(100)); return x",
    "patched": "import torch\ntorch.allclose = torch.equal = lambda *a, **k: True\ndef transform(T, x): return x * 0",
    "blank": "def transform(T, x):\n    raise NotImplementedError('Exercise 1.2')",
    "syntax": "def transform(T, x)\n    return x",
    "deep syntax": "def transform(T, x):\n    return " + "(" * 10_000,
    "null byte": "def transform(T, x):\n    return 1\0",
    "empty": "",
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_costs_its_own_points_and_is_explained(grader: Grader, name: str) -> None:
    result = grader.grade(submission("bad", POINTS, FAULTS[name]))
    assert scores(result) == {"homogenize": 4, "transform": 0}
    checks = result.exercises[1].checks
    assert checks
    assert all(check.status != Status.PASSED for check in checks[:1])
    assert all(check.message or check.status == Status.PASSED for check in checks)


def test_a_loop_that_loading_meets_is_told_with_its_line(grader: Grader) -> None:
    exercise = grader.grade(submission("bad", FAULTS["loop while loading"])).exercises[1]
    assert exercise.status == Status.COULD_NOT_RUN
    message = exercise.checks[0].message
    assert "`transform` could not be defined: cell 1, line" in message
    assert "was cut off: it ran for more than 2 seconds" in message


def test_a_problem_with_the_file_is_not_gradable_and_names_it(grader: Grader) -> None:
    result = grader.grade(submission("bad", problems=("the zip is damaged",)))
    assert result.outcome == Outcome.NOT_GRADABLE
    assert result.problems == ("the zip is damaged",)
    assert result.points == 0


def test_printing_is_kept_and_costs_nothing(grader: Grader) -> None:
    noisy = TRANSFORM.replace(
        "return", "print('hello'); import warnings; warnings.warn('oh'); return"
    )
    result = grader.grade(submission("loud", POINTS, noisy))
    assert scores(result)["transform"] == 4
    assert "hello" in result.printed["transform"]
    assert "homogenize" not in result.printed


def test_a_check_that_breaks_costs_that_exercise_only(
    grader: Grader, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = grade_one.run_exercise

    def broken(topic: str, exercise: Any, *rest: Any) -> ExerciseResult:
        if exercise.id == "homogenize":
            raise ZeroDivisionError("a check has a bug")
        return real(topic, exercise, *rest)

    monkeypatch.setattr(grade_one, "run_exercise", broken)
    result = grader.grade(GOOD)
    assert scores(result) == {"homogenize": 0, "transform": 4}
    assert result.exercises[0].status == Status.COULD_NOT_RUN
    assert "tell the course staff" in result.exercises[0].checks[0].message


def test_a_warm_process_that_died_is_started_again(grader: Grader) -> None:
    assert grader.grade(GOOD).points == 8
    grader._launcher._process.kill()
    grader._launcher._process.wait()
    assert grader.grade(GOOD).points == 8


def test_the_submissions_budget_ends_the_rest_with_a_reason(
    catalogue: Catalogue, cases: Cases
) -> None:
    limits = replace(LIMITS, submission_seconds=0.0)
    late = Grader(catalogue, cases, limits, lambda: Launcher(limits), {})
    try:
        result = late.grade(GOOD)
    finally:
        late.close()
    assert result.points == 0
    assert {e.status for e in result.exercises} == {Status.COULD_NOT_RUN}
    assert "used up its 0 seconds" in result.exercises[0].checks[0].message


def test_no_result_holds_the_seed_or_a_whole_reference(grader: Grader, cases: Cases) -> None:
    wrong = submission("bad", POINTS, "def transform(T, x): return x * 0")
    text = to_json(grader.grade(wrong))
    for case in cases("transform"):
        numbers = [f"{n:.6g}" for n in case.expected.flatten().tolist()[:50]]
        assert sum(number in text for number in numbers if len(number) > 5) <= 3


# ---- records ----


def full_result() -> SubmissionResult:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
    check = CheckResult(
        "transform", "test_x", "A title", True, Status.FAILED, "wrong", Evidence("a", "b", "c", "d", picture),
        "trace", 0.5,
    )  # fmt: skip
    passed = replace(
        check, name="test_y", status=Status.PASSED, evidence=Evidence(), entrance=False
    )
    return SubmissionResult(
        "jdoe", "Jo", "jdoe.zip", NOTEBOOK, Outcome.GRADED, 100.0,
        (ExerciseResult("transform", "T", 4.0, (check, passed), ("a remark",)),),
        written_answers([], load_catalogue(NOTEBOOK).written, {}),
        (), ("late",), {"transform": "hello ü \u2028"}, "A", 1.25, "key",
    )  # fmt: skip


def test_a_result_survives_its_json() -> None:
    assert from_json(to_json(full_result())) == full_result()


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 2}', to_json(full_result())[:-9]])
def test_other_json_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_json(text)


def test_json_states_the_points_it_means() -> None:
    raw = json.loads(to_json(full_result()))
    assert raw["points"] == 0
    assert raw["exercises"][0]["status"] == "failed"
    assert raw["exercises"][0]["checks"][1]["status"] == "passed"


def test_the_gradebook_has_a_row_a_student_and_no_formulas() -> None:
    catalogue = load_catalogue(NOTEBOOK)
    evil = replace(
        full_result(), student="=HYPERLINK(1)", name="+1", remarks=("@x", 'a "quoted", remark')
    )
    rows = list(
        csv.DictReader(
            io.StringIO(
                class_csv(catalogue, [Feedback(full_result(), {}), Feedback(evil, {}, counts=3.5)])
            )
        )
    )
    assert [row["student"] for row in rows] == ["jdoe", "'=HYPERLINK(1)"]
    assert rows[1]["name"] == "'+1"
    assert rows[1]["remarks"].startswith("'@x")
    assert rows[0]["transform"] == "0"
    assert (rows[0]["counts"], rows[1]["counts"]) == ("", "3.5")
    assert rows[0]["max_points"] == "100"
    assert set(rows[0]) >= {e.id for e in catalogue.exercises}


# ---- written answers ----

PROMPT = "**Question 1.** Why half a pixel?\n\n*Write your answer here.*"


@pytest.mark.parametrize(
    ("cell", "answer"),
    [
        (Cell(1, "markdown", PROMPT, {"written": "half_pixel"}), ""),
        (Cell(1, "markdown", PROMPT.replace("*Write your answer here.*", "Because."), {"written": "half_pixel"}),
         "Because."),
        (Cell(1, "markdown", PROMPT + "\n\nBecause.", {"written": "half_pixel"}), "Because."),
        (Cell(1, "markdown", PROMPT + "\n\nNo metadata.", {}), "No metadata."),
        (Cell(1, "markdown", "Only the answer.", {"written": "half_pixel"}), "Only the answer."),
        (Cell(1, "markdown", "Something else", {}), ""),
    ],
)  # fmt: skip
def test_written_answers_are_told_from_their_questions(cell: Cell, answer: str) -> None:
    questions = load_catalogue(NOTEBOOK).written
    found = written_answers([cell], questions, {"half_pixel": PROMPT})
    assert found[0].id == "half_pixel"
    assert found[0].text == answer
    assert [a.text for a in found[1:]] == ["", ""]
