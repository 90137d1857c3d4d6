"""Stops a host that keeps refusing (for the run) or failing (for a while): pushing on would be rude and useless."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from tasks.fetch.clock import Clock
from tasks.fetch.failures import fail

REFUSALS = frozenset({"fetch.challenge", "fetch.captcha", "fetch.forbidden", "fetch.rate_limited"})
FAILURES = frozenset(
    {"fetch.dns", "fetch.network", "fetch.timeout", "fetch.tls", "fetch.server_error", "fetch.maintenance"}
)


@dataclass(slots=True)
class _Tally:
    refusals: int = 0
    failures: int = 0
    stopped: str | None = None
    until: float | None = None  # None: for the run


class Breaker:
    """Counts troubles in a row per host: every refusal, and every failure that trying again did not cure.

    Any proper answer, a plain 404 too, ends the row. A refusing host stays stopped; one that failed is tried again
    after a pause, and stopped again by the next failure.
    """

    def __init__(self, clock: Clock, *, refusals: int, failures: int, pause: float) -> None:
        self._clock = clock
        self._refusals = refusals
        self._failures = failures
        self._pause = pause
        self._hosts: dict[str, _Tally] = {}
        self._lock = threading.Lock()

    def check(self, host: str, where: str) -> None:
        """Raises `fetch.host_stopped` when the host was stopped."""
        stopped = self._stop(self._hosts.get(host))
        if stopped is not None:
            raise fail("fetch.host_stopped", stopped, where)

    def answered(self, host: str, code: str | None = None) -> None:
        """The host answered: properly, or with this trouble, which may be a refusal."""
        if code in FAILURES:
            return
        if code not in REFUSALS:
            tally = self._hosts.get(host)
            if tally is not None:
                with self._lock:
                    tally.refusals = tally.failures = 0
            return
        with self._lock:
            tally = self._hosts.setdefault(host, _Tally())
            tally.refusals += 1
            tally.failures = 0
            if tally.refusals >= self._refusals:
                tally.stopped, tally.until = f"{host} refused {tally.refusals} times in a row, last: {code}", None

    def failed(self, host: str, code: str) -> None:
        """Something was given up; counts when the host itself failed."""
        if code not in FAILURES:
            return
        with self._lock:
            tally = self._hosts.setdefault(host, _Tally())
            tally.failures += 1
            if tally.failures >= self._failures and self._stop(tally) is None:
                tally.until = self._clock.monotonic() + self._pause
                tally.stopped = (
                    f"{host} failed {tally.failures} times in a row, last: {code}; asked again after a pause"
                )

    def stopped(self) -> dict[str, str]:
        """The hosts that are stopped now, with the sentence why."""
        with self._lock:
            found = {host: self._stop(tally) for host, tally in self._hosts.items()}
        return {host: stopped for host, stopped in found.items() if stopped is not None}

    def is_stopped(self, host: str) -> bool:
        """Whether the host is stopped now."""
        return self._stop(self._hosts.get(host)) is not None

    def _stop(self, tally: _Tally | None) -> str | None:
        if tally is None or (tally.until is not None and self._clock.monotonic() >= tally.until):
            return None
        return tally.stopped
