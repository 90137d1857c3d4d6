"""What discovery exchanges with the fetcher: requests, pages, candidates. No network in these shapes."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class PageRequest:
    """A page that a family wants. `purpose` is the family's own mark (list, page, tree, detail …), handed back."""

    url: str
    method: str = "GET"
    form: tuple[tuple[str, str], ...] = ()
    json: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    purpose: str = "list"
    state: tuple[tuple[str, str], ...] = ()  # what the family must remember, e.g. page number and column


@dataclass(frozen=True, slots=True)
class Page:
    """An answer as plain data: the text is decoded, `url` is the address after redirects."""

    request: PageRequest
    url: str
    status: int
    text: str
    headers: dict[str, str] = field(default_factory=dict)
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A link that may be a report: guesses only; the document decides."""

    url: str
    title: str
    year: int | None  # from the title
    listed_on: str | None  # ISO date beside the link
    found_at: str  # url of the list page
    kind: str = "page"  # page, attachment, viewer
    publisher: str | None = None  # id of the publisher when the column or the address tells


@dataclass(frozen=True, slots=True)
class Turn:
    """What a family makes of one page: links found, further pages to ask for, and what the page announces."""

    candidates: tuple[Candidate, ...] = ()
    requests: tuple[PageRequest, ...] = ()
    announced_total: int | None = None  # entries the site says the column has
    announced_pages: int | None = None
    entries_seen: int = 0  # all entries of the list on this page, reports or not


@dataclass(frozen=True, slots=True)
class Discovery:
    """All that one site gave: candidates, proof of completeness, and what went wrong on the way."""

    site: str
    candidates: tuple[Candidate, ...]
    pages: int
    entries: int
    announced_total: int | None = None
    problems: tuple[tuple[str, str], ...] = ()  # (reason code, sentence); any makes the look incomplete

    @property
    def complete(self) -> bool:
        """True when every column was read to its end: only then may a missing year be called not published."""
        return not self.problems
