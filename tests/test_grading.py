"""From submissions to results: scores, what faults cost, and that no run loses or repeats work."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.catalogue import Catalogue, load_catalogue
from autograder.checking.cases import Cases, draw_cases
from autograder.gradebook.book import Gradebook
from autograder.gradebook.store import AssignmentStore
from autograder.grading import crew, grade_one
from autograder.grading import job as jobs
from autograder.grading.batch import grade_all
from autograder.grading.crew import InlineCrew, LocalCrew
from autograder.grading.grade_one import Grader
from autograder.grading.job import Job, checks_version
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


# ---- a class ----


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
    for name in ("checks", "checking", "sandbox", "grading"):
        (package / name).mkdir(parents=True)
        (package / name / "x.py").write_text("1")
    for name in ("codec.py", "results.py"):
        (package / name).write_text("1")
    monkeypatch.setattr(jobs, "_PACKAGE", package)
    versions = {checks_version(source)}
    for path in (source, package / "checks" / "x.py", package / "codec.py"):
        path.write_text("2")
        jobs._checks_version.cache_clear()
        versions.add(checks_version(source))
    assert len(versions) == 4


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
