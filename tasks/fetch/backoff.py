"""How long to leave a host alone before asking again: what it says itself, else longer each time."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from schemas.settings import FetchSettings

# Only these are tried again inside a run; the others either cannot change so soon or are refusals.
RETRIED = frozenset(
    {"fetch.network", "fetch.timeout", "fetch.truncated", "fetch.server_error", "fetch.rate_limited", "fetch.dns"}
)


def retry_after(value: str | None, now: datetime, cap: float) -> float | None:
    """Seconds that a Retry-After header asks for (RFC 9110 §10.2.3: seconds or an HTTP date), at most the cap.

    None when there is none or it cannot be understood; a date in the past is 0.
    """
    if value is None:
        return None
    value = value.strip()
    if value.isascii() and value.isdigit():
        return min(float(value), cap)
    try:
        date = parsedate_to_datetime(value)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return min(max((date - now).total_seconds(), 0.0), cap)


def pause(settings: FetchSettings, attempt: int, draw: float) -> float:
    """Seconds before the next attempt: doubling, with half of it drawn at random, at most `backoff_cap`.

    `attempt` counts from 1, `draw` is in [0, 1).
    """
    whole = min(settings.backoff * 2.0 ** (attempt - 1), settings.backoff_cap)
    return whole * (0.5 + draw / 2)
