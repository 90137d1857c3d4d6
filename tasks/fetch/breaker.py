"""Stops a host for the run when it keeps refusing or failing: pushing on would be rude and useless."""

from __future__ import annotations

import threading
from dataclasses import dataclass

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


class Breaker:
    """Counts troubles in a row per host. Any proper answer, a plain 404 too, ends the row; nothing ends a stop."""

    def __init__(self, *, refusals: int, failures: int) -> None:
        self._refusals = refusals
        self._failures = failures
        self._hosts: dict[str, _Tally] = {}
        self._lock = threading.Lock()

    def check(self, host: str, where: str) -> None:
        """Raises `fetch.host_stopped` when the host was stopped."""
        tally = self._hosts.get(host)
        if tally is not None and tally.stopped is not None:
            raise fail("fetch.host_stopped", tally.stopped, where)

    def answered(self, host: str) -> None:
        """The host gave a proper answer."""
        tally = self._hosts.get(host)
        if tally is not None:
            with self._lock:
                tally.refusals = tally.failures = 0

    def troubled(self, host: str, code: str) -> None:
        """The host refused or failed; other codes count as a proper answer."""
        if code not in REFUSALS and code not in FAILURES:
            self.answered(host)
            return
        with self._lock:
            tally = self._hosts.setdefault(host, _Tally())
            if code in REFUSALS:
                tally.refusals += 1
                tally.failures = 0
            else:
                tally.failures += 1
            if tally.refusals >= self._refusals:
                tally.stopped = tally.stopped or f"{host} refused {tally.refusals} times in a row, last: {code}"
            elif tally.failures >= self._failures:
                tally.stopped = tally.stopped or f"{host} failed {tally.failures} times in a row, last: {code}"

    def stopped(self) -> dict[str, str]:
        """The hosts that were stopped, with the sentence why."""
        with self._lock:
            return {host: tally.stopped for host, tally in self._hosts.items() if tally.stopped is not None}
