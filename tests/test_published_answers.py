"""A worker for notebook 2 can import what notebook 1 published, in every tier, and nothing that is still open."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
import torch

from autograder.checking.errors import StudentError
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.policy import Limits, Tier
from autograder.sandbox.proxy import RemoteStudent
from autograder.sandbox.session import Session

LIMITS = Limits(call_seconds=5, load_seconds=5, exercise_seconds=20, memory_mb=800)
REPOSITORY = Path(__file__).resolve().parents[1]
CELL = """
from course_lib.solved.camera_geometry import homogenize_points

def f(x):
    return homogenize_points(x)

def g(x):
    from course_lib.solved.rendering import composite
    return composite(x, x)
"""


@pytest.mark.parametrize("tier", [Tier.A, Tier.B, Tier.C, Tier.D])
def test_earlier_answers_are_there_and_open_ones_are_not(tier: Tier) -> None:
    hidden = (REPOSITORY / "solutions",)
    with (
        closing(Launcher(LIMITS, ("camera_geometry",), hidden, tier)) as launcher,
        Session(launcher, LIMITS) as session,
    ):
        cells = [(2, CELL)]
        plan = session.plan(cells, {"exercise": ("f", "g")})["exercise"]
        _, missing = session.load(cells, plan, ("f", "g"))
        student = RemoteStudent(session, LIMITS, missing)
        assert torch.equal(student.f(torch.zeros(2, 3))[:, 3], torch.ones(2))
        with pytest.raises(StudentError, match=r"course_lib\.solved\.rendering"):
            student.g(torch.zeros(1, 3))
