"""Functions that a notebook asks for and the course has as well: callable everywhere but in the answer itself."""

from __future__ import annotations

import math
import pickle
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from autograder.checking.errors import StudentError
from autograder.checking.student import LocalStudent, Student
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.policy import Limits
from autograder.sandbox.proxy import RemoteStudent
from autograder.sandbox.session import Session
from autograder.trained import scores
from course_lib import training
from course_lib.training import metrics
from course_lib.withheld import WithheldError, checking, withheld_from

LIMITS = Limits(call_seconds=5, load_seconds=5, exercise_seconds=20, memory_mb=800)
NAMES = ("psnr", "ssim", "curve", "borrowed", "judging", "caught")
# Bound before anything is checked, as in a notebook whose first cell imports; and asked for inside, too.
NOTEBOOK = """
import torch
from course_lib.training import psnr as ready_made

def psnr(image, truth, mask=None):
    return torch.stack([torch.tensor(ready_made(a, b)) for a, b in zip(image, truth)])

def ssim(image, truth):
    from autograder.trained.scores import ssim as ready_made
    return ready_made(image.numpy(), truth.numpy())

def curve(image, truth):
    return ready_made(image, truth)

def borrowed(image, truth):
    from course_lib.viewers.reconstructions import _psnr
    return _psnr(image.numpy(), truth.numpy())

def judging():
    import autograder.trained.judge

def caught(image, truth):
    try:
        return psnr(image, truth)
    except RuntimeError:
        return 20.0
"""
IMAGES = (torch.full((2, 3, 4, 3), 0.25), torch.full((2, 3, 4, 3), 0.35))


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    warm = Launcher(LIMITS)
    yield warm
    warm.close()


@pytest.fixture(params=["in the notebook", "in grading"])
def student(request: pytest.FixtureRequest, launcher: Launcher) -> Iterator[Student]:
    """The same code where `check` runs it and where a grader does."""
    if request.param == "in the notebook":
        namespace: dict[str, object] = {}
        exec(NOTEBOOK, namespace)
        yield LocalStudent(namespace)
        return
    cells = [(1, NOTEBOOK)]
    with Session(launcher, LIMITS) as session:
        plan = session.plan(cells, {"exercise": NAMES})["exercise"]
        _, missing = session.load(cells, plan, NAMES)
        yield RemoteStudent(session, LIMITS, missing)


def test_an_answer_that_calls_the_courses_own_is_refused_in_words(student: Student) -> None:
    with pytest.raises(StudentError, match="computing that is what this exercise is about") as told:
        student.psnr(*IMAGES)
    assert "WithheldError: `psnr` calls course_lib.training.metrics.psnr" in str(told.value)
    assert told.value.type_name == "WithheldError"
    with pytest.raises(StudentError, match="WithheldError"):
        student.gradient("psnr", IMAGES, 0)


def test_what_graders_compare_with_is_refused_too(student: Student) -> None:
    levels = tuple((255 * image[0].repeat(4, 4, 1)).byte() for image in IMAGES)
    with pytest.raises(StudentError) as told:
        student.ssim(*levels)
    local = isinstance(student, LocalStudent)
    assert ("is what this exercise is about" if local else "is the grader's") in str(told.value)
    if not local:
        with pytest.raises(StudentError, match=r"autograder\.trained\S* is the grader's"):
            student.judging()


def test_everybody_else_may_call_it(student: Student) -> None:
    assert student.curve(*IMAGES) == pytest.approx(20, abs=1e-4)
    if isinstance(student, LocalStudent):
        assert student.borrowed(*IMAGES) == pytest.approx(20, abs=1e-4)
    # That another exercise's answer relies on one that was refused costs it nothing.
    found = torch.as_tensor(student.caught(*IMAGES))
    assert found.flatten()[0].item() == pytest.approx(20, abs=1e-4)


def test_a_refusal_ends_with_the_call(student: Student) -> None:
    for _ in range(2):
        with pytest.raises(StudentError):
            student.psnr(*IMAGES)
        assert student.curve(*IMAGES) == pytest.approx(20, abs=1e-4)
    assert training.psnr(*IMAGES) == pytest.approx(20, abs=1e-4)


@pytest.mark.parametrize("name", ["psnr", "ssim"])
def test_all_that_compute_it_refuse(name: str) -> None:
    image = np.zeros((12, 12, 3), np.uint8)
    with checking(name), pytest.raises(WithheldError, match=f"`{name}` calls"):
        scores.scores(image[None], image[None])
    assert scores.scores(image[None], image[None])[0] == scores.Scores(60, 1)


def test_marked_functions_stay_what_they_are() -> None:
    assert training.psnr is metrics.psnr
    assert pickle.loads(pickle.dumps(metrics.psnr)) is metrics.psnr
    assert metrics.psnr.__doc__ is not None
    assert metrics.psnr.__doc__.startswith("Peak signal-to-noise ratio of all values together")
    assert not hasattr(metrics.psnr, "__wrapped__")
    assert metrics.psnr(torch.zeros(3), torch.zeros(3)) == math.inf
    with pytest.raises(ValueError, match=r"shapes differ: \(3,\) and \(4,\)"):
        metrics.psnr(torch.zeros(3), torch.zeros(4))


def test_what_is_checked_inside_of_another_check_is_remembered() -> None:
    @withheld_from("area")
    def area(side: float) -> float:
        return side * side

    with checking("area"), checking(7), pytest.raises(WithheldError):
        area(2)
    with checking("volume"):
        assert area(2) == 4
    with pytest.raises(KeyError), checking("area"):
        raise KeyError
    assert area(3) == 9
