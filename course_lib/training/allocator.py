"""Memory that training steps free and ask for again, step after step: keep it instead of giving it back."""

from __future__ import annotations

import contextlib
import ctypes
import sys
from typing import Final

KEPT: Final = (
    1 << 30
)  # bytes: freed memory up to this, and pieces up to this size, stay with the process
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3  # parameters of glibc's mallopt


def keep_freed_memory() -> bool:
    """Let glibc keep freed memory; whether it agreed. Elsewhere (macOS, Windows, musl) nothing happens.

    By default every large tensor that a step frees goes back to the system, and the next step pays for the same
    pages again, one fault each: up to a third of the time of a step on a CPU. The process then keeps what it needed
    at its peak. Results are the same to the bit.
    """
    if not sys.platform.startswith("linux"):
        return False
    with contextlib.suppress(OSError, AttributeError):
        mallopt = ctypes.CDLL(None).mallopt
        wanted = ((_TRIM_THRESHOLD, KEPT), (_MMAP_THRESHOLD, KEPT), (_TOP_PAD, KEPT // 16))
        return all(mallopt(which, value) == 1 for which, value in wanted)
    return False
