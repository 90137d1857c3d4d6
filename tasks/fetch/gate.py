"""One polite line per host: who asks next, and not before when.

`HostGate` is the door; `LocalGate` keeps the lines of one process, `tasks.fetch.lease.SharedGate` those of several.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Protocol

from tasks.fetch.clock import Clock
from tasks.fetch.failures import fail

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")  # no summer time since 1991


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a line may move. Seconds; `window` as HH:MM-HH:MM Beijing time; `daily_cap` requests a day."""

    delay: float
    jitter: float = 0.0
    window: str | None = None
    daily_cap: int | None = None


@dataclass(slots=True)
class Turn:
    """The right to send one request. `answered` is called when the head of the answer has come."""

    waited: float
    clock: Clock
    answered_at: float | None = None

    def answered(self) -> None:
        """The server has certainly seen the request by now: the pause to the next one is counted from here."""
        self.answered_at = self.clock.monotonic()


class HostGate(Protocol):
    """Hands out turns, one at a time per line, spaced by the pace. Safe to use from many threads."""

    def turn(self, line: str, pace: Pace) -> AbstractContextManager[Turn]:
        """Wait for a turn and hold it until the block ends.

        Raises FetchTrouble instead of waiting longer than a run should: `fetch.outside_window`, `fetch.daily_cap`,
        `fetch.rate_limited`.
        """

    def hold(self, line: str, seconds: float) -> None:
        """Let nobody ask for that long: Retry-After of the server, or backing off after a failure."""


@dataclass(slots=True)
class Line:
    """What is known of one line. Whoever has its lock has the turn."""

    lock: threading.Lock
    last: float | None = None  # when the last request had certainly been seen
    last_delay: float = 0.0
    held_until: float = 0.0
    day: str = ""
    count: int = 0


class LocalGate:
    """The lines of one process. The pause runs from the answer to one request to the sending of the next, so that
    requests never reach the server closer together than the delay, however long the way there takes."""

    def __init__(self, clock: Clock, *, max_wait: float, draw: Callable[[], float] = random.random) -> None:
        self._clock = clock
        self._max_wait = max_wait
        self._draw = draw
        self._lines: dict[str, Line] = {}
        self._lines_lock = threading.Lock()

    @contextmanager
    def turn(self, line: str, pace: Pace) -> Iterator[Turn]:
        asked = self._clock.monotonic()
        state = self._line(line)
        with state.lock:
            self._wait(line, state, pace)
            self._count(line, state, pace)
            turn = Turn(self._clock.monotonic() - asked, self._clock)
            try:
                yield turn
            finally:
                state.last = turn.answered_at if turn.answered_at is not None else self._clock.monotonic()
                state.last_delay = pace.delay

    def hold(self, line: str, seconds: float) -> None:
        state = self._line(line)
        # No lock: the caller may be past its turn while others wait in it; the longest hold wins.
        state.held_until = max(state.held_until, self._clock.monotonic() + seconds)

    def _line(self, name: str) -> Line:
        state = self._lines.get(name)
        if state is None:
            with self._lines_lock:
                state = self._lines.setdefault(name, Line(threading.Lock()))
        return state

    def _wait(self, name: str, state: Line, pace: Pace) -> None:
        jitter = pace.jitter * self._draw()
        while True:
            now = self._clock.monotonic()
            held = state.held_until - now
            closed = seconds_until_open(pace.window, self._clock.now())
            if held > self._max_wait:
                raise fail("fetch.rate_limited", f"the host is to be left alone for another {held:.0f} s", name)
            if closed > self._max_wait:
                raise fail("fetch.outside_window", f"asked only at {pace.window}, Beijing time", name)
            due = 0.0 if state.last is None else state.last + max(pace.delay, state.last_delay) + jitter - now
            pause = max(due, held, closed)
            if pause <= 0:
                return
            self._clock.sleep(pause)

    def _count(self, name: str, state: Line, pace: Pace) -> None:
        today = self._clock.now().astimezone(BEIJING).date().isoformat()
        if state.day != today:
            state.day, state.count = today, 0
        if pace.daily_cap is not None and state.count >= pace.daily_cap:
            raise fail("fetch.daily_cap", f"{state.count} requests today, as many as the registry allows", name)
        state.count += 1


def seconds_until_open(window: str | None, now: datetime) -> float:
    """Seconds until the window opens; 0 inside it. A window may run over midnight; equal ends mean always."""
    if window is None:
        return 0.0
    opens, closes = (_minutes(part) for part in window.split("-"))
    local = now.astimezone(BEIJING)
    at = local.hour * 60 + local.minute
    inside = opens <= at < closes if opens < closes else at >= opens or at < closes
    if inside:
        return 0.0
    elapsed = at * 60 + local.second + local.microsecond / 1e6
    return (opens * 60 - elapsed) % 86_400


def _minutes(time: str) -> int:
    hours, minutes = time.split(":")
    return int(hours) * 60 + int(minutes)
