"""Exercises in one worker and in workers of their own: what one does costs no other, and right helpers stand in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.catalogue import load_catalogue
from autograder.grading.grade_one import Grader
from autograder.grading.intake import Intake
from autograder.grading.job import Job, make_grader
from autograder.grading.record import SubmissionResult
from autograder.grading.submission import Cell, Submission
from autograder.results import ExerciseResult, Status
from autograder.sandbox.policy import Limits

REPOSITORY = Path(__file__).resolve().parents[1]
NOTEBOOK = "01_camera_geometry"
LIMITS = Limits(call_seconds=6, load_seconds=6, exercise_seconds=20, memory_mb=800)
SAMPLES = REPOSITORY / "assets" / "sample_class"
ADA = next(s for s in Intake(SAMPLES, NOTEBOOK).submissions() if s.student == "ada")


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    made = make_grader(Job(REPOSITORY, NOTEBOOK, seed=5, limits=LIMITS))
    yield made
    made.close()


def with_answers(**answers: str) -> Submission:
    """The perfect submission with some exercises' cells replaced."""
    cells = [
        replace(c, source=answers[c.metadata["exercise"]])
        if c.metadata.get("exercise") in answers
        else c
        for c in ADA.cells
    ]
    return replace(ADA, cells=tuple(cells))


def lost(result: SubmissionResult) -> set[str]:
    """The exercises that did not earn all of their points."""
    return {e.exercise for e in result.exercises if e.points < e.max_points}


def of(result: SubmissionResult, exercise: str) -> ExerciseResult:
    return next(e for e in result.exercises if e.exercise == exercise)


def source_of(exercise: str) -> str:
    return next(c.source for c in ADA.cells if c.metadata.get("exercise") == exercise)


def test_a_perfect_submission_needs_one_worker(grader: Grader) -> None:
    forks = []
    launcher = grader._launcher
    fork = launcher.fork
    launcher.fork = lambda: forks.append(1) or fork()  # type: ignore[method-assign, func-returns-value]
    try:
        assert lost(grader.grade(ADA)) == set()
    finally:
        launcher.fork = fork  # type: ignore[method-assign]
    assert len(forks) == 1


POISONS = {
    "a patched library": "torch.cat = torch.stack = None",
    "another default dtype": "torch.set_default_dtype(torch.float64)",
    "no gradients": "torch.set_grad_enabled(False)",
    "a missing builtin": "import builtins; builtins.zip = None",
    "a crash": "import ctypes; ctypes.string_at(0)",
    "an exit": "import os; os._exit(0)",
    "a loop": "while True: pass",
    "a broken module": "import sys; sys.modules['torch'] = None",
    "much memory": "keep = bytearray(700 * 2**20); globals()['kept'] = keep",
    "a recursion limit": "import sys; sys.setrecursionlimit(60)",
}


@pytest.mark.parametrize("poison", POISONS)
def test_what_one_exercise_does_to_its_process_costs_no_other(grader: Grader, poison: str) -> None:
    wrong = f"def invert_rigid(T):\n    {POISONS[poison]}\n    return T"
    result = grader.grade(with_answers(invert_rigid=wrong))
    assert lost(result) == {"invert_rigid"}


def test_an_exercise_cannot_learn_from_the_one_before(grader: Grader) -> None:
    """What is not passed is judged in a fresh process, where nothing of the other exercises is left."""
    spy = source_of("transform") + "\n\nimport builtins\nbuiltins.seen = []\n"
    late = """
    def invert_rigid(T):
        import builtins
        if hasattr(builtins, "tried"):
            return torch.linalg.inv(T)
        builtins.tried = True
        return T
    """
    result = grader.grade(with_answers(transform=spy, invert_rigid=late))
    assert of(result, "invert_rigid").checks[0].status == Status.FAILED


@pytest.mark.parametrize(
    "gone", [("transform", "homogenize"), ("project",), ("rotation_from_axis_angle",)]
)
def test_deleted_exercises_cost_only_their_own_points(
    grader: Grader, gone: tuple[str, ...]
) -> None:
    result = grader.grade(with_answers(**dict.fromkeys(gone, "")))
    assert lost(result) == set(gone)


@pytest.mark.parametrize(
    "wrong",
    [
        "def transform(T, x):\n    return x",
        "def transform(T, x):\n    raise NotImplementedError('Exercise 1.2')",
        "def transform(T, x):\n    while True: pass",
        "def transform(T, x):\n    import os; os._exit(0)",
    ],
)
def test_answers_that_call_a_wrong_one_are_graded_with_the_right_one(
    grader: Grader, wrong: str
) -> None:
    result = grader.grade(with_answers(transform=wrong))
    assert lost(result) == {"transform"}
    remarks = " ".join(of(result, "project").remarks + of(result, "estimate_pose").remarks)
    number = load_catalogue(NOTEBOOK).exercise("transform").number
    assert f"graded with the course's own `transform` ({number})" in remarks
    assert "your exercise did not pass" in remarks


def test_a_wrong_answer_is_not_saved_by_right_helpers(grader: Grader) -> None:
    wrong = "def project(K, xyz):\n    return transform(torch.eye(4), homogenize_points(xyz))"
    result = grader.grade(with_answers(transform="", project=wrong))
    assert {"transform", "project"} <= lost(result)
    assert of(result, "project").points == 0


THIEVES = {
    "its own name": "def invert_rigid(T):\n    return type(transform)('invert_rigid', transform._ask)(T)",
    "an exercise that passed": "def invert_rigid(T):\n    return type(transform)('look_at', transform._ask)(T, T, T)",
    "no name": "def invert_rigid(T):\n    return transform._ask({'name': 7})",
    "no arguments": "def invert_rigid(T):\n    return transform._ask({'name': 'transform'})",
    "endless questions": "def invert_rigid(T):\n    while True: transform(T, T[..., 0])",
    "a huge question": "def invert_rigid(T):\n    return transform(T.expand(10**9, 4, 4), T[..., 0])",
    "a bomb": "def invert_rigid(T):\n    n = 10**5\n    return transform(torch.ones(n, 1, 4, 4), torch.ones(1, n, 4))",
    "a handle": "def invert_rigid(T):\n    return transform({'\\0handle': 0}, {'\\0given': 'os:abort'})",
    "itself within": "def invert_rigid(T):\n    return transform(transform, T)",
}


@pytest.mark.parametrize("thief", THIEVES)
def test_the_right_answer_cannot_be_asked_for(grader: Grader, thief: str) -> None:
    stolen = THIEVES[thief] + "  # calls transform"
    result = grader.grade(with_answers(transform="", invert_rigid=stolen))
    assert {"transform", "invert_rigid"} <= lost(result)
    assert of(result, "invert_rigid").points == 0
    assert of(grader.grade(ADA), "invert_rigid").points > 0


def test_a_loop_at_top_level_is_cut_and_the_rest_is_graded(grader: Grader) -> None:
    """Every exercise reads the table that the loop fills, so each meets it; its time is paid once."""
    loop = Cell(1, "code", "TABLE = []\nfor i in iter(int, 1):\n    TABLE.append(1)\n")
    using = source_of("transform").replace('"""', '"""', 1) + "\nTABLE.append(2)\n"
    cells = (loop, *with_answers(transform=using).cells)
    result = grader.grade(replace(ADA, cells=cells))
    assert lost(result) == set()


NOISE = {
    "two hundred megabytes": (
        "if not hasattr(torch, 'told'):\n"
        "        torch.told = [print('x' * 10**6) for _ in range(200)]"
    ),
    "raw bytes": "import os\n    for _ in range(50):\n        os.write(1, b'x' * 10**6)",
    "warnings": "import warnings\n    warnings.warn('w' * 10**6)\n    warnings.warn('careful')",
    "errors": "import sys\n    print('\\ud800 oh no' * 1000, file=sys.stderr)",
    "a closed stream": "import sys\n    sys.stdout.close()\n    print('still here')",
    "a stream of its own": "import sys\n    sys.stdout = sys.stderr = None",
}


@pytest.mark.parametrize("noise", NOISE)
def test_what_is_printed_never_changes_a_mark(grader: Grader, noise: str) -> None:
    head, body = source_of("transform").split("    return", 1)
    loud = f"{head}    {NOISE[noise]}\n    return{body}"
    result = grader.grade(with_answers(transform=loud))
    assert lost(result) == set()
    assert len(result.printed.get("transform", "")) < 70_000


def test_time_is_accounted_for(grader: Grader) -> None:
    result = grader.grade(ADA)
    assert {"fork", "plan", "load", "calls", "end", "checks"} <= result.spent.keys()
    assert all(seconds >= 0 for seconds in result.spent.values())
    assert sum(result.spent.values()) == pytest.approx(result.seconds, abs=0.02)
