"""In the worker, after it was shut in: run the definitions, then answer calls until the grader hangs up.

Nothing here is trusted by the grader: student code shares this process and may change any of it.
"""

from __future__ import annotations

import random
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import torch

from autograder.checking.errors import RefusedValue
from autograder.checking.handles import OPERATIONS
from autograder.checking.student import output_gradient
from autograder.codec import CodecError
from autograder.sandbox import cuda, printing, surroundings
from autograder.sandbox.alarm import OutOfTime, alarm
from autograder.sandbox.definitions import Notebook, fresh_namespace, own_frames, run_definitions
from autograder.sandbox.objects import Shelf
from autograder.sandbox.planning import Plan, make_plans, read_steps
from autograder.sandbox.stand_ins import StandIn, answer_question
from autograder.sandbox.wire import HEADER, JSON_BYTES, Kind, pack, parse_body, parse_header
from course_lib.withheld import checking

_TEXT, _TRACE = 2000, 6000  # characters kept of what student code says
_QUESTION_BYTES = 2**30


def serve(connection: socket.socket, solved: Sequence[str]) -> None:
    """Answer questions one after the other; returns when the grader closes the connection."""
    surroundings.prepare(solved)
    worker = Worker(connection)
    while (question := _receive(connection)) is not None:
        kind, nonce, fields = question
        pieces = worker.answer(kind, nonce, fields)
        with suppress(Exception):  # student code may have put anything in their place
            sys.stdout.flush()
            sys.stderr.flush()
        for piece in pieces:
            connection.sendall(piece)


class Worker:
    """The student's namespace and the objects that stay in it."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._nonce = b""
        self._cells: Sequence[tuple[int, str]] = ()
        self._notebook = Notebook(())
        self._namespace: dict[str, Any] = {}
        self._shelf = Shelf()

    def answer(self, kind: Kind, nonce: bytes, fields: dict[str, Any]) -> list[memoryview]:
        """The reply's pieces, whatever student code did, short of ending the process."""
        self._nonce = nonce
        try:
            if kind == Kind.LOAD:  # limits each statement by itself
                return _pack(nonce, self._load(fields), fields["reply_bytes"])
            with alarm(float(fields["seconds"])):
                value = self._carry_out(kind, fields)
                return _pack(nonce, self._shelf.put_away(value), fields["reply_bytes"])
        except RefusedValue as error:
            fault = {"fault": "refused", "text": str(error)[:_TEXT]}
        except OutOfTime as error:
            fault = {"fault": "time", "text": str(error)[:_TEXT]}
        except BaseException as error:  # SystemExit and KeyboardInterrupt are answers too
            fault = _describe(error)
        return pack(Kind.FAULT, nonce, fault)

    def _carry_out(self, kind: Kind, fields: dict[str, Any]) -> Any:
        if kind == Kind.PLAN:
            self._know(fields["cells"])
            plans = make_plans(self._cells, fields["exercises"])
            return {e: {**vars(p), "steps": p.written()} for e, p in plans.items()}
        with checking(fields["target"]):
            return self._call(kind, fields)

    def _call(self, kind: Kind, fields: dict[str, Any]) -> Any:
        function = self._shelf.take(fields["target"], self._namespace)
        if kind == Kind.READ:
            return getattr(function, fields["attribute"])
        if fields.get("method"):
            function = getattr(function, fields["method"])
        if kind == Kind.DERIVE:
            wanted = ("question", "tensors", "cotangents", "batched")
            return answer_question(function, *(fields[name] for name in wanted))
        args = self._shelf.bring_back(fields["args"])
        if kind == Kind.OPERATE:
            return OPERATIONS[fields["operation"]](function, *args)
        if kind == Kind.GRADIENT:
            chosen = (fields[name] for name in ("wrt", "cotangent", "result"))
            return output_gradient(function, args, *chosen)
        return function(*args, **self._shelf.bring_back(fields["kwargs"]))

    def _know(self, cells: Sequence[tuple[int, str]] | None) -> None:
        """Take in a notebook; None stands for the one that is known."""
        if cells is None:
            return
        self._cells, self._notebook = cells, Notebook(cells)
        if any("cuda" in source for _, source in cells) and not torch.cuda.is_available():
            cuda.pretend()

    def _load(self, fields: dict[str, Any]) -> dict[str, Any]:
        self._know(fields["cells"])
        self._namespace, self._shelf = fresh_namespace(), Shelf()
        _forget_settings()
        printing.start_anew()
        steps, names = read_steps(fields["steps"]), fields["names"]
        found = run_definitions(
            self._notebook, steps, names, self._namespace, float(fields["seconds"])
        )
        for name in fields["stand_ins"]:
            self._namespace[name] = StandIn(name, self._call_back)
        cut = Plan(tuple(found.cut)).written()
        return {"remarks": found.remarks[:50], "missing": found.missing, "cut": cut}

    def _call_back(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Ask the grader, in the middle of answering it."""
        pieces = pack(Kind.CALL_BACK, self._nonce, fields)
        # An alarm in the middle of a frame would leave half of it on the wire.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGALRM})
        try:
            for piece in pieces:
                self._connection.sendall(piece)
            answer = _receive(self._connection)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGALRM})
        if answer is None:
            raise SystemExit  # the grader hung up
        return answer[2]


def _forget_settings() -> None:
    """What an exercise that ran before in this process may have left changed; and the same random numbers for all."""
    torch.set_default_dtype(torch.float32)
    torch.set_grad_enabled(True)
    for seed in (torch.manual_seed, random.seed, np.random.seed):
        seed(0)


def _pack(nonce: bytes, value: Any, most: int) -> list[memoryview]:
    try:
        pieces = pack(Kind.VALUE, nonce, {"value": value})
    except CodecError as error:
        raise RefusedValue(str(error)) from error
    except Exception as error:  # a tensor expanded to 10¹² elements, a subclass that raises, 10⁴⁰⁰
        raise RefusedValue(f"it cannot be sent: {type(error).__name__}: {error}") from error
    size = sum(len(piece) for piece in pieces)
    if size > most:
        raise RefusedValue(f"it is {size / 2**20:.0f} MB large; the limit is {most / 2**20:.0f} MB")
    return pieces


def _describe(error: BaseException) -> dict[str, Any]:
    """An exception as plain text; a hostile __str__ is an exception as well."""
    try:
        fault = {
            "fault": "raised",
            "type": type(error).__name__,
            "bases": [c.__name__ for c in type(error).__mro__],
            "text": _clean(str(error), _TEXT),
            "trace": _clean(own_frames(error), _TRACE),
        }
    except BaseException as second:
        name = type(second).__name__
        fault = {"fault": "raised", "type": name, "bases": [name], "text": "", "trace": ""}
    return fault


def _clean(text: str, limit: int) -> str:
    short = text if len(text) <= limit else text[: limit // 2] + "\n…\n" + text[-limit // 2 :]
    return short.encode("utf-8", "replace").decode("utf-8")


def _receive(connection: socket.socket) -> tuple[Kind, bytes, dict[str, Any]] | None:
    raw = _exactly(connection, HEADER.size)
    if raw is None:
        return None
    header = parse_header(bytes(raw), JSON_BYTES, _QUESTION_BYTES)
    body = _exactly(connection, header.json_bytes)
    payload = _exactly(connection, header.tensor_bytes)
    if body is None or payload is None:
        return None
    return header.kind, header.nonce, parse_body(bytes(body), payload)


def _exactly(connection: socket.socket, count: int) -> bytearray | None:
    buffer = bytearray(count)
    view, have = memoryview(buffer), 0
    while have < count:
        got = connection.recv_into(view[have:])
        if got == 0:
            return None
        have += got
    return buffer
