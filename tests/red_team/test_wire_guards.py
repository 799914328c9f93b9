"""What the grader's side of the wire refuses, and that it must: without the guards a forgery is believed."""

from __future__ import annotations

import os
import select
import textwrap
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from autograder.checking.errors import CannotRun, RefusedValue, StudentError, WorkerFault
from autograder.sandbox import channel
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.proxy import RemoteObject, RemoteStudent
from autograder.sandbox.session import Session
from tests.red_team.attacks.wire import HEAD as FORGE
from tests.red_team.campaign import LIMITS, Campaign

Campaigns = Callable[[str], Campaign]


@pytest.fixture(params=["A", "B"])
def launcher(request: pytest.FixtureRequest, campaigns: Campaigns) -> Launcher:
    """A warm process of a campaign, for sessions of the tests' own."""
    return campaigns(request.param).grader._launcher


def load(session: Session, source: str) -> RemoteStudent:
    """A one-cell submission that must define `f`."""
    cells = [(1, textwrap.dedent(source))]
    missing = session.load(cells, session.plan(cells, {"f": ["f"]})["f"], ["f"])[1]
    return RemoteStudent(session, LIMITS, missing)


def outcome(launcher: Launcher, source: str, *calls: Any) -> list[Any]:
    """What each call of `f` comes to: its value or the error that a check would see."""
    found: list[Any] = []
    with Session(launcher, LIMITS) as session:
        student = load(session, source)
        for argument in calls:
            try:
                found.append(student.f(argument))
            except (StudentError, CannotRun, RefusedValue) as error:
                found.append(error)
    return found


# Answers the first question twice: the second time in advance of the question that is still to come.
IN_ADVANCE = (
    FORGE
    + """
def f(x):
    if x == 1:
        threading.Timer(0.1, lambda: WIRE.sendall(frame(16, value(7), nonce=bytes(16)))).start()
    time.sleep(0.3 * (x == 2))
    return x
"""
)


def test_an_answer_in_advance_ends_the_worker(launcher: Launcher) -> None:
    with Session(launcher, LIMITS) as session:
        student = load(session, IN_ADVANCE)
        assert student.f(1) == 1
        _until_bytes_wait(session)
        for argument in (2, 3):  # and every question after it gets the same answer
            with pytest.raises(WorkerFault, match="before it was asked"):
                student.f(argument)


def test_without_the_guards_the_forged_answer_is_believed(
    launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel.Channel, "_refuse_early_bytes", lambda self: None)
    monkeypatch.setattr(channel.secrets, "token_bytes", bytes)  # every nonce is the forger's
    with Session(launcher, LIMITS) as session:
        student = load(session, IN_ADVANCE)
        assert student.f(1) == 1
        _until_bytes_wait(session)
        assert student.f(2) == 7


def test_with_the_nonce_alone_the_forgery_is_refused(
    launcher: Launcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel.Channel, "_refuse_early_bytes", lambda self: None)
    with Session(launcher, LIMITS) as session:
        student = load(session, IN_ADVANCE)
        assert student.f(1) == 1
        _until_bytes_wait(session)
        with pytest.raises(WorkerFault, match="belongs to another question"):
            student.f(2)


def _until_bytes_wait(session: Session) -> None:
    """Wait for the forged frame to arrive."""
    assert select.select([session._channel._socket], [], [], 20)[0]


def test_a_frame_of_the_workers_own_nonce_is_an_answer_like_any_other(launcher: Launcher) -> None:
    """Whoever forges an answer to the question that was asked could as well have returned it."""
    forged = FORGE + "\ndef f(x):\n    WIRE.sendall(frame(16, value(41)))\n    time.sleep(9)"
    assert outcome(launcher, forged, 1) == [41]


def test_a_handle_names_only_the_forgers_own_objects(launcher: Launcher) -> None:
    source = "def f(x):\n    return {'\\0handle': 12345, 'class': 'x' * 10_000}"
    (forged,) = outcome(launcher, source, 1)
    assert isinstance(forged, RemoteObject)
    assert len(repr(forged)) < 200


def test_descriptors_that_come_with_bytes_do_not_stay_open(launcher: Launcher) -> None:
    source = (
        FORGE
        + """
def f(x):
    numbers = array.array("i", [0] * 100)
    for _ in range(5):
        WIRE.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, numbers)])
    return x
"""
    )
    before = _open_descriptors()
    (found,) = outcome(launcher, source, 1)
    assert isinstance(found, WorkerFault)
    assert _open_descriptors() == before


def _open_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


HOSTILE_ERRORS = {
    "a text that raises": "class E(Exception):\n    def __str__(self): raise E()\n",
    "a huge text": "class E(Exception):\n    def __str__(self): return 'x' * 10**7\n",
    "a lone surrogate": "class E(Exception):\n    def __str__(self): return '\\ud800'\n",
    "a huge name": "E = type('x' * 10**6, (Exception,), {})\n",
    "a text that is none": "class E(Exception):\n    def __str__(self): return 5\n",
    "a class that lies": "class E(Exception):\n    __class__ = property(lambda self: 1 / 0)\n",
    "a chain without end": "class E(Exception):\n    __cause__ = property(lambda self: E())\n",
}


@pytest.mark.parametrize("name", HOSTILE_ERRORS)
def test_hostile_exceptions_are_short_plain_text(launcher: Launcher, name: str) -> None:
    (error,) = outcome(launcher, HOSTILE_ERRORS[name] + "def f(x):\n    raise E()", 1)
    assert isinstance(error, StudentError | WorkerFault)
    assert len(str(error)) + len(getattr(error, "trace", "")) < 10_000
    str(error).encode("utf-8")


def test_what_is_printed_is_drained_and_cut(launcher: Launcher) -> None:
    source = "def f(x):\n    print('first words')\n    for _ in range(200): print('x' * 2**20)\n    return x"
    patient = replace(LIMITS, call_seconds=20, exercise_seconds=30)
    with Session(launcher, patient) as session:
        load(session, source)
        assert RemoteStudent(session, patient, {}).f(5) == 5
        assert session.printed.startswith("first words")
        assert len(session.printed) < 70_000
