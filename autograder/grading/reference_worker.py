"""The course's own answers in a worker of their own, for answers that call an exercise which did not pass.

A student's worker may not hold a right answer, and the grader may not run functions on whatever arguments hostile code
chooses. So the solution runs shut in as a submission does, and the grader only carries plain tensors between the two.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from autograder.checking.errors import CannotRun, RefusedValue, StudentError
from autograder.sandbox.channel import CallBack
from autograder.sandbox.launcher import Launcher
from autograder.sandbox.policy import Limits
from autograder.sandbox.session import Session
from autograder.sandbox.wire import Kind


class ReferenceWorker:
    """A context manager that answers calls of right functions. The worker starts with the first of them."""

    def __init__(
        self, launcher: Launcher, limits: Limits, solution: str, functions: Sequence[str]
    ) -> None:
        self._launcher = launcher
        self._limits = limits
        self._cells = [(1, solution)]
        self._functions = list(functions)
        self._session: Session | None = None

    def __enter__(self) -> ReferenceWorker:
        return self

    def __exit__(self, *_: object) -> None:
        if self._session is not None:
            self._session.__exit__(None, None, None)
            self._session = None

    def allowing(self, functions: Collection[str]) -> CallBack:
        """A call-back that answers these functions and no other: never the one that is being graded."""

        def answer(said: dict[str, Any], seconds: float) -> dict[str, Any]:
            name = said.get("name")
            if not isinstance(name, str) or name not in functions:
                return {"type": "PermissionError", "text": "this function is not answered here"}
            question = {"target": name, "cotangents": None, "batched": False, **_question(said)}
            limit = min(seconds, self._limits.call_seconds)
            try:
                session = self._ready()
                return {"value": session.ask(Kind.DERIVE, question, limit, f"`{name}`")}
            except StudentError as error:
                return {"type": error.type_name, "text": error.text}
            except (CannotRun, RefusedValue) as error:
                self.__exit__()
                return {"type": "RuntimeError", "text": f"the course's own `{name}`: {error}"}

        return answer

    def _ready(self) -> Session:
        if self._session is None or self._session.fault is not None:
            self.__exit__()
            self._session = Session(self._launcher, self._limits)
            plan = self._session.plan(self._cells, {"all": self._functions})["all"]
            self._session.load(self._cells, plan, self._functions)
        return self._session


def _question(said: dict[str, Any]) -> dict[str, Any]:
    """The fields of a call, whatever else came with them."""
    fields = ("question", "tensors", "cotangents", "batched")
    return {name: said[name] for name in fields if name in said}
