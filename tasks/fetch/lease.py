"""One polite line per host for several processes: whoever asks has the line's lease.

A line is leased for as long as its holder lives and nobody else waits for it, not for each request: while one process
works alone this costs a word to the keeper of leases per host, and one every few seconds for all hosts together.
"""

from __future__ import annotations

import logging
import os
import random
import secrets
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from schemas.leases import Grant, Renewal, Use
from tasks.fetch.clock import Clock
from tasks.fetch.gate import BEIJING, Line, LocalGate, Pace

log = logging.getLogger("nianbao.fetch")

RENEW = 4.0
"""Seconds between two signs of life; a lease lasts some of them."""

_ENDING = 2.0  # seconds that a line in use is waited for at the end


class Leases(Protocol):
    """Keeps the leases of lines for all processes, as `tasks.load.leases` does in a database. Safe in many threads."""

    def take(self, line: str, holder: str, delay: float) -> Grant:
        """Take a line, or be written down as the one who waits for it."""

    def renew(self, holder: str, lines: Mapping[str, Use]) -> Renewal:
        """A sign of life for the lines that a process has, with what became of them."""

    def give_back(self, holder: str, lines: Mapping[str, Use]) -> None:
        """Let others have these lines."""

    def hold(self, line: str, seconds: float) -> None:
        """Nobody may ask there for so long."""


class SharedGate(LocalGate):
    """The lines of all processes that share the keeper of leases. Spacing, windows and caps are those of `LocalGate`,
    which goes on from what the process before saw. Errors of the keeper come out of `turn`."""

    def __init__(
        self,
        leases: Leases,
        clock: Clock,
        *,
        max_wait: float,
        draw: Callable[[], float] = random.random,
        renew: float = RENEW,
    ) -> None:
        super().__init__(clock, max_wait=max_wait, draw=draw)
        self._leases = leases
        self._renew_every = renew
        self.holder = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self._mine: dict[str, float] = {}  # line → when it falls to others unless it is renewed
        self._wanted: set[str] = set()  # mine, and somebody waits
        self._guard = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def hold(self, line: str, seconds: float) -> None:
        super().hold(line, seconds)
        self._leases.hold(line, seconds)

    def close(self) -> None:
        """Give all lines back. The gate may be used again."""
        with self._guard:
            thread, self._thread = self._thread, None
            lines = list(self._mine)
            self._stop.set()
        if thread is not None:
            thread.join(timeout=_ENDING)
        self._give_back(lines, wait=_ENDING)

    def _wait(self, name: str, state: Line, pace: Pace) -> None:
        while True:
            self._lease(name, state, pace)
            super()._wait(name, state, pace)
            if self._is_mine(name):  # not so when this process stood still meanwhile
                return

    def _lease(self, name: str, state: Line, pace: Pace) -> None:
        """Have the line when this returns; let another process go first that waits for it."""
        if self._is_mine(name):
            if name not in self._wanted:
                return
            self._hand_over(name, state)
        while True:
            before = self._clock.monotonic()
            grant = self._leases.take(name, self.holder, pace.delay)
            if grant.yours:
                break
            self._clock.sleep(grant.wait)
        self._go_on_from(state, grant)
        with self._guard:
            self._mine[name] = before + grant.seconds
            self._wanted.discard(name)
            if self._thread is None:
                self._stop.clear()
                self._thread = threading.Thread(target=self._live, name="fetch-leases", daemon=True)
                self._thread.start()

    def _is_mine(self, name: str) -> bool:
        return self._mine.get(name, 0.0) > self._clock.monotonic()

    def _go_on_from(self, state: Line, grant: Grant) -> None:
        """Know of the line what the process before knew."""
        now, use = self._clock.monotonic(), grant.use
        state.held_until = max(state.held_until, now + grant.held)
        if use is None:
            return
        if use.since is not None and (state.last is None or now - use.since > state.last):
            state.last, state.last_delay = now - use.since, use.delay
        if use.day == self._today():
            state.count = max(use.asked, state.count if state.day == use.day else 0)
            state.day = use.day

    def _use(self, state: Line) -> Use:
        since = None if state.last is None else max(self._clock.monotonic() - state.last, 0.0)
        return Use(state.last_delay, since, state.day, state.count)

    def _today(self) -> str:
        return self._clock.now().astimezone(BEIJING).date().isoformat()

    def _live(self) -> None:
        """Give signs of life, and give back what others wait for and nobody here uses. The thread of the gate."""
        me = threading.current_thread()
        while not self._stop.wait(self._renew_every):
            with self._guard:
                if self._thread is not me:
                    return
                lines = list(self._mine)
            try:
                self._renew(lines)
            except Exception as error:  # noqa: BLE001 - a lease that is not renewed lapses, and is taken anew
                log.warning("leases of %d hosts not renewed: %s", len(lines), error)

    def _renew(self, lines: Iterable[str]) -> None:
        before = self._clock.monotonic()
        uses = {name: self._use(self._line(name)) for name in lines}
        if not uses:
            return
        renewal = self._leases.renew(self.holder, uses)
        with self._guard:
            for name in uses:
                if name not in renewal.kept:
                    self._mine.pop(name, None)
                elif name in self._mine:
                    self._mine[name] = before + renewal.seconds
            self._wanted = set(renewal.wanted)
        self._give_back(renewal.wanted, wait=0.0)

    def _give_back(self, lines: Iterable[str], *, wait: float) -> None:
        """Give back lines that nobody here uses; one in use is handed over before its next turn."""
        for name in lines:
            state = self._line(name)
            if state.lock.acquire(timeout=wait) if wait else state.lock.acquire(blocking=False):
                try:
                    self._hand_over(name, state)
                finally:
                    state.lock.release()

    def _hand_over(self, name: str, state: Line) -> None:
        with self._guard:
            mine = self._mine.pop(name, None) is not None
            self._wanted.discard(name)
        if mine:
            self._leases.give_back(self.holder, {name: self._use(state)})
