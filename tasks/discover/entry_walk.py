"""The walk through one entry of the registry: its columns and sub-columns, each from its first page to its end.

Proofs: page 2 must bring entries that page 1 does not have, else another convention for its address is tried; an empty
page is asked for once more; totals and page counts that the site announces are compared with what was seen; a page
that repeats an earlier one ends the chain as broken unless everything announced was already seen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from schemas.discovery import Look, PageRequest, Turn
from schemas.errors import DiscoverError, FetchTrouble, NianbaoError
from schemas.site import Entry
from tasks.discover.asking import Asker, plain, refused, sentence
from tasks.discover.chain import Chain, listed
from tasks.discover.families.base import Family
from tasks.discover.families.catalogue import AUTO, family
from tasks.discover.links import key
from tasks.discover.select import Selection

MAX_PAGES = 300  # of one column
MAX_COLUMNS = 400  # below one entry: years × unit types × agencies
MAX_DEPTH = 5
_NOTHING_THERE = frozenset({"empty", "repeats", "fetch.not_found", "fetch.gone", "fetch.soft_404"})


@dataclass
class EntryWalk:
    """One entry of the registry."""

    entry: Entry
    asker: Asker
    years: frozenset[int]
    since: date | None
    selection: Selection
    problems: list[tuple[str, str]] = field(default_factory=list)
    asked: set[tuple[object, ...]] = field(default_factory=set)
    used: str | None = None
    pages: int = 0
    entries: int = 0
    reports: int = 0
    announced: int | None = None
    partial: bool = False
    cut: bool = False  # older pages were left out because no year asked for can stand there
    by_year: bool = False  # asked year by year, and only for the years wanted
    empty: bool = False
    soft: DiscoverError | None = None
    one_of: DiscoverError | None = None  # the first of several alternatives that was not understood
    one_found: bool = False
    below: NianbaoError | None = None  # the first trouble in a column below the entry

    def run(self) -> Look:
        """Walk all columns of the entry. Raises when the entry itself cannot be read."""
        named = self.entry.family or self.asker.site.family
        first = family("generic" if named == AUTO else named)
        queue: deque[tuple[PageRequest, str, int]] = deque((item, named, 0) for item in self._start(first, named))
        opening = len(queue)
        self.by_year = any(request.purpose == "viewer" for request, _, _ in queue)
        failed: list[NianbaoError] = []
        columns = 0
        while queue:
            request, reader, depth = queue.popleft()
            if not self._new(request):
                continue
            columns += 1
            if columns > max(MAX_COLUMNS, opening):
                self.problems.append(
                    ("discover.bound_reached", f"more than {MAX_COLUMNS} columns below {self.entry.url}")
                )
                break
            try:
                below = list(self._column(request, reader))
            except (DiscoverError, FetchTrouble) as error:
                self._failed(request, error, failed)
                continue
            if below and depth >= MAX_DEPTH:
                self.problems.append(("discover.bound_reached", f"columns below {request.url} lie too deep"))
                continue
            queue.extend((found, by, depth + 1) for found, by in below)
        if failed and len(failed) == opening and not self.entries:
            raise failed[0]
        if not (self.entries or self.empty or failed or self.used == "hanweb_xxgk"):
            nothing = DiscoverError("discover.layout_unknown", "no entries were found", where=self.entry.url)
            raise self.below or self.soft or nothing
        if self.one_of and not self.one_found:
            failed.append(self.one_of)
        self.problems.extend((error.code, sentence(error)) for error in failed)
        self._question_silence(opening)
        return self.look()

    @property
    def bounded(self) -> bool:
        """True when the years asked for, or a day, kept the walk from seeing all that the entry lists."""
        return self.cut or self.partial or self.by_year

    def look(self) -> Look:
        """What was seen so far."""
        return Look(
            entry=self.entry.url,
            publisher=self.entry.publisher,
            family=self.used,
            pages=self.pages,
            entries=self.entries,
            reports=self.reports,
            announced_total=self.announced,
            partial=self.partial,
            problems=tuple(self.problems),
        )

    def _start(self, first: Family, named: str) -> tuple[PageRequest, ...]:
        if named == AUTO and (self.entry.params.get("area") or "xxgkannualreport" in self.entry.url.lower()):
            first = family("hanweb_xxgk")  # its address alone tells, and its pages are asked by year
        return first.start(self.entry, self.years)

    def _failed(self, request: PageRequest, error: DiscoverError | FetchTrouble, failed: list[NianbaoError]) -> None:
        if "soft" in dict(request.state) and isinstance(error, DiscoverError):
            self.soft = self.soft or error
            if dict(request.state)["soft"] == "one":
                self.one_of = self.one_of or error
        elif request.purpose in ("list", "viewer"):
            failed.append(error)
        else:
            self.below = self.below or error
            self.problems.append((error.code, sentence(error)))

    def _question_silence(self, opening: int) -> None:
        """Entries without a single report: the column is the wrong one, or its titles are not understood."""
        told = None
        if self.entries and not self.reports and not (self.partial or self.cut):
            told = f"{self.entries} entries below {self.entry.url}, none of them reads like an annual report"
        elif opening > 2 and not self.entries and self.used == "hanweb_xxgk" and not self.problems:
            told = f"the viewer {self.entry.url} shows nothing for any of {opening} years; is the area code right?"
        if told:
            self.problems.append(("discover.nothing_recognised", told))

    def _column(self, request: PageRequest, named: str) -> Iterator[tuple[PageRequest, str]]:
        """One column from its first page to its end; gives the requests for the columns below it."""
        page, turn, reader = self.asker.first(request, named)
        if self.used in (None, "generic"):  # a page of folders may bear no marks, and the lists below it do
            self.used = reader.name
        self.one_found |= ("soft", "one") in request.state and turn.entries_seen > 0
        yield from (
            (below, self._reader_of(below, named, reader)) for below in turn.requests if below.purpose == "column"
        )
        inner = [below for below in turn.requests if below.purpose in ("frame", "aux")]
        for below in inner:
            if self._new(below):
                yield from self._column(below, self._reader_of(below, named, reader))
        if inner and not turn.entries_seen:
            return
        chain = Chain()
        self._take(chain, turn)
        self.empty |= turn.announced_total == 0
        while following := next((found for found in turn.requests if found.purpose == "page"), None):
            if self._may_stop(chain):
                return
            if chain.pages >= int(self.entry.params.get("max_pages", MAX_PAGES)):
                self.problems.append(
                    ("discover.bound_reached", f"{chain.pages} pages read of {page.url}, and more follow")
                )
                return
            answer = self._next(chain, following, reader, page.url)
            if answer is None:
                break
            turn = answer
            self._take(chain, turn)
        broken = chain.shortfall() or chain.uneven()
        if broken and not self._told(page.url):
            self.problems.append(("discover.chain_broken", f"{broken}: {page.url}"))

    def _reader_of(self, request: PageRequest, named: str, reader: Family) -> str:
        """A request made in a family's own terms is read by that family; a plain link may lead to another system."""
        return named if request.purpose != "aux" and plain(request, self.entry) else reader.name

    def _take(self, chain: Chain, turn: Turn) -> None:
        before = chain.entries
        chain.accept(turn)
        self.pages += 1
        self.entries += chain.entries - before
        if chain.pages == 1 and turn.announced_total is not None:
            self.announced = (self.announced or 0) + turn.announced_total
        self.problems.extend(problem for problem in turn.problems if problem not in self.problems)
        self.reports += self.selection.take(turn, self.entry, set(map(id, listed(turn))))

    def _may_stop(self, chain: Chain) -> bool:
        if self.since and chain.past(self.since):
            self.partial = True
            return True
        # Nothing about a year can be listed before that year begins.
        stop = chain.past(date(min(self.years), 1, 1))
        self.cut |= stop
        return stop

    def _next(self, chain: Chain, request: PageRequest, reader: Family, column: str) -> Turn | None:
        """The next page that brings new entries, by the first convention that fits; None at the end of the chain."""
        outcomes: list[str] = []
        for option in (request, *request.alternatives):
            outcome, turn = self._try(chain, option, reader)
            if turn is not None:
                return turn
            if outcome.startswith("refused "):
                self.problems.append(
                    (outcome.removeprefix("refused "), f"page {chain.pages + 1} of {column} was refused")
                )
                return None
            outcomes.append(outcome)
        state = dict(request.state)
        # Without any total an empty answer to the way that gave the pages so far is the end; a repetition is none,
        # unless the list never filled a page.
        at_end = (
            "optional" in state
            and not set(outcomes) - _NOTHING_THERE
            and (
                outcomes[0] == "empty"
                or "repeats" not in outcomes
                or chain.pages > 1
                or chain.entries < int(state.get("size", "0"))
            )
        )
        if not at_end and not chain.satisfied:
            tried = ", ".join(dict.fromkeys(outcomes))
            self.problems.append(
                ("discover.chain_broken", f"page {chain.pages + 1} of {column}: {tried} ({request.url})")
            )
        return None

    def _try(self, chain: Chain, option: PageRequest, reader: Family) -> tuple[str, Turn | None]:
        for attempt in (1, 2):  # an empty page is asked for once more
            try:
                turn = self.asker.turn(self.asker.ask(option), reader)
            except FetchTrouble as error:
                return (f"refused {error.code}" if refused(error) else error.code), None
            except DiscoverError as error:
                return error.code, None
            if turn.entries_seen and not chain.is_old(turn):
                return "new", turn
            if turn.entries_seen:
                return "repeats", None
            if attempt == 2:
                return "empty", None
        raise AssertionError("unreachable")

    def _new(self, request: PageRequest) -> bool:
        mark = (request.method, key(request.url), request.form, request.json)
        if mark in self.asked:
            return False
        self.asked.add(mark)
        return True

    def _told(self, url: str) -> bool:
        return any(
            code in ("discover.chain_broken", "discover.bound_reached") and url in text for code, text in self.problems
        )
