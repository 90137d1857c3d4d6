"""The end of a client: nobody sleeps on, nothing more is asked."""

from __future__ import annotations

import threading
from datetime import datetime

from tasks.fetch.clock import Clock, SystemClock
from tasks.fetch.failures import fail

ENDED = "fetch.ended"


class Ending:
    """A clock that can be ended: then every sleeper is woken, and whoever wants to go on is told `fetch.ended`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._over = threading.Event()
        self._wakes = isinstance(clock, SystemClock)  # a clock of a test passes by sleeping

    def end(self) -> None:
        """From now on nobody waits and nobody asks."""
        self._over.set()

    @property
    def over(self) -> bool:
        return self._over.is_set()

    def check(self, where: str | None = None) -> None:
        """Raises FetchTrouble `fetch.ended` when it is over."""
        if self.over:
            raise fail(ENDED, "the run was ended before this was asked for", where)

    def now(self) -> datetime:
        return self._clock.now()

    def monotonic(self) -> float:
        return self._clock.monotonic()

    def sleep(self, seconds: float) -> None:
        """Sleep so long, unless it is over before. Raises FetchTrouble `fetch.ended` then."""
        if self._wakes:
            self._over.wait(seconds)
        else:
            self._clock.sleep(seconds)
        self.check()
