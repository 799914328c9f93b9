"""One worker's life: forked for one exercise of one submission, asked questions, ended. Budgets are kept here."""

from __future__ import annotations

import os
import select
import signal
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, NoReturn

from autograder.checking.errors import NotWrittenYet, RefusedValue, StudentError, WorkerFault
from autograder.codec import CodecError
from autograder.sandbox.channel import CallBack, Channel, Gone, Silence
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.planning import Plan, read_steps
from autograder.sandbox.policy import Limits
from autograder.sandbox.wire import Kind, WireError

_GRACE_SECONDS = 1.0  # for the worker to say where it hangs before it is ended
_ACTIVITY = {Kind.PLAN: "plan", Kind.LOAD: "load"}
_LONGEST = {"type": 100, "text": 2000, "trace": 6000}


class Session:
    """A context manager; leaving it ends the worker. After a WorkerFault every further question raises it again."""

    def __init__(self, launcher: Launcher, limits: Limits) -> None:
        self._launcher = launcher
        self._limits = limits
        self.spent: defaultdict[str, float] = defaultdict(
            float
        )  # seconds by what they were spent on
        with self._timed("fork"):
            self._fork = launcher.fork()
        self._channel = Channel(self._fork.connection, self._fork.output, limits.output_kb * 2**10)
        self._end_of_budget = time.monotonic() + limits.exercise_seconds
        self._fault: WorkerFault | None = None
        self._alive = True
        self._sent: Sequence[tuple[int, str]] | None = None  # the notebook that the worker knows
        self._call_back: CallBack | None = None
        self.cut: set[tuple[int, int]] = set()  # steps that ran for too long

    def begin(self) -> None:
        """Another exercise in the same worker: its own time and its own printed text."""
        self._end_of_budget = time.monotonic() + self._limits.exercise_seconds
        self._channel.forget_printed()

    @property
    def fault(self) -> WorkerFault | None:
        """Why this worker is of no use any more, if so."""
        return self._fault

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()
        self._channel.close()

    @property
    def printed(self) -> str:
        """What student code printed, its beginning."""
        return self._channel.printed()

    def plan(
        self,
        cells: Sequence[tuple[int, str]],
        exercises: Mapping[str, Sequence[str]],
        seconds: float | None = None,
    ) -> dict[str, Plan]:
        """Which statements each exercise needs, given the functions that it must define."""
        wanted = {exercise: list(names) for exercise, names in exercises.items()}
        fields = {"cells": self._news(cells), "exercises": wanted}
        seconds = seconds or self._limits.load_seconds
        value = self.ask(Kind.PLAN, fields, seconds, "reading your notebook")
        try:
            return {exercise: _read_plan(value[exercise]) for exercise in exercises}
        except (KeyError, TypeError, ValueError, AttributeError):
            self._give_up("answered something that is no plan")

    def load(
        self,
        cells: Sequence[tuple[int, str]],
        plan: Plan,
        names: Sequence[str],
        stand_ins: Sequence[str] = (),
        call_back: CallBack | None = None,
    ) -> tuple[tuple[str, ...], dict[str, str]]:
        """Run a plan's statements in a fresh namespace: remarks, and for each missing name the reason.

        Functions named in `stand_ins` are answered by `call_back`.
        """
        self._call_back = call_back
        fields = {
            "cells": self._news(cells),
            "steps": plan.written(),
            "names": list(names),
            "stand_ins": list(stand_ins),
        }
        value = self.ask(Kind.LOAD, fields, self._limits.load_seconds, "running your cells")
        try:
            missing = {_text(n, 200): _text(why, 1000) for n, why in value["missing"].items()}
            self.cut |= set(read_steps(_text(value["cut"], 10_000)))
            return (*plan.remarks, *_texts(value["remarks"])), missing | dict(plan.absent)
        except (KeyError, TypeError, AttributeError, ValueError):
            self._give_up("answered something that is no answer")

    def ask(self, kind: Kind, fields: dict[str, Any], seconds: float, doing: str) -> Any:
        """The value that the worker answers. Raises the errors of `autograder.checking.errors` only."""
        if self._fault is not None:
            raise self._fault
        seconds = min(seconds, self._end_of_budget - time.monotonic())
        if seconds <= 0:
            self._give_up(f"used up the exercise's {self._limits.exercise_seconds:g} seconds")
        reply_bytes = self._limits.reply_mb * 2**20
        fields = {**fields, "seconds": seconds, "reply_bytes": reply_bytes}
        try:
            with self._timed(_ACTIVITY.get(kind, "calls")):
                answer, said = self._channel.ask(
                    kind, fields, seconds + _GRACE_SECONDS, reply_bytes, self._call_back
                )
        except Silence:
            self._give_up(f"was ended: {doing} took longer than {seconds:.3g} seconds")
        except Gone:
            self._give_up(f"{self._last_words()} while {doing}")
        except WireError as error:
            self._give_up(f"broke the rules of the wire: {error}")
        except CodecError as error:
            raise RefusedValue(f"the question cannot be sent: {error}") from error
        if answer == Kind.VALUE and "value" in said:
            return said["value"]
        if said.get("fault") == "time":
            place = _short(said, "text")
            where = f", in {place}" if place else ""
            self._give_up(f"was ended: {doing} took longer than {seconds:.3g} seconds{where}")
        raise _as_error(said)

    def _news(self, cells: Sequence[tuple[int, str]]) -> list[tuple[int, str]] | None:
        """The cells, unless the worker has them already."""
        if self._sent is cells:
            return None
        self._sent = cells
        return list(cells)

    def _give_up(self, what: str) -> NoReturn:
        self._end()
        self._fault = WorkerFault(f"the process that runs your code {what}")
        raise self._fault

    def _last_words(self) -> str:
        """How the worker ended, as a person would say it."""
        status = self._end(killing=False)
        if os.WIFSIGNALED(status):
            return _SIGNALS.get(os.WTERMSIG(status), f"was ended by signal {os.WTERMSIG(status)}")
        return f"exited with status {os.waitstatus_to_exitcode(status)} (os._exit or a C library)"

    def _end(self, killing: bool = True) -> int:
        """Kill and collect the worker, once."""
        if not self._alive:
            return 0
        self._alive = False
        if not killing:  # it hung up; give it a moment to finish by itself, for its exit status
            select.select([self._fork.handle], [], [], 1.0)
        with self._timed("end"):
            self._fork.kill()
            return self._launcher.reap(self._fork)

    @contextmanager
    def _timed(self, activity: str) -> Iterator[None]:
        start = time.perf_counter()
        try:
            yield
        finally:
            self.spent[activity] += time.perf_counter() - start


_SIGNALS: dict[int, str] = {
    signal.SIGSEGV: "crashed (segmentation fault)",
    signal.SIGABRT: "crashed (abort)",
    signal.SIGFPE: "crashed (floating-point exception)",
    signal.SIGBUS: "crashed (bus error)",
    signal.SIGILL: "crashed (illegal instruction)",
    signal.SIGKILL: "was killed by the system (memory or processor time ran out)",
    signal.SIGXCPU: "used up its processor time",
}


def _read_plan(raw: Any) -> Plan:
    absent = tuple((_text(name, 200), _text(why, 1000)) for name, why in raw["absent"])
    steps = tuple(read_steps(raw["steps"]))
    return Plan(
        steps, _texts(raw["remarks"]), absent, _texts(raw["uses"]), raw["unwritten"] is True
    )


def _texts(raw: Any) -> tuple[str, ...]:
    return tuple(_text(text, 1000) for text in raw[:50])


def _as_error(said: dict[str, Any]) -> Exception:
    """What the worker reports, as the error that checks know. All of it is the student's word, so it is cut short."""
    if said.get("fault") == "refused":
        return RefusedValue(_short(said, "text"))
    bases = said.get("bases")
    names = tuple(_text(b, 100) for b in bases[:20]) if isinstance(bases, list) else ()
    if "NotImplementedError" in names:
        return NotWrittenYet(_short(said, "text") or "the function raises NotImplementedError")
    kind = _short(said, "type") or "Exception"
    return StudentError(kind, _short(said, "text"), _short(said, "trace"), names)


def _short(said: dict[str, Any], key: str) -> str:
    value = said.get(key)
    return value[: _LONGEST[key]] if isinstance(value, str) else ""


def _text(value: object, length: int) -> str:
    """Text from the worker, cut; anything else is nothing: to print it could take for ever."""
    return value[:length] if isinstance(value, str) else ""
