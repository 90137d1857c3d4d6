"""What a fetch is asked to do, and the trail it leaves: the evidence in the making."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from schemas.fetched import FetchEvidence, Validators
from schemas.site import Site
from tasks.fetch.address import Address
from tasks.fetch.wire import Answer

_VALUE = 2000  # characters of a header's value that are kept as evidence


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to fetch. `kind` is document, page or robots; `site` the one by whose rules it is asked."""

    start: Address
    kind: str
    limit: int
    site: Site | None = None
    method: str = "GET"
    form: tuple[tuple[str, str], ...] = ()
    json: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    validators: Validators | None = None
    expect: str | None = None
    is_list: bool = False


@dataclass(slots=True)
class Trail:
    """One attempt at an errand, filled in as it happens."""

    errand: Errand
    attempt: int
    started: datetime
    final: Address
    queue: str | None = None
    status: int | None = None
    robots: str = "not-asked"
    robots_failed: bool = False
    waited: float = 0.0
    elapsed: float = 0.0
    delay: float = 0.0
    retry_after: float | None = None
    received: int = 0
    peer: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    redirects: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    cookies: int = 0  # answers that set one

    def step(self, here: Address, queue: str) -> None:
        """The next request goes to this address; what the last one answered is no longer the end."""
        self.final, self.queue = here, queue
        self.status, self.headers, self.peer = None, {}, None

    def answered(self, answer: Answer) -> None:
        """An answer came, a redirect or the last one."""
        self.received += answer.received
        self.notes += answer.notes
        self.cookies += bool(answer.cookies)

    def redirected(self, note: str | None = None) -> None:
        """The address was not the last one."""
        self.redirects.append(self.final.url)
        if note:
            self.notes.append(note)

    def evidence(self, trouble: str | None = None) -> FetchEvidence:
        """The trail as it stands now."""
        return FetchEvidence(
            url=self.errand.start.url,
            final_url=self.final.url,
            fetched_at=self.started,
            status=self.status,
            robots=self.robots,
            waited=self.waited,
            elapsed=self.elapsed,
            headers={name: value[:_VALUE] for name, value in self.headers.items()},
            redirects=tuple(self.redirects),
            trouble=trouble,
            bytes_received=self.received,
            method=self.errand.method,
            attempt=self.attempt,
            delay=self.delay,
            peer=self.peer,
            notes=tuple(self.notes),
        )


@dataclass(frozen=True, slots=True)
class Arrival:
    """The last answer of an errand that went well, where it came from, and the evidence."""

    address: Address
    answer: Answer
    evidence: FetchEvidence
    not_modified: bool = False
