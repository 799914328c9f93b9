"""The decoder and the renderer that checks hand to student code: what they compute, and what they complain about."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Any

import pytest
import torch

from autograder.checking.errors import StudentError
from autograder.checking.given import given
from autograder.checking.student import LocalStudent, Student
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.policy import Limits
from autograder.sandbox.proxy import RemoteStudent
from autograder.sandbox.session import Session
from course_lib.given.fields import waves_of_features
from course_lib.given.renderers import metered, ripples

LIMITS = Limits(call_seconds=5, load_seconds=5, memory_mb=700)
NAMES = ["kept", "again", "at_once", "compiler"]
SOURCE = """
import sys
import torch
from torch.utils.checkpoint import checkpoint

def portions(call, render, o, d, chunk):
    parts = [call(render, *rays) for rays in zip(o.split(chunk), d.split(chunk))]
    return tuple(torch.cat(part) for part in zip(*parts))

def kept(render, o, d, chunk):
    return portions(lambda f, *rays: f(*rays), render, o, d, chunk)

def again(render, o, d, chunk):
    return portions(lambda f, *rays: checkpoint(f, *rays, use_reentrant=False), render, o, d, chunk)

def at_once(render, o, d, chunk):
    return checkpoint(lambda *rays: kept(render, *rays, chunk), o, d, use_reentrant=False)

def compiler():
    return "torch._dynamo.eval_frame" in sys.modules
"""
STRENGTH = torch.tensor(0.6)
ORIGINS = torch.linspace(-1, 1, 30).reshape(10, 3)
DIRECTIONS = torch.linspace(0.2, 1, 30).reshape(10, 3).flip(0)


@pytest.fixture(scope="module")
def launcher() -> Iterator[Launcher]:
    warm = Launcher(LIMITS)
    yield warm
    warm.close()


@pytest.fixture(params=["here", "in a worker"])
def student(request: pytest.FixtureRequest) -> Iterator[Student]:
    if request.param == "here":
        namespace: dict[str, Any] = {}
        exec(compile(SOURCE, "cell 1", "exec"), namespace)
        yield LocalStudent(namespace)
        return
    with Session(request.getfixturevalue("launcher"), LIMITS) as session:
        cells = [(1, textwrap.dedent(SOURCE))]
        plan = session.plan(cells, {"e": NAMES})["e"]
        _, missing = session.load(cells, plan, NAMES)
        yield RemoteStudent(session, LIMITS, missing)


def renderer(chunk: int, rays: int = 10) -> Any:
    meter = {"rays": rays, "chunk": chunk}
    return given("course_lib.given.renderers:metered", STRENGTH, meter=meter)


@pytest.mark.parametrize("way", ["kept", "again"])
def test_portions_render_what_all_rays_at_once_do(student: Student, way: str) -> None:
    found = getattr(student, way)(renderer(4), ORIGINS, DIRECTIONS, 4)
    for part, whole in zip(found, ripples(STRENGTH, ORIGINS, DIRECTIONS), strict=True):
        assert torch.allclose(part, whole, atol=1e-6)
        assert part.shape[0] == 10


def test_gradients_need_every_portion_rendered_again(student: Student) -> None:
    o = ORIGINS.clone().requires_grad_()
    (expected,) = torch.autograd.grad(ripples(STRENGTH, o, DIRECTIONS)[0].sum(), o)
    found = student.gradient("again", (renderer(4), ORIGINS, DIRECTIONS, 4), 1)
    assert torch.allclose(found, expected, atol=1e-6)
    with pytest.raises(StudentError, match=r"kept of every chunk.*wrap each call of `render`"):
        student.gradient("kept", (renderer(4), ORIGINS, DIRECTIONS, 4), 1)
    with pytest.raises(StudentError, match=r"10 rays were rendered again before.*by itself"):
        student.gradient("at_once", (renderer(3), ORIGINS, DIRECTIONS, 3), 1)


def test_gradients_reach_what_a_given_function_is_filled_with(student: Student) -> None:
    strength = STRENGTH.clone().requires_grad_()
    total = ripples(strength, ORIGINS, DIRECTIONS)[1].sum()
    (expected,) = torch.autograd.grad(total, strength)
    args = (renderer(4), ORIGINS, DIRECTIONS, 4)
    assert torch.allclose(student.gradient("again", args, 0, result=1), expected)
    with pytest.raises(StudentError, match=r"kept of every chunk"):
        student.gradient("kept", args, 0, result=1)


def test_checkpoints_load_no_compiler_in_a_worker(launcher: Launcher) -> None:
    with Session(launcher, LIMITS) as session:
        cells = [(1, SOURCE)]
        session.load(cells, session.plan(cells, {"e": NAMES})["e"], NAMES)
        student = RemoteStudent(session, LIMITS, {})
        student.gradient("again", (renderer(4), ORIGINS, DIRECTIONS, 4), 1)
        assert student.compiler() is False


@pytest.mark.parametrize(
    ("origins", "directions", "chunk", "words"),
    [
        (ORIGINS, DIRECTIONS, 9, r"called with 10 rays at once; a chunk has 9 at most"),
        (
            ORIGINS.reshape(2, 5, 3),
            DIRECTIONS.reshape(2, 5, 3),
            20,
            r"flat lists .* called with \(2, 5, 3\)",
        ),
        (
            ORIGINS[:1],
            DIRECTIONS,
            20,
            r"both of shape \(r, 3\); it was called with \(1, 3\) and \(10, 3\)",
        ),
    ],
)
def test_rays_that_are_too_many_or_no_flat_list_are_refused(
    origins: torch.Tensor, directions: torch.Tensor, chunk: int, words: str
) -> None:
    with pytest.raises(RuntimeError, match=words):
        metered(STRENGTH, origins, directions, {"rays": 10, "chunk": chunk})


def test_crumbs_are_refused() -> None:
    meter = {"rays": 100, "chunk": 50}
    for _ in range(6):
        metered(STRENGTH, ORIGINS[:1], DIRECTIONS[:1], meter)
    with pytest.raises(RuntimeError, match=r"more than 6 times for 100 rays in chunks of 50"):
        metered(STRENGTH, ORIGINS[:1], DIRECTIONS[:1], meter)


def test_rays_do_not_mix() -> None:
    for k in (0, 4, 9):
        for one, many in zip(
            ripples(STRENGTH, ORIGINS[k : k + 1], DIRECTIONS[k : k + 1]),
            ripples(STRENGTH, ORIGINS, DIRECTIONS),
            strict=True,
        ):
            assert torch.equal(one[0], many[k])


def test_the_decoder_bends_and_knows_its_features() -> None:
    features = torch.linspace(-1, 1, 24).reshape(2, 3, 4)
    output = waves_of_features(features, inputs=4, outputs=5)
    assert output.shape == (2, 3, 5)
    doubled = waves_of_features(2 * features, inputs=4, outputs=5)
    assert ((doubled - 2 * output).abs() > 1e-3).all()  # nothing about it is linear
    assert output.flatten(0, 1).unique(dim=1).shape == (6, 5)  # no two outputs are alike
    with pytest.raises(ValueError, match=r"reads 4 features per point, and got \(2, 3, 3\)"):
        waves_of_features(features[..., :3], inputs=4, outputs=5)
