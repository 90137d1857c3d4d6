"""A look at live sites without a harvest: what each lists now (scout), and how an unknown one is built (probe)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from flows.parameters import CHINA, FIRST_YEAR, due_year
from flows.work.hands import fetch_settings
from schemas.discovery import Candidate
from schemas.errors import NianbaoError
from schemas.site import Entry, Limits, PublisherEntry, Site
from tasks.discover import discover
from tasks.discover.probe import probe
from tasks.fetch import Leases, PoliteClient

_NAMELESS = "机构名称待定"
"""Stands for the publisher while nobody has said who it is."""

_NAMED = 8
"""Publishers that the sentences of a probe name."""


@dataclass(frozen=True, slots=True)
class Scouted:
    """What one site lists: pages read, entries seen, reports by year (`?` for a year no title tells)."""

    site: str
    pages: int
    entries: int
    by_year: dict[str, int]
    problems: tuple[tuple[str, str], ...]
    complete: bool


@dataclass(frozen=True, slots=True)
class Probed:
    """What a probe found, in sentences, and a registry entry to start from (YAML)."""

    sentences: tuple[str, ...]
    entry: str


@contextmanager
def talking_client(sites: Iterable[Site], leases: Leases | None = None) -> Iterator[PoliteClient]:
    """A polite client for these sites that keeps nothing. With `leases` it shares their lines with other processes."""
    with PoliteClient(fetch_settings(), sites=sites, leases=leases) as client:
        yield client


def scout_site(
    client: PoliteClient, site: Site, years: Collection[int] | None = None, since: date | None = None
) -> Scouted:
    """Look through one site's columns and count. A site that cannot be looked through gives its problem."""
    wanted = years or range(FIRST_YEAR, due_year() + 1)
    try:
        found = discover(site, wanted, lambda request: client.page(request, site), since=since)
    except NianbaoError as error:
        return Scouted(site.id, 0, 0, {}, ((error.code, error.message),), complete=False)
    told = (*found.problems, *found.warnings)
    return Scouted(site.id, found.pages, found.entries, _by_year(found.candidates), told, found.complete)


def probe_site(
    url: str,
    *,
    name: str | None = None,
    allow_private: bool = False,
    limits: Limits | None = None,
    today: date | None = None,
) -> Probed:
    """Look at an address as if it were a registered site, and say what is there.

    From a home page the look goes down to the column of annual reports. Raises NianbaoError with the reason when there
    is none to be had.
    """
    draft = _draft(url, name, allow_private, limits or Limits())
    with talking_client([draft]) as client:
        found = probe(
            draft.entries[0].url,
            lambda request: client.page(request, draft),
            today=today or datetime.now(CHINA).date(),
            name=name,
            allow_private=allow_private,
        )
    if found.column is None or found.entry is None:
        code, why = found.problems[0]
        raise NianbaoError(code, why.removeprefix(f"{code}: "), where=found.column or url)
    links = [link for some in found.by_year.values() for link in some]
    named = ", ".join(f"{body} ({count})" for body, count in list(found.bodies.items())[:_NAMED] if body)
    sentences = (
        "Way: " + " → ".join(f"{words} {address}".strip() for address, words in found.way),
        f"Column: {found.column}",
        f"Family: {found.family or 'not recognised'}.",
        f"{len(links)} annual reports. By year: {_years(links) or 'none'}.",
        f"Publishers 发布机构 in the titles: {named or 'none named'}.",
        *(f"Problem: {code}: {message}" for code, message in found.problems),
    )
    return Probed(sentences, found.entry)


def _draft(url: str, name: str | None, allow_private: bool, limits: Limits) -> Site:
    """The site as far as its address tells, for the client: which host may be asked, and whether it may be private."""
    parts = urlsplit(url if "://" in url else f"http://{url}")
    return Site(
        id="probed",
        name=parts.netloc,
        host=parts.netloc,
        publishers=(PublisherEntry(id="probed", name=name or _NAMELESS),),
        entries=(Entry(url=parts.geturl()),),
        limits=limits,
        allow_private=allow_private,
    )


def _years(links: Iterable[Candidate]) -> str:
    return ", ".join(f"{year}: {count}" for year, count in _by_year(links).items())


def _by_year(links: Iterable[Candidate]) -> dict[str, int]:
    return dict(sorted(Counter(str(link.year) if link.year else "?" for link in links).items()))
