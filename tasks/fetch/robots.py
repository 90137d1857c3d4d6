"""robots.txt as RFC 9309 means it: absent is a yes, unreachable is a no for now, and the answer is kept for a day."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from protego import Protego

from schemas.errors import FetchTrouble
from schemas.settings import FetchSettings
from tasks.fetch.clock import Clock

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Rules:
    """What one origin's robots.txt said. `state` is allowed (there is one), absent or unreachable."""

    state: str
    parsed: Protego | None = None
    trouble: FetchTrouble | None = None
    delay: float = 0.0

    def decision(self, url: str, product: str) -> str:
        """allowed, disallowed, absent or unreachable."""
        if self.parsed is None:
            return self.state
        return "allowed" if self.parsed.can_fetch(url, product) else "disallowed"


@dataclass(slots=True)
class _Kept:
    lock: threading.Lock
    rules: Rules | None = None
    until: float = 0.0


class RobotsBook:
    """The rules by origin. Each is asked for once, by the first thread that needs it, while others wait."""

    def __init__(self, settings: FetchSettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._kept: dict[str, _Kept] = {}
        self._lock = threading.Lock()

    def rules(self, origin: str, ask: Callable[[], bytes | None]) -> Rules:
        """The rules of an origin; `ask` gets the file, None when there is none, or raises FetchTrouble."""
        kept = self._kept.get(origin)
        if kept is None:
            with self._lock:
                kept = self._kept.setdefault(origin, _Kept(threading.Lock()))
        if kept.rules is not None and self._clock.monotonic() < kept.until:
            return kept.rules
        with kept.lock:
            if kept.rules is None or self._clock.monotonic() >= kept.until:
                kept.rules = self._asked(ask)
                keep = self._settings.robots_retry if kept.rules.trouble else self._settings.robots_ttl
                kept.until = self._clock.monotonic() + keep
            return kept.rules

    def _asked(self, ask: Callable[[], bytes | None]) -> Rules:
        try:
            data = ask()
        except FetchTrouble as trouble:
            return Rules("unreachable", trouble=trouble)
        if data is None:
            return Rules("absent")
        parsed = Protego.parse(_whole_lines(data, self._settings.max_robots_bytes))
        return Rules("allowed", parsed, delay=self._delay(parsed))

    def _delay(self, parsed: Protego) -> float:
        """Seconds between requests that the file asks for: Crawl-delay, or the pause behind a Request-rate."""
        product = self._settings.product
        delay = float(parsed.crawl_delay(product) or 0.0)
        rate = parsed.request_rate(product)
        if rate is not None and rate.requests > 0:
            delay = max(delay, rate.seconds / rate.requests)
        return min(delay, self._settings.max_crawl_delay)


def _whole_lines(data: bytes, limit: int) -> str:
    """The file as text, without a BOM; of one that is too long, the whole lines within the limit."""
    data = data.removeprefix(_BOM)
    if len(data) >= limit:
        data = data[:limit].rpartition(b"\n")[0]
    return data.decode("utf-8", "replace")
