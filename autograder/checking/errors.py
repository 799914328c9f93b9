"""How student code can go wrong, as checks see it: the same exceptions in a notebook and across processes."""

from __future__ import annotations


class StudentError(Exception):
    """Student code raised. `type_name` is its exception's class; `trace` shows the student's own lines."""

    def __init__(
        self, type_name: str, text: str, trace: str = "", bases: tuple[str, ...] = ()
    ) -> None:
        super().__init__(f"{type_name}: {text}" if text else type_name)
        self.type_name = type_name
        self.text = text
        self.trace = trace
        self.bases = bases or (type_name,)  # names along the exception's method resolution order


class CannotRun(Exception):
    """The answer is not there to be judged: missing, not written yet, or refused. Not a wrong answer."""


class NotWrittenYet(CannotRun):
    """The stub still stands (NotImplementedError)."""


class MissingDefinition(CannotRun):
    """The submission defines no function of that name."""


class WorkerFault(CannotRun):
    """The process that ran the student's code is gone: time, memory, a crash, an exit."""


class RefusedValue(Exception):
    """Student code returned something that cannot be judged (no plain tensor, number, text or tuple of these)."""
