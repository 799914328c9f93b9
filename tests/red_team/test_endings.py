"""A grader that is killed leaves nobody behind; and no tier is named that its layers do not support."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from autograder.sandbox.launcher import Launcher, SandboxError
from autograder.sandbox.policy import Layers, Limits, Tier
from tests.red_team.campaign import REPOSITORY
from tests.red_team.ground import family

PATIENCE = 60.0  # seconds, far more than it takes
DOOMED_GRADER = """
import os, signal, sys
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.policy import Limits, Tier
launcher = Launcher(Limits(), best_tier=Tier(sys.argv[1]))
worker = launcher.fork()
worker.connection.sendall(b"")  # it waits for a question that will never come
print(launcher._process.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("tier", ["A", "B"])
def test_a_killed_grader_takes_everything_with_it(tier: str) -> None:
    grader = subprocess.Popen(
        [sys.executable, "-c", DOOMED_GRADER, tier],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert grader.stdout is not None
    warm_process = int(grader.stdout.readline())
    grader.stdout.close()
    assert grader.wait(PATIENCE) == -signal.SIGKILL
    end = time.monotonic() + PATIENCE
    while family(warm_process) and time.monotonic() < end:
        time.sleep(0.02)
    assert not family(warm_process)


def test_workers_end_with_the_warm_process() -> None:
    launcher = Launcher(Limits())
    try:
        worker = launcher.fork()
        assert len(family(launcher._process.pid)) > 1
        os.kill(launcher._process.pid, signal.SIGKILL)
        end = time.monotonic() + PATIENCE
        while worker.connection.recv(1) and time.monotonic() < end:
            pass  # the end of the wire: the worker is gone
        os.close(worker.handle)
        os.close(worker.output)
        worker.connection.close()
        with pytest.raises(SandboxError, match="the warm process is gone"):
            launcher.fork()
    finally:
        launcher.close()


def test_the_weakest_tier_is_for_feedback_only() -> None:
    assert Layers(namespaces="", landlock=0, seccomp=False, root=True).tier == Tier.E
    assert "not for official grades" in Tier.E.meaning
    assert not Tier.E.at_least(Tier.D)


@pytest.mark.parametrize("root", [True, False])
@pytest.mark.parametrize("best", list(Tier))
def test_a_tier_never_promises_layers_that_are_not_there(best: Tier, root: bool) -> None:
    everything = Layers("root" if root else "user", 7, True, root)
    entered = everything.tier_below(best)
    assert best.at_least(entered)
    assert entered == (Tier.D if best == Tier.C and not root else best)
    nothing = Layers("", 0, False, root)
    assert nothing.tier_below(best) == Tier.E
