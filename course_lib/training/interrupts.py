"""The stop button, held back for a moment: an update is made and counted, or neither."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def whole() -> Iterator[None]:
    """What begins inside is finished; a SIGINT that came meanwhile (the stop button, Ctrl-C) strikes at the end.

    Without this, a signal that arrives while the optimiser writes parameters, a third of a large model's step, would
    raise between them and their count, and a resumed run would make that step twice. Only the main thread hears
    signals; elsewhere nothing is held back.
    """
    foreign = signal.getsignal(signal.SIGINT) is None  # not of Python: it could not be put back
    if foreign or threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)
