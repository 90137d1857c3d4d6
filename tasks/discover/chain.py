"""The book-keeping of one column's pages: what was seen, whether it repeats, whether it is provably sorted by date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from schemas.discovery import Candidate, Turn
from tasks.discover.links import key
from tasks.discover.text import fold

_PROOF = 5  # so many dated rows in falling order count as proof that a list is sorted


@dataclass(slots=True)
class Chain:
    """Counts of one column. `entries` counts rows not seen on an earlier page."""

    pages: int = 0
    entries: int = 0
    announced_total: int | None = None
    announced_pages: int | None = None
    seen: set[tuple[str, str]] = field(default_factory=set)
    dates: list[str | None] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)  # rows of each page

    def fresh(self, turn: Turn) -> int:
        """How many of the page's rows stood on no earlier page."""
        return sum(1 for row in listed(turn) if _mark(row) not in self.seen)

    def is_old(self, turn: Turn) -> bool:
        """True for a page that repeats earlier ones: wholly, or for the most part while further pages are announced.

        A last page may overlap with the one before it, and a pinned entry stands on every page.
        """
        fresh, inner = self.fresh(turn), (self.announced_pages or 0) > self.pages + 1
        return fresh == 0 or (inner and 2 * fresh < len(listed(turn)))

    def accept(self, turn: Turn) -> None:
        """Take a page into the books."""
        rows = listed(turn)
        self.pages += 1
        self.entries += self.fresh(turn)
        self.seen.update(_mark(row) for row in rows)
        self.dates.extend(row.listed_on for row in rows)
        self.sizes.append(len(rows))
        if self.announced_total is None:
            self.announced_total = turn.announced_total
        if self.announced_pages is None:
            self.announced_pages = turn.announced_pages

    @property
    def satisfied(self) -> bool:
        """True when something was announced and all of it was seen."""
        told = self.announced_total is not None or self.announced_pages is not None
        return told and not self.shortfall()

    def shortfall(self) -> str | None:
        """What is missing against the announcement, in words. More than announced means it was about another list."""
        if self.announced_total is not None and self.entries < self.announced_total:
            return f"the site announces {self.announced_total} entries, {self.entries} were seen"
        if self.announced_pages is not None and self.pages < self.announced_pages:
            return f"the site announces {self.announced_pages} pages, {self.pages} were read"
        return None

    def uneven(self) -> str | None:
        """A page before the last that shows fewer entries than its neighbours, in words: entries were not recognised.

        Lists fill their pages; a total that was announced and reached outranks this.
        """
        if self.announced_total is not None and self.entries >= self.announced_total:
            return None
        inner, full = self.sizes[:-1], max(self.sizes[1:], default=0)  # a first page may show more than the others
        short = next((place for place, size in enumerate(inner, start=1) if size < full), None)
        return f"page {short} shows {inner[short - 1]} entries where others show {full}" if short else None

    def past(self, limit: date) -> bool:
        """True when all deeper entries are provably older than `limit`.

        Proof: every row so far has a date, they fall without exception, there are at least five of them with two
        different dates, and the last is older. A single undated or pinned row ends the proof and the walk goes on.
        """
        if len(self.dates) < _PROOF or any(day is None for day in self.dates):
            return False
        days = [day for day in self.dates if day]
        falling = all(newer >= older for newer, older in pairwise(days))
        return falling and days[0] != days[-1] and days[-1] < limit.isoformat()


def listed(turn: Turn) -> Sequence[Candidate]:
    """The list's own rows of a page, without files and strays."""
    return turn.candidates[: turn.entries_seen]


def _mark(row: Candidate) -> tuple[str, str]:
    return key(row.url), fold(row.title)
