"""What the fetcher gives back, with the evidence of how politely it was had."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FetchEvidence:
    """One request as it happened. Times are UTC; durations in seconds."""

    url: str
    final_url: str
    fetched_at: datetime
    status: int | None
    robots: str  # allowed, disallowed, absent, unreachable, not-asked
    waited: float  # time this request waited for its turn at the host
    elapsed: float
    headers: dict[str, str] = field(default_factory=dict)
    redirects: tuple[str, ...] = ()
    trouble: str | None = None  # reason code
    bytes_received: int = 0


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document's bytes (None when the server said 304 Not Modified) and where they came from."""

    content: bytes | None
    sha256: str | None
    media_type: str | None  # as the server declared it; readers sniff for themselves
    evidence: FetchEvidence
    not_modified: bool = False


@dataclass(frozen=True, slots=True)
class Validators:
    """What a conditional request needs from the last answer."""

    etag: str | None = None
    last_modified: str | None = None
