"""An answer may be lent the course's own functions of earlier exercises. Attacks on that loan."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest

from autograder.catalogue import load_catalogue
from autograder.checking.cases import draw_cases
from autograder.grading.exercise_runs import ExerciseRuns, Run
from autograder.grading.grade_one import Grader
from autograder.grading.record import to_json
from autograder.grading.reference import reference_of
from autograder.grading.reference_worker import ReferenceWorker
from autograder.handouts.solved import aligned_module
from autograder.sandbox import channel
from autograder.sandbox.channel import CallBack
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.policy import Limits
from autograder.source import read_source
from tests.red_team.attack import HONEST_POINTS, HONEST_TRANSFORM
from tests.red_team.campaign import NOTEBOOK, REPOSITORY, SEED, submission

LIMITS = Limits(call_seconds=2, load_seconds=4, exercise_seconds=8, memory_mb=400)
STUB = "def {0}(*a):\n    raise NotImplementedError('not written')"
NO_POINTS = "\n".join(STUB.format(n) for n in ("homogenize_points", "homogenize_directions"))
Lent = Callable[..., tuple[float, str]]
# In the second exercise `homogenize_points` is lent: the name stands for a door to the grader.
LENT = f"import threading, torch\n{NO_POINTS}"
UNPROJECT = """
import torch
def unproject(K, uv, depth):
    origins, directions = world_rays(uv, K, torch.eye(4))
    return directions / directions[..., 2:] * depth[..., None]
"""


def grader_of(*exercises: str) -> Grader:
    source = read_source(REPOSITORY / "solutions" / f"{NOTEBOOK}.py")
    whole = load_catalogue(NOTEBOOK)
    catalogue = replace(whole, exercises=tuple(map(whole.exercise, exercises)), written=())
    cases = draw_cases(catalogue.topic, SEED, reference_of(source))
    return Grader(catalogue, cases, LIMITS, lambda: Launcher(LIMITS), {}, aligned_module(source))


@pytest.fixture(scope="module")
def grader() -> Iterator[Grader]:
    made = grader_of("homogenize", "transform", "unproject", "world_rays")
    yield made
    made.close()


@pytest.fixture(autouse=True)
def _next_submission_is_untouched(grader: Grader) -> Iterator[None]:
    yield
    after = grader.grade(submission("honest", (HONEST_POINTS, HONEST_TRANSFORM)))
    assert [e.points for e in after.exercises][:2] == [4.0, 4.0]


@pytest.fixture
def lent(grader: Grader, monkeypatch: pytest.MonkeyPatch) -> Lent:
    """Grades a second exercise whose body may call the lent `homogenize_points`, there named `door`.

    Gives its points and the messages of the run in which it was lent something, whether that run counted or not.
    """
    runs: list[Run] = []
    lending = ExerciseRuns.run_with_right_functions

    def remembered(self: ExerciseRuns, *args: Any) -> Run:
        runs.append(lending(self, *args))
        return runs[-1]

    monkeypatch.setattr(ExerciseRuns, "run_with_right_functions", remembered)

    def grade(body: str, more: str = "") -> tuple[float, str]:
        answer = f"def transform(T, x):\n    door = homogenize_points\n{more}\n    {body}"
        result = grader.grade(submission("borrower", (LENT, answer)))
        assert result.exercises[0].points == 0.0
        (run,) = runs
        assert to_json(result)
        final = result.exercises[1]
        told = [*final.remarks, *(check.message for check in run.result.checks)]
        return final.points, "\n".join(told)

    return grade


def test_an_honest_borrower_keeps_the_points_and_reads_why(lent: Lent) -> None:
    body = "return (T @ door(x)[..., :4, None])[..., 0]"
    points, told = lent(body)
    assert points == 4.0
    assert "graded with the course's own `homogenize_points` (1.1), which your answer calls" in told


ASK_ITSELF = (
    "return door._ask({'name': 'transform', 'question': (({'\\0tensor': 0}, {'\\0tensor': 1}), {}), "
    "'tensors': [T, x]})['value']"
)


def test_the_answer_under_test_is_not_lent(lent: Lent) -> None:
    points, told = lent(ASK_ITSELF)
    assert points == 0.0
    assert "KeyError" in told


def test_it_would_be_lent_if_every_name_were_allowed(lent: Lent) -> None:
    allowing: Callable[[ReferenceWorker, Collection[str]], CallBack] = ReferenceWorker.allowing

    def everything(worker: ReferenceWorker, _: Collection[str]) -> CallBack:
        return allowing(worker, ["transform", "homogenize_points"])

    with mock.patch.object(ReferenceWorker, "allowing", everything):
        points, _ = lent(ASK_ITSELF)
    assert points == 4.0


def test_the_refusal_can_be_read(lent: Lent) -> None:
    body = "raise RuntimeError(door._ask({'name': 'transform'})['text'])"
    assert "this function is not answered here" in lent(body)[1]


def test_a_later_answer_does_not_lend_what_an_earlier_one_asks_for(grader: Grader) -> None:
    """Leave `world_rays` out, and it could be asked for everything that `unproject` should find."""
    cells = (HONEST_POINTS, HONEST_TRANSFORM, UNPROJECT, STUB.format("world_rays"))
    result = grader.grade(submission("schemer", cells))
    assert [e.points for e in result.exercises] == [4.0, 4.0, 0.0, 0.0]


@pytest.mark.parametrize("name", ["eval", "torch", "__builtins__", "os.system", "", None, 7, ["x"]])
def test_only_exercises_can_be_asked_for(lent: Lent, name: object) -> None:
    said = f"{{'name': {name!r}, 'question': (('1 + 1',), {{}}), 'tensors': []}}"
    points, told = lent(f"raise RuntimeError(door._ask({said})['text'])")
    assert points == 0.0
    assert "not answered here" in told


QUESTIONS = {
    "no question": "{}",
    "no call": "{'question': 5, 'tensors': []}",
    "a place that is not there": "{'question': (({'\\0tensor': 9},), {}), 'tensors': []}",
    "a place before the first": "{'question': (({'\\0tensor': -1},), {}), 'tensors': []}",
    "a handle": "{'question': (({'\\0handle': 0},), {}), 'tensors': []}",
    "a given function": "{'question': (({'\\0given': 'course_lib.shapes:Float'},), {}), 'tensors': []}",
    "a keyword that is not there": "{'question': ((), {'exec': 'x'}), 'tensors': []}",
    "too large a result": "{'question': (({'\\0tensor': 0},), {}), 'tensors': [torch.zeros(1).expand(2**22, 4) * 1]}",
    "nothing to weigh": "{'question': (({'\\0tensor': 0},), {}), 'tensors': [x], 'cotangents': [], 'batched': True}",
    "too many weights": "{'question': (({'\\0tensor': 0},), {}), 'tensors': [x], 'cotangents': [x] * 99}",
}


@pytest.mark.parametrize("kind", QUESTIONS)
def test_hostile_questions_are_answered_with_an_error(lent: Lent, kind: str) -> None:
    body = (
        f"raise RuntimeError(str(door._ask({{'name': 'homogenize_points', **{QUESTIONS[kind]}}})))"
    )
    points, told = lent(body)
    assert points == 0.0
    assert "RuntimeError" in told or "process that runs your code" in told or "cannot be" in told


def test_a_flood_of_questions_ends_the_worker(lent: Lent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channel, "MOST_CALL_BACKS", 20)
    points, told = lent("return [door(x) for _ in range(50)][-1]")
    assert points == 0.0
    assert "asked more than 20 questions of its own" in told


def test_questions_from_several_threads_cost_their_asker_only(lent: Lent) -> None:
    more = """
    def ask():
        for _ in range(50): door(x)
    threads = [threading.Thread(target=ask) for _ in range(4)]
    [t.start() for t in threads]; [t.join() for t in threads]"""
    points, told = lent("return x * 0", more)
    assert points == 0.0
    assert told


def test_a_question_outside_any_call_is_refused(lent: Lent) -> None:
    more = """
    def later():
        import time
        time.sleep(0.05)
        for _ in range(100): door(x)
    threading.Thread(target=later, daemon=True).start()"""
    points, _ = lent("import time; time.sleep(0.5); return x * 0", more)
    assert points == 0.0


def test_what_is_lent_is_not_in_the_borrowers_memory(lent: Lent) -> None:
    """The stand-in is a name and a door; the course's source text is in neither process nor report."""
    more = """
    import gc
    words = [o for o in gc.get_objects() if isinstance(o, (str, dict, tuple, list))]
    texts = [t for o in words if not isinstance(o, str) for t in (o.values() if isinstance(o, dict) else o)
             if isinstance(t, str)]
    needle = "BEGIN " + "SOLUTION"
    texts = [t for t in texts if len(t) > 60]  # longer than the needles themselves
    found = [t[:80] for t in texts if needle in t or "torch.cat([points, torch.ones" + "_like" in t]"""
    _, told = lent("raise RuntimeError(f'found {found}')", more)
    assert "found []" in told
