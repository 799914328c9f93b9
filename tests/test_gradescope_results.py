"""results.json and submission_metadata.json: what Gradescope reads, and what it may hand us."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.catalogue import Catalogue, Exercise, WrittenQuestion
from autograder.gradescope.metadata import Metadata, read_metadata
from autograder.gradescope.results_json import (
    failure_results,
    partial_results,
    results_of,
    write_results,
)
from autograder.grading.record import Outcome, SubmissionResult, WrittenAnswer
from autograder.results import CheckResult, Evidence, ExerciseResult, Status

CATALOGUE = Catalogue(
    "01_toy",
    "toy",
    "Toy",
    (Exercise("a", "1.1", "First", 4, ("a",)), Exercise("b", "1.2", "Second", 2.5, ("b",))),
    (WrittenQuestion("why", "Q1.1", "Why?", 3),),
)
TOP_KEYS = {  # Gradescope's schema, less what we have no use for
    "score", "execution_time", "output", "output_format", "test_output_format",
    "test_name_format", "visibility", "stdout_visibility", "extra_data", "tests",
}  # fmt: skip
TEST_KEYS = {"score", "max_score", "status", "name", "number", "output", "visibility"}


def check(status: Status, message: str = "", **more: Any) -> CheckResult:
    return CheckResult(
        "a", "test_x", "It adds up.", True, status, message, Evidence(**more), "Cell 3, line 2"
    )


def graded(*checks: CheckResult) -> SubmissionResult:
    exercises = (ExerciseResult("a", "First", 4, checks), ExerciseResult("b", "Second", 2.5, ()))
    written = (WrittenAnswer("why", "Q1.1", "Why?", 3, "Because."),)
    return SubmissionResult(
        "ada", "Ada", "a.ipynb", "01_toy", Outcome.GRADED, 9.5, exercises, written,
        remarks=("defined twice",), tier="B",
    )  # fmt: skip


def valid(document: dict[str, Any]) -> dict[str, Any]:
    """The document, if it keeps to Gradescope's schema."""
    assert set(document) == TOP_KEYS
    assert isinstance(document["score"], int | float)
    assert document["stdout_visibility"] == "hidden"
    for test in document["tests"]:
        assert set(test) <= TEST_KEYS
        assert test["visibility"] == "visible"
        assert test.get("status", "passed") in ("passed", "failed")
    assert json.loads(json.dumps(document)) == document
    return document


def test_an_exercise_shows_what_was_expected_and_what_came() -> None:
    failed = check(
        Status.FAILED, "the sum differs", expected="3", actual="4", worst="[0]", hint="add\nagain"
    )
    document = valid(results_of(graded(check(Status.PASSED), failed), CATALOGUE, ("late",), 1.234))
    first, second, question = document["tests"]
    assert (first["number"], first["name"], first["score"], first["max_score"]) == (
        "1.1",
        "First",
        0,
        4,
    )
    assert first["status"] == "failed"
    assert first["output"].splitlines() == [
        "The first check is the entrance: the exercise earns points once it passes.",
        "✓ It adds up.",
        "✗ It adds up.",
        "    the sum differs",
        "    expected: 3",
        "    yours:    4",
        "    worst:    [0]",
        "    hint:     add",
        "    again",
        "    Cell 3, line 2",
    ]
    assert second["score"] == 0
    assert "score" not in question
    assert question["max_score"] == 3
    assert question["output"].startswith("A person grades this question; at most 3 points.")
    assert "Because." in question["output"]
    assert document["output"] == "late\n\ndefined twice"
    assert document["execution_time"] == 1.23
    assert document["extra_data"] == {
        "outcome": "graded",
        "sandbox_tier": "B",
        "awaits_a_person": 3,
    }


def test_points_are_the_graders_own() -> None:
    document = valid(results_of(graded(check(Status.PASSED)), CATALOGUE, (), 1))
    assert document["score"] == 4
    assert document["tests"][0]["status"] == "passed"


def test_what_cannot_be_graded_says_why_and_lists_nothing() -> None:
    result = SubmissionResult(
        "ada", "", "x.pdf", "01_toy", Outcome.NOT_GRADABLE, 9.5, problems=("this is a .pdf file",)
    )
    document = valid(results_of(result, CATALOGUE, (), 1))
    assert document["score"] == 0
    assert document["tests"] == []
    assert document["output"].splitlines()[0] == (
        "This submission earns 0 points because it cannot be graded:"
    )
    assert "this is a .pdf file" in document["output"]


def test_a_partial_result_counts_what_is_graded() -> None:
    done = {"a": ExerciseResult("a", "First", 4, (check(Status.PASSED),))}
    document = valid(partial_results(done, CATALOGUE, ("cut off",), 9))
    assert document["score"] == 4
    assert [t["output"] for t in document["tests"]][1] == "Not graded yet."
    assert document["extra_data"]["graded"] == 1


def test_our_own_failure_is_not_the_students() -> None:
    document = valid(failure_results({}, CATALOGUE, "OSError: disk full", 1))
    assert document["score"] == 0
    assert (
        "The autograder itself failed. This is not the fault of your submission"
        in document["output"]
    )
    assert "OSError: disk full" in document["output"]
    assert document["extra_data"] == {"outcome": "grader error"}
    assert valid(failure_results({}, None, "no package", 1))["tests"] == []


@given(st.text(alphabet=st.characters(), max_size=60))
def test_any_text_is_written_as_valid_json(text: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "results", "results.json")
        write_results(
            path, results_of(graded(check(Status.FAILED, text + "\ud800")), CATALOGUE, (text,), 1)
        )
        read = json.loads(path.read_bytes().decode("utf-8"))
        assert read["output"].startswith(text.encode("utf-8", "replace").decode())
        assert [p.name for p in path.parent.iterdir()] == ["results.json"]


def test_endless_output_is_clipped() -> None:
    document = results_of(graded(check(Status.FAILED, "x" * 10**6)), CATALOGUE, (), 1)
    assert len(document["tests"][0]["output"]) < 21_000
    assert "more characters" in document["tests"][0]["output"]


def metadata(tmp_path: Path, content: object) -> Metadata:
    path = tmp_path / "submission_metadata.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return read_metadata(path)


ON_TIME = {
    "id": 1,
    "created_at": "2026-09-25T12:00:00.000000-04:00",
    "assignment": {"due_date": "2026-09-25T23:59:00.000000-04:00", "total_points": "100.0"},
    "users": [{"email": "ada@uni.edu", "id": 5, "name": "Ada"}],
}


def test_the_author_and_the_time_are_gradescopes(tmp_path: Path) -> None:
    found = metadata(tmp_path, ON_TIME)
    assert (found.student, found.name, found.lateness) == ("ada@uni.edu", "Ada", None)
    assert found.received == "2026-09-25T12:00:00-04:00"
    assert found.notes == ()


def test_lateness_is_told_and_not_punished(tmp_path: Path) -> None:
    found = metadata(tmp_path, {**ON_TIME, "created_at": "2026-09-27T01:00:00Z"})
    assert found.lateness == timedelta(hours=21, minutes=1)
    assert found.notes[0].startswith(
        "Handed in 21 hours 1 minute after the due date. The score shown here is before"
    )


def test_an_extension_of_ones_own_counts(tmp_path: Path) -> None:
    user = {**ON_TIME["users"][0], "assignment": {"due_date": "2026-10-01T00:00:00Z"}}  # type: ignore[index]
    late = {**ON_TIME, "created_at": "2026-09-27T01:00:00Z", "users": [user]}
    assert metadata(tmp_path, late).lateness is None


def test_a_group_has_all_its_names(tmp_path: Path) -> None:
    users = [{"email": "a@x", "name": "A"}, {"email": "b@x", "name": "B"}]
    assert metadata(tmp_path, {**ON_TIME, "users": users}).name == "A and B"


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{", "null", {"users": 3}, {"users": [None, {"email": 4}]}, {"assignment": []},
     {"created_at": 5, "assignment": {"due_date": "soon"}}, {"created_at": "2026-01-01T00:00:00"}],
)  # fmt: skip
def test_odd_metadata_stops_nobody(tmp_path: Path, content: object) -> None:
    assert metadata(tmp_path, content) == Metadata()


def test_missing_metadata_stops_nobody(tmp_path: Path) -> None:
    assert read_metadata(tmp_path / "none.json") == Metadata()
