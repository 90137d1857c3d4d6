"""What the fetcher gives back, with the evidence of how politely it was had."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FetchEvidence:
    """One request as it happened, redirects included. Times are UTC; durations in seconds.

    A request that is tried again leaves one evidence per attempt.
    """

    url: str
    final_url: str
    fetched_at: datetime
    status: int | None
    robots: str  # allowed, disallowed, absent, unreachable, not-asked
    waited: float  # time this request waited for its turn at the host, over all hops
    elapsed: float  # time the exchange took, without the waiting
    headers: dict[str, str] = field(default_factory=dict)  # names in lower case; of cookies only the names
    redirects: tuple[str, ...] = ()  # every address that sent us on, in order; the last leads to final_url
    trouble: str | None = None  # reason code
    bytes_received: int = 0  # of bodies as they came over the wire, i.e. packed
    method: str = "GET"
    attempt: int = 1
    delay: float = 0.0  # pause between requests that was in force at the final host (registry or Crawl-delay)
    peer: str | None = None  # network address that answered
    notes: tuple[str, ...] = ()  # oddities: undeclared gzip, https to http, length not announced …


@dataclass(frozen=True, slots=True)
class Fetched:
    """A document's bytes (None when the server said 304 Not Modified) and where they came from."""

    content: bytes | None
    sha256: str | None
    media_type: str | None  # as the server declared it; readers sniff for themselves
    evidence: FetchEvidence
    not_modified: bool = False
    name: str | None = None  # file name the server or the address gives


@dataclass(frozen=True, slots=True)
class Validators:
    """What a conditional request needs from the last answer.

    `url` is the address that gave them when redirects led there: they are then sent to that address only,
    so that a page we were sent to by mistake can never call itself unchanged.
    """

    etag: str | None = None
    last_modified: str | None = None
    url: str | None = None
