"""Judge one answer of the instructors in a process of its own: a loop or a crash costs that answer only."""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import time
from dataclasses import asdict
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from autograder.release.bench import Answer, BankJob, Bench, Verdict, prepare, verdicts

_MEMORY = 6 * 2**30  # bytes, for one answer


class JudgingError(Exception):
    """The judging itself fails here; the message says why."""


_bench: Bench | str = "it was not started"  # or why it could not be started


def start(job: BankJob) -> None:
    """In a judging process, once."""
    global _bench
    _end_with(job.parent)
    try:
        _bench = prepare(job)
    except Exception as error:  # raised here, it would end the pool without a word
        _bench = f"{type(error).__name__}: {error}"


def judge(answer: Answer) -> list[Verdict]:
    """The verdicts of one answer, a set of numbers after the other; the last may be a fault."""
    if isinstance(_bench, str):
        raise JudgingError(_bench)
    context = multiprocessing.get_context("fork")
    reading, writing = context.Pipe(duplex=False)
    child = context.Process(target=_in_child, args=(writing, _bench, answer, os.getpid()))
    child.start()
    writing.close()
    said: list[Verdict] = []
    try:
        for seed, _ in _bench.cases:
            if not reading.poll(_bench.seconds):
                fault = f"takes longer than {_bench.seconds:g} seconds"
                return [*said, Verdict(seed, "", fault=fault)]
            raw = json.loads(reading.recv_bytes())
            said.append(Verdict(**{**raw, "complaints": tuple(raw["complaints"])}))
            if said[-1].fault:
                break
    except (EOFError, OSError):
        fault = f"ends its process (status {_status_soon(child)})"
        return [*said, Verdict(_bench.cases[len(said)][0], "", fault=fault)]
    finally:
        child.kill()
        child.join()
        reading.close()
    return said


def _status_soon(child: BaseProcess) -> int | None:
    """The exit status; None for an answer that only closed files which it does not know, and goes on.

    `join` with a time limit would wait for ever: it watches one of those files.
    """
    for _ in range(20):
        if child.exitcode is not None:
            break
        time.sleep(0.05)
    return child.exitcode


def _in_child(writing: Connection, bench: Bench, answer: Answer, parent: int) -> None:
    _end_with(parent)
    _limit_memory()
    _be_silent()
    for verdict in verdicts(bench, answer):
        writing.send_bytes(json.dumps(asdict(verdict)).encode("utf-8", "replace"))


def _end_with(parent: int) -> None:
    """Whoever kills the command leaves no endless loop behind."""
    from autograder.sandbox import kernel

    if hasattr(kernel.libc(), "prctl"):
        kernel.die_with_parent(parent)


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, OSError, ValueError):  # not offered everywhere
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (_MEMORY, _MEMORY))


def _be_silent() -> None:
    """What an answer prints, and what it warns of, is nobody's business here."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for descriptor in (1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
