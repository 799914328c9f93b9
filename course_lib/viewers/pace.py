"""Coarse pictures while something moves, the full one when it rests."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median_low
from typing import Final

DIVISORS: Final = (1, 2, 4, 8)  # of height and width
FRAMES_PER_SECOND: Final = 10.0  # that a hand should see, unless more is asked for
# Seconds per moving picture at that rate; the rest of a tenth is for drawing and sending it.
BUDGET: Final = 0.07
PAUSE: Final = 0.25  # seconds without movement are rest


class Pace:
    """Picks by how much to divide the resolution so that a moving picture stays within `budget`.

    It goes by the seconds that earlier pictures took, so a fast renderer is never made coarse; of
    the last three it takes the middle one, because one of them may have been held up by chance.
    """

    def __init__(
        self, budget: float = BUDGET, clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._budget, self._clock = budget, clock
        self._full: deque[float] = deque(maxlen=3)  # seconds for a full picture, as estimated

    def divisor(self) -> int:
        """The smallest divisor whose pictures should be fast enough; else the largest."""
        full = median_low(self._full) if self._full else 0.0
        fast = (d for d in DIVISORS if full / d**2 <= self._budget)
        return next(fast, DIVISORS[-1])

    @contextmanager
    def measuring(self, divisor: int) -> Iterator[None]:
        """Times the rendering inside; what fails tells nothing."""
        start = self._clock()
        yield
        self._full.append((self._clock() - start) * divisor**2)


class Rest:
    """Calls `act` once, when `PAUSE` has passed since the last `later()`."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act = act
        self._timer: asyncio.TimerHandle | None = None

    @staticmethod
    def possible() -> bool:
        """Whether an event loop runs here that can call back, as in every Jupyter kernel."""
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return False
        return True

    def later(self) -> None:
        """Starts the pause anew; only where `possible()`."""
        self.cancel()
        self._timer = asyncio.get_running_loop().call_later(PAUSE, self._act)

    def cancel(self) -> None:
        """Forgets a call that has not happened yet."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
