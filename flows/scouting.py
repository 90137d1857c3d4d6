"""A look at live sites without a harvest: what each lists now (scout), and how an unknown one is built (probe)."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

import yaml

from flows.parameters import FIRST_YEAR, due_year
from flows.work.hands import fetch_settings
from schemas.discovery import Candidate, Page, PageRequest
from schemas.errors import NianbaoError
from schemas.site import Entry, PublisherEntry, Site
from tasks.discover import discover
from tasks.fetch import Leases, PoliteClient

_NAMELESS = "机构名称待定"
"""Stands in a probed entry for a name that neither the titles nor the operator gave."""


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
    return Scouted(site.id, found.pages, found.entries, _by_year(found.candidates), found.problems, found.complete)


def probe_site(url: str, *, name: str | None = None, allow_private: bool = False) -> Probed:
    """Look at an address as if it were a registered site, and say what is there.

    From a home page the walk goes down to the columns with annual reports; the column of the publisher named most
    often (or of `name`) is then looked at by itself. Raises FetchTrouble or DiscoverError when nothing could be had.
    """
    draft = _draft(url, name, allow_private)
    years = range(FIRST_YEAR, due_year() + 1)
    with talking_client([draft]) as client:

        def get(request: PageRequest) -> Page:
            return client.page(request, draft)

        found = discover(draft, years, get)
        whose = name or _most_named([*found.candidates, *found.foreign])
        column = _column_of(whose, [*found.candidates, *found.foreign]) or draft.entries[0].url
        if column != draft.entries[0].url:
            draft = draft.model_copy(update={"entries": (Entry(url=column),)})
            found = discover(draft, years, get)
    links = [*found.candidates, *found.foreign]
    family = next((look.family for look in found.looks if look.family), None)
    sentences = (
        f"Column: {column}",
        f"{found.pages} pages read, {found.entries} entries seen, {len(links)} annual reports among them.",
        f"Family: {family or 'not recognised'}.",
        f"By year: {', '.join(f'{year}: {count}' for year, count in _by_year(links).items()) or 'none'}.",
        f"Publisher 发布机构 in the titles: {whose or 'none named'}.",
        *(f"Problem: {code}: {message}" for code, message in found.problems),
    )
    return Probed(sentences, _entry(draft, links, family, whose))


def _column_of(name: str | None, links: Iterable[Candidate]) -> str | None:
    """The folder below which most lists with reports of this body stand; None when there are none."""
    folders = Counter(link.found_at.rsplit("/", 1)[0] for link in links if name is None or link.written == name)
    if not folders:
        return None
    most = folders.most_common(1)[0][0]
    shared = posixpath.commonpath([urlsplit(folder).path or "/" for folder in folders])
    parts = urlsplit(most)
    deep_enough = shared.count("/") >= 3  # /zwgk/xxgk/nb divides into years; / and /zwgk hold everything
    listed = [link.found_at for link in links if link.found_at.rsplit("/", 1)[0] == most]
    if deep_enough and len(folders) > 1:
        return f"{parts.scheme}://{parts.netloc}{shared}/"
    return min(listed, key=len)


def _draft(url: str, name: str | None, allow_private: bool) -> Site:
    parts = urlsplit(url if "://" in url else f"http://{url}")
    ident = re.sub(r"[^a-z0-9]+", "-", parts.netloc.lower()).strip("-")[:60] or "site"
    return Site(
        id=ident,
        name=f"{parts.netloc}",
        host=parts.netloc,
        publishers=(PublisherEntry(id=f"{ident}-1"[:64], name=name or _NAMELESS),),
        entries=(Entry(url=parts.geturl(), publisher=f"{ident}-1"[:64] if name else None),),
        allow_private=allow_private,
    )


def _entry(draft: Site, links: Iterable[Candidate], family: str | None, name: str | None) -> str:
    """A registry file for the site; `verified_on` stays empty until a person has looked."""
    publisher = draft.publishers[0].id
    years = sorted(link.year for link in links if link.year is not None)
    body = {"id": publisher, "name": name or _NAMELESS, **({"owed_from": years[0]} if years else {})}
    plain = {
        "id": draft.id,
        "name": draft.name,
        "host": draft.host,
        "family": family or "auto",
        "publishers": [body],
        "entries": [{"url": draft.entries[0].url, "publisher": publisher}],
        **({"allow_private": True} if draft.allow_private else {}),
    }
    head = "# From a probe: give the publisher its id, region and credit code, then run `nianbao sites check`.\n"
    return head + yaml.safe_dump(plain, allow_unicode=True, sort_keys=False)


def _by_year(links: Iterable[Candidate]) -> dict[str, int]:
    return dict(sorted(Counter(str(link.year) if link.year else "?" for link in links).items()))


def _most_named(links: Iterable[Candidate]) -> str | None:
    names = Counter(link.written for link in links if link.written)
    return names.most_common(1)[0][0] if names else None
