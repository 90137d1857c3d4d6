"""The walk through one site: asks for pages, lets the family read them, and proves that nothing was left out.

Proofs: page 2 must bring entries that page 1 does not have, else another convention for its address is tried; an empty
page is asked for once more; totals and page counts that the site announces are compared with what was seen; a page
that repeats an earlier one ends the chain as broken unless everything announced was already seen.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from schemas.discovery import Candidate, Discovery, Look, Page, PageRequest, Turn
from schemas.errors import DiscoverError, FetchTrouble, NianbaoError
from schemas.site import Entry, Site
from tasks.discover.chain import Chain, listed
from tasks.discover.families.base import Family
from tasks.discover.families.catalogue import AUTO, family
from tasks.discover.links import host_of, key
from tasks.discover.select import Selection
from tasks.discover.sniff import sniff

Get = Callable[[PageRequest], Page]

MAX_PAGES = 300  # of one column
MAX_COLUMNS = 400  # below one entry: years × unit types × agencies
MAX_DEPTH = 5
_OPENING = frozenset({"list", "column", "frame", "viewer"})
# After these the host must not be asked again for the same thing in another way.
_REFUSALS = ("challenge", "captcha", "forbidden", "rate_limited", "robots", "unauthorized", "circuit", "cap", "window")


def discover(site: Site, years: Collection[int], get: Get, *, since: date | None = None) -> Discovery:
    """All candidates of a site for these report years, with the proof of completeness.

    `get` fetches one request and raises FetchTrouble; pages come decoded. `since` leaves out what was listed earlier,
    and the pages below it when the list is provably sorted: such a look is partial and says nothing about absence.
    Raises DiscoverError or FetchTrouble when not one entry of the site could be looked at. No years, nothing to do.
    """
    if not years:
        return Discovery(site.id, (), 0, 0)
    selection = Selection(site, frozenset(years), since)
    looks, errors = [], []
    for entry in site.entries:
        walk = _Walk(site, entry, frozenset(years), get, since, selection)
        try:
            looks.append(walk.run())
        except (DiscoverError, FetchTrouble) as error:
            errors.append(error)
            looks.append(replace(walk.look(), problems=(*walk.problems, (error.code, _sentence(error)))))
    if errors and len(errors) == len(looks):
        raise errors[0]
    problems = tuple(dict.fromkeys(problem for look in looks for problem in look.problems))
    totals = [look.announced_total for look in looks if look.announced_total is not None]
    return Discovery(
        site=site.id,
        candidates=selection.candidates(),
        pages=sum(look.pages for look in looks),
        entries=sum(look.entries for look in looks),
        announced_total=sum(totals) if totals else None,
        problems=problems + selection.problems(),
        looks=tuple(looks),
        foreign=selection.foreign(),
    )


@dataclass
class _Walk:
    """One entry of the registry."""

    site: Site
    entry: Entry
    years: frozenset[int]
    get: Get
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
    empty: bool = False
    soft: DiscoverError | None = None
    below: NianbaoError | None = None  # the first trouble in a column below the entry

    def run(self) -> Look:
        """Walk all columns of the entry. Raises when the entry itself cannot be read."""
        named = self.entry.family or self.site.family
        first = family("generic" if named == AUTO else named)
        queue: deque[tuple[PageRequest, str, int]] = deque((item, named, 0) for item in self._start(first, named))
        opening = len(queue)
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
            queue.extend((found, by, depth + 1) for found, by in below if depth < MAX_DEPTH)
        if failed and len(failed) == opening and not self.entries:
            raise failed[0]
        if not (self.entries or self.empty or failed or self.used == "hanweb_xxgk"):
            nothing = DiscoverError("discover.layout_unknown", "no entries were found", where=self.entry.url)
            raise self.below or self.soft or nothing
        self.problems.extend((error.code, _sentence(error)) for error in failed)
        self._question_silence(opening)
        return self.look()

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
        elif request.purpose in ("list", "viewer"):
            failed.append(error)
        else:
            self.below = self.below or error
            self.problems.append((error.code, _sentence(error)))

    def _question_silence(self, opening: int) -> None:
        """Entries without a single report: the column is the wrong one, or its titles are not understood."""
        if self.entries and not self.reports and not self.partial and opening:
            self.problems.append((
                "discover.nothing_recognised",
                f"{self.entries} entries below {self.entry.url}, none of them reads like an annual report",
            ))  # fmt: skip

    def _column(self, request: PageRequest, named: str) -> Iterator[tuple[PageRequest, str]]:
        """One column from its first page to its end; gives the requests for the columns below it."""
        page, turn, reader = self._open(request, named)
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
        broken = chain.shortfall()
        if broken and not self._told(page.url):
            self.problems.append(("discover.chain_broken", f"{broken}: {page.url}"))

    def _reader_of(self, request: PageRequest, named: str, reader: Family) -> str:
        """A request made in a family's own terms is read by that family; a plain link may lead to another system."""
        return named if request.purpose != "aux" and _plain(request, self.entry) else reader.name

    def _take(self, chain: Chain, turn: Turn) -> None:
        before = chain.entries
        chain.accept(turn)
        self.pages += 1
        self.entries += chain.entries - before
        if chain.pages == 1 and turn.announced_total is not None:
            self.announced = (self.announced or 0) + turn.announced_total
        self.reports += self.selection.take(turn, self.entry, set(map(id, listed(turn))))

    def _may_stop(self, chain: Chain) -> bool:
        if self.since and chain.past(self.since):
            self.partial = True
            return True
        # Nothing about a year can be listed before that year begins.
        return chain.past(date(min(self.years), 1, 1))

    def _open(self, request: PageRequest, named: str) -> tuple[Page, Turn, Family]:
        """The first page of a column that gives anything; errors are raised when no alternative does."""
        first: NianbaoError | None = None
        empty: tuple[Page, Turn, Family] | None = None
        for option in (request, *request.alternatives):
            try:
                page, reader, turn = self._twice(option, named)
            except (DiscoverError, FetchTrouble) as error:
                first = first or error
                if _refused(error):
                    break
                continue
            if turn.entries_seen or turn.requests or option.purpose == "viewer":
                self.used = self.used or reader.name
                return page, turn, reader
            if turn.announced_total == 0:
                empty = empty or (page, turn, reader)  # believed only when no other way of asking brings entries
            first = first or DiscoverError("discover.layout_unknown", "the page is empty, twice", where=option.url)
        if empty and not (first and _refused(first)):
            self.used = self.used or empty[2].name
            return empty
        assert first is not None
        raise first

    def _twice(self, option: PageRequest, named: str) -> tuple[Page, Family, Turn]:
        """A page and what its family makes of it; one that shows nothing is asked for once more."""
        try:
            page = self._ask(option)
            reader, turn = self._read(page, named)
            if _says_something(turn, option):
                return page, reader, turn
        except DiscoverError as error:
            if error.code not in ("discover.layout_unknown", "discover.needs_browser"):
                raise
        page = self._ask(option)
        return page, *self._read(page, named)

    def _read(self, page: Page, named: str) -> tuple[Family, Turn]:
        if named == AUTO:
            reader = family(sniff(page) if page.request.purpose != "viewer" else "hanweb_xxgk")
            return reader, reader.turn(page)
        reader = family(named)
        try:
            return reader, reader.turn(page)
        except DiscoverError as error:
            guess = sniff(page)
            if (
                error.code != "discover.layout_unknown"
                or guess in (named, "generic")
                or not _plain(page.request, self.entry)
            ):
                raise
            try:
                other = family(guess)
                return other, other.turn(page)
            except DiscoverError:
                message = f"{error.message}; the page looks like family {guess}"
                raise DiscoverError(error.code, message, where=error.where) from error

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
        at_end = "optional" in state and (
            "repeats" not in outcomes or chain.pages > 1 or chain.entries < int(state.get("size", "0"))
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
                turn = reader.turn(self._ask(option))
            except FetchTrouble as error:
                return (f"refused {error.code}" if _refused(error) else error.code), None
            except DiscoverError as error:
                return error.code, None
            if turn.entries_seen and chain.fresh(turn):
                return "new", turn
            if turn.entries_seen:
                return "repeats", None
            if attempt == 2:
                return "empty", None
        raise AssertionError("unreachable")

    def _ask(self, request: PageRequest) -> Page:
        """Fetch a page of this site; an address outside the site's hosts is not asked for."""
        allowed = {host_of(f"//{host}") for host in self.site.hosts} | {host_of(self.entry.url)}
        if host_of(request.url) not in allowed:
            raise DiscoverError(
                "discover.foreign_host", "the list goes on at a host of another site", where=request.url
            )
        state = dict(request.state)
        missing = tuple((name, value) for name, value in sorted(self.entry.params.items()) if name not in state)
        page = self.get(replace(request, state=request.state + missing, alternatives=()))
        if page.status >= 400:
            raise FetchTrouble(
                "fetch.gone" if page.status in (404, 410) else "fetch.status",
                f"status {page.status}",
                where=request.url,
            )
        return page

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


def _plain(request: PageRequest, entry: Entry) -> bool:
    """True for a request that any family could have made: nothing in its state but the entry's parameters."""
    return not {name for name, _ in request.state} - {"soft", *entry.params}


def _says_something(turn: Turn, request: PageRequest) -> bool:
    return bool(turn.entries_seen or turn.requests or turn.announced_total == 0 or request.purpose == "viewer")


def _refused(error: NianbaoError) -> bool:
    return isinstance(error, FetchTrouble) and any(word in error.code for word in _REFUSALS)


def _sentence(error: NianbaoError) -> str:
    return f"{error.message} [{error.where}]" if error.where else error.message


__all__ = ["Candidate", "Get", "discover"]
