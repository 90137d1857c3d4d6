"""How one page of a site is asked for: within its hosts, with the entry's parameters, twice when it shows nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from schemas.discovery import Page, PageRequest, Turn
from schemas.errors import DiscoverError, FetchTrouble, NianbaoError
from schemas.site import Entry, Site
from tasks.discover.families.base import Family
from tasks.discover.families.catalogue import AUTO, family
from tasks.discover.links import host_of
from tasks.discover.sniff import sniff
from tasks.discover.turning import Turned, Turns, remembered

Get = Callable[[PageRequest], Page]

# After these the host must not be asked again for the same thing in another way.
_REFUSALS = frozenset(
    f"fetch.{word}"
    for word in (
        "challenge", "captcha", "forbidden", "rate_limited", "robots_disallowed", "robots_unreachable", "host_stopped",
        "outside_window", "daily_cap", "no_contact", "maintenance", "dns", "tls", "private_address", "off_site",
        "ended",
    )
)  # fmt: skip


_STATUS = {
    401: "fetch.forbidden", 403: "fetch.forbidden", 404: "fetch.not_found", 410: "fetch.gone", 412: "fetch.challenge",
    429: "fetch.rate_limited", 521: "fetch.challenge",
}  # fmt: skip


_IN_A_TAG = re.compile(r"<[a-zA-Z/][^<>]*$")
_LISTING = re.compile(r"<(/?)(ul|ol|dl|table)\b", re.IGNORECASE)
_NO_MARKUP = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks for pages on behalf of one entry of the registry."""

    site: Site
    entry: Entry
    get: Get
    turns: Turns | None = None

    def ask(self, request: PageRequest) -> Page:
        """Fetch a page of this site; an address outside the site's hosts is not asked for."""
        allowed = {host_of(f"//{host}") for host in self.site.hosts} | {host_of(self.entry.url)}
        if host_of(request.url) not in allowed:
            raise DiscoverError(
                "discover.foreign_host", "the list goes on at a host of another site", where=request.url
            )
        state = dict(request.state)
        missing = tuple((name, value) for name, value in sorted(self.entry.params.items()) if name not in state)
        wanted = replace(request, state=request.state + missing, alternatives=())
        page = self.get(wanted)
        if _cut_off(page.text):
            again = self.get(wanted)
            if _cut_off(again.text) and (again.text != page.text or _in_its_middle(again.text)):
                raise FetchTrouble("fetch.truncated", "the page ends in its middle, twice", where=request.url)
            page = again  # the same twice: a site that does not close its pages
        if page.status >= 400:
            code = _STATUS.get(page.status, "fetch.server_error" if page.status >= 500 else "fetch.bad_answer")
            raise FetchTrouble(code, f"status {page.status}", where=request.url)
        return page

    def first(self, request: PageRequest, named: str) -> tuple[Page, Turn, Family]:
        """The first page of a column that gives anything; errors are raised when no alternative does."""
        first: NianbaoError | None = None
        empty: tuple[Page, Turn, Family] | None = None
        for option in (request, *request.alternatives):
            try:
                page, reader, turn = self._twice(option, named)
            except (DiscoverError, FetchTrouble) as error:
                first = first or error
                if refused(error):
                    break
                continue
            if turn.entries_seen or turn.requests or option.purpose == "viewer":
                return page, turn, reader
            if turn.announced_total == 0:
                empty = empty or (page, turn, reader)  # believed only when no other way of asking brings entries
            first = first or DiscoverError("discover.layout_unknown", "the page is empty, twice", where=option.url)
        if empty and not (first and refused(first)):
            return empty
        assert first is not None
        raise first

    def _twice(self, option: PageRequest, named: str) -> tuple[Page, Family, Turn]:
        """A page and what its family makes of it; one that shows nothing is asked for once more."""
        try:
            page = self.ask(option)
            reader, turn = self._read(page, named)
            if _says_something(turn, option):
                return page, reader, turn
        except DiscoverError as error:
            if error.code not in ("discover.layout_unknown", "discover.needs_browser"):
                raise
        page = self.ask(option)
        return page, *self._read(page, named)

    def turn(self, page: Page, reader: Family) -> Turn:
        """What a family makes of a page. Raises DiscoverError for one that it does not understand."""
        return remembered(
            self.turns, page, reader.name, self.entry, lambda: Turned(reader.name, reader.turn(page))
        ).turn

    def _read(self, page: Page, named: str) -> tuple[Family, Turn]:
        def work() -> Turned:
            reader, turn = self._understood(page, named)
            return Turned(reader.name, turn)

        found = remembered(self.turns, page, f"first {named}", self.entry, work)
        return family(found.family), found.turn

    def _understood(self, page: Page, named: str) -> tuple[Family, Turn]:
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
                or not plain(page.request, self.entry)
            ):
                raise
            try:
                other = family(guess)
                return other, other.turn(page)
            except DiscoverError:
                message = f"{error.message}; the page looks like family {guess}"
                raise DiscoverError(error.code, message, where=error.where) from error


def _cut_off(text: str) -> bool:
    """True for a page that opens and never closes: its pager, at the end, may be missing with the rest."""
    ending = text[-2000:].lower()
    return "<html" in text[:2000].lower() and "</html" not in ending and "</body" not in ending


def _in_its_middle(text: str) -> bool:
    """True for a text that ends inside a tag, or while a list or table is open: sloppy authors leave out the end of the
    page, and not that of the list before it."""
    opened: Counter[str] = Counter()
    for closing, name in _LISTING.findall(_NO_MARKUP.sub("", text)):
        opened[name.lower()] += -1 if closing else 1
    return bool(_IN_A_TAG.search(text[-2000:])) or any(number > 0 for number in opened.values())


def plain(request: PageRequest, entry: Entry) -> bool:
    """True for a request that any family could have made: nothing in its state but the entry's parameters."""
    return not {name for name, _ in request.state} - {"soft", *entry.params}


def _says_something(turn: Turn, request: PageRequest) -> bool:
    return bool(turn.entries_seen or turn.requests or turn.announced_total == 0 or request.purpose == "viewer")


def refused(error: NianbaoError) -> bool:
    """True for an answer that means no: it is respected, no other way is tried."""
    return isinstance(error, FetchTrouble) and error.code in _REFUSALS


def sentence(error: NianbaoError) -> str:
    """The error for a list of problems, with its place."""
    return f"{error.message} [{error.where}]" if error.where else error.message
