"""What discovery exchanges with the fetcher: requests, pages, candidates. No network in these shapes."""

from __future__ import annotations

from dataclasses import dataclass, field

YIELD_LOW = "discover.yield_low"


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
    alternatives: tuple[PageRequest, ...] = ()  # other conventions for the same page, tried when this one does not fit


@dataclass(frozen=True, slots=True)
class Page:
    """An answer as plain data: the text is decoded, `url` is the address after redirects."""

    request: PageRequest
    url: str
    status: int
    text: str
    headers: dict[str, str] = field(default_factory=dict)
    sha256: str | None = None
    not_modified: bool = False  # the server said 304: the text is the one kept from last time


@dataclass(frozen=True, slots=True)
class Candidate:
    """A link that may be a report: guesses only; the document decides."""

    url: str
    title: str
    year: int | None  # from the title
    listed_on: str | None  # ISO date beside the link
    found_at: str  # url of the list page
    kind: str = "page"  # page, attachment, viewer
    publisher: str | None = None  # id of the publisher when the title, the column or the address tells
    precision: str = "certain"  # of the title: certain, likely, guess
    version: str | None = None  # what the title says of this copy: image, pdf, text, reissue, correction
    written: str | None = None  # the publisher's name as the title has it


@dataclass(frozen=True, slots=True)
class Turn:
    """What a family makes of one page: links found, further pages to ask for, and what the page announces."""

    candidates: tuple[Candidate, ...] = ()
    requests: tuple[PageRequest, ...] = ()
    announced_total: int | None = None  # entries the site says the column has
    announced_pages: int | None = None
    entries_seen: int = 0  # all entries of the list on this page, reports or not
    problems: tuple[tuple[str, str], ...] = ()  # (reason code, sentence): what the page shows and cannot be followed


@dataclass(frozen=True, slots=True)
class Look:
    """What one entry of the registry gave: the proof of completeness for its publisher."""

    entry: str  # url of the entry
    publisher: str | None
    family: str | None = None  # as used: named by the registry or sniffed
    pages: int = 0
    entries: int = 0  # entries of its lists, reports or not
    reports: int = 0  # of these, annual reports of any body and year
    announced_total: int | None = None
    partial: bool = False  # older pages were left out because of `since`
    problems: tuple[tuple[str, str], ...] = ()  # (reason code, sentence)

    @property
    def complete(self) -> bool:
        """True when this column was read to its end."""
        return not self.problems and not self.partial


@dataclass(frozen=True, slots=True)
class Discovery:
    """All that one site gave: candidates, proof of completeness, and what went wrong on the way."""

    site: str
    candidates: tuple[Candidate, ...]
    pages: int
    entries: int
    announced_total: int | None = None
    problems: tuple[tuple[str, str], ...] = ()  # (reason code, sentence); any makes the look incomplete
    looks: tuple[Look, ...] = ()  # one per entry of the registry, in its order
    foreign: tuple[Candidate, ...] = ()  # reports of bodies that this site's entry does not name
    doubts: tuple[tuple[str, str], ...] = ()  # (publisher id, reason code): a report was seen and left out
    warnings: tuple[tuple[str, str], ...] = ()  # (reason code, sentence): odd, and the look is complete all the same

    @property
    def blocked(self) -> bool:
        """True when the site gave less than the registry says it must: none of it is to be used until that is clear."""
        return any(code == YIELD_LOW for code, _ in self.problems)

    @property
    def usable(self) -> tuple[Candidate, ...]:
        """The candidates that may be fetched."""
        return () if self.blocked else self.candidates

    @property
    def complete(self) -> bool:
        """True when every column was read to its end: only then may a missing year be called not published."""
        return not self.problems and not any(look.partial for look in self.looks)

    def complete_for(self, publisher: str) -> bool:
        """The same for one publisher: every column that may hold its reports was read to its end."""
        mine = [look for look in self.looks if look.publisher in (publisher, None)]
        if self.blocked:
            return False
        doubted = any(doubtful == publisher for doubtful, _ in self.doubts)
        return bool(mine) and not doubted and all(look.complete for look in mine)
