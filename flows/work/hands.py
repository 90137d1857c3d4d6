"""What the steps of a run work with: client, archive, warehouse, reading processes. Made once per process and run."""

from __future__ import annotations

import gc
import logging
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from flows.code import code_version
from flows.parameters import HarvestParameters
from flows.pipeline import Examined, Links, parser_version
from flows.plan import Owed
from flows.readers import Job, Readers
from flows.registry import load_registry
from flows.summary import ReportLine
from flows.work.evidence import EvidenceBook
from flows.work.memory import Memory
from schemas.discovery import Page, PageRequest
from schemas.errors import LoadError
from schemas.fetched import FetchEvidence, Validators
from schemas.settings import FetchSettings
from schemas.site import Site
from tasks.discover.turning import Turned
from tasks.fetch import Archive, FolderListCache, PoliteClient
from tasks.load import Warehouse
from tasks.load.evidence import Asked, KnownDocument
from tasks.parse import Hint

log = logging.getLogger("nianbao.harvest")

_LISTS = ("tasks/discover", "tasks/fetch", "schemas")
"""What decides how a list page is understood: a change in any of it means that lists are looked at anew."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Whose report, and of which year, a document is by its own words."""

    publisher: str | None
    year: int | None


@dataclass(frozen=True, slots=True)
class Order:
    """A run as its steps know it: plain data that travels to any worker."""

    run_id: str
    parameters: HarvestParameters


@dataclass(frozen=True, slots=True)
class Held:
    """A document that was asked for: it stands in the archive under its hash."""

    url: str
    sha256: str
    declared: str | None  # media type as the server said it
    name: str | None  # file name as the server or the address gives it
    fetched_at: datetime
    more: tuple[Held, ...] = ()  # further pages of an article that its site splits

    @property
    def hashes(self) -> tuple[str, ...]:
        """Hashes of all bytes that the document is made of."""
        return (self.sha256, *(part.sha256 for part in self.more))


class Hands:
    """One run's tools in one process; threads share them. A dry run has no warehouse and keeps nothing."""

    def __init__(self, order: Order) -> None:
        parameters = order.parameters
        self.run_id = order.run_id
        self.dry = parameters.dry_run
        self.archive = Archive(parameters.archive_url) if not self.dry else None
        self.warehouse = Warehouse(parameters.warehouse_url) if not self.dry else None
        pages = parameters.folder / "pages"
        cache = FolderListCache(pages, self.archive) if self.archive is not None else None
        self.client = PoliteClient(
            fetch_settings(),
            sites=load_registry(parameters.registry),
            cache=cache,
            leases=self.warehouse.leases() if self.warehouse is not None else None,
            record=self._record,
        )
        self._readers = Readers(parameters.readers)
        self._evidence = EvidenceBook(self.warehouse, order.run_id) if self.warehouse is not None else None
        self._asked = threading.local()
        self._known: dict[str, KnownDocument | None] = {}  # looked up and not asked for yet
        self._held: dict[str, tuple[str, Held]] = {}  # by address, with the site it was asked of
        kept = None if self.dry else pages
        self.turns = Memory(kept and kept / "lists", Turned, code_version(_LISTS))
        self.stated = Memory(kept and kept / "statements", Statement, parser_version())
        self._links = Memory(kept and kept / "links", Links, parser_version())
        self.told: dict[Owed, ReportLine] = {}  # what this run has stored, for a step that is tried again

    def page(self, request: PageRequest, site: Site) -> Page:
        """Ask for a list page; one that did not change comes from the archive. Raises FetchTrouble."""
        return self.client.page(request, site)

    def document(self, url: str, site: Site, *, publisher: str | None = None, year: int | None = None) -> Held:
        """Ask for a document, on condition that it changed; once until `forget`. Raises FetchTrouble."""
        if url not in self._held:
            self._held[url] = site.id, self._fetch(url, site, publisher, year)
        return self._held[url][1]

    def forget(self, sites: Iterable[Site]) -> None:
        """Let go of what was had from these sites, of which nothing more is asked in this run."""
        names = {site.id for site in sites}
        for url, (name, _) in list(self._held.items()):
            if name in names:
                del self._held[url]

    def expect(self, urls: Iterable[str]) -> None:
        """Look up together what is known of addresses that will be asked for."""
        assert self.warehouse is not None
        wanted = [url for url in dict.fromkeys(urls) if url not in self._held]
        if len(wanted) > 1:
            self._known |= dict.fromkeys(wanted) | self.warehouse.known_documents(wanted)

    def written(self) -> None:
        """Have the evidence of all requests in the warehouse. Raises LoadError."""
        if self._evidence is not None:
            self._evidence.flush()

    def content(self, held: Held) -> bytes:
        """The bytes of a document. Raises FetchTrouble `fetch.archive_…`."""
        assert self.archive is not None
        return self.archive.get(held.sha256)

    def links(self, held: Held) -> Links:
        """What a page leads to: files, and further pages of a split article. The same page is looked into once."""
        question = (held.sha256, held.declared, held.url)
        found = self._links.get(*question)
        if found is None:
            found = self._readers.look_into(self.content(held), declared=held.declared, url=held.url)
            if found.sound:
                self._links.put(found, *question)
        return found

    def examine(self, asked: Sequence[tuple[Held, Hint, str | None]]) -> list[Examined]:
        """The verdict on each document (with what is known of it, and the kind of body), in order, each read in a
        process with limits."""
        found = list(self._readers.examine(self._job(*one) for one in asked))
        for place, (held, hint, kind) in enumerate(asked):
            reason = found[place].judgement.reason
            if reason is not None and reason.code == "pipeline.pages_missing" and (whole := self._whole(held)):
                (found[place],) = self._readers.examine([self._job(whole, hint, kind)])
        for (held, _, _), result in zip(asked, found, strict=True):
            if result.trace is not None:
                log.error("%s (%s): the program failed on this document\n%s", held.url, held.sha256, result.trace)
        return found

    def end(self) -> None:
        """Nothing more is asked or read; whoever waits for it is sent home."""
        self.client.end()
        self._readers.close()

    def close(self) -> None:
        """Give everything back."""
        self.end()
        if self._evidence is not None:
            try:
                self._evidence.close()
            except LoadError:
                log.exception("the evidence of the last requests is lost")
        if self.warehouse is not None:
            self.warehouse.close()

    def _job(self, held: Held, hint: Hint, kind: str | None) -> Job:
        return Job(
            self.content(held),
            name=held.name,
            declared=held.declared,
            url=held.url,
            hint=hint,
            kind=kind,
            more=tuple(self.content(part) for part in held.more),
        )

    def _whole(self, held: Held) -> Held | None:
        """A split article with its further pages from the archive; None when one of them was never fetched."""
        urls = self.links(held).more
        known = [self.warehouse.known_document(url) if self.warehouse is not None else None for url in urls]
        parts = tuple(
            replace(held, url=url, sha256=document[0])
            for url, document in zip(urls, known, strict=True)
            if document is not None
        )
        return replace(held, more=parts) if parts and len(parts) == len(urls) and not held.more else None

    def _fetch(self, url: str, site: Site, publisher: str | None, year: int | None) -> Held:
        assert self.archive is not None
        assert self.warehouse is not None
        known = self._known.pop(url) if url in self._known else self.warehouse.known_documents([url]).get(url)
        validators = known.validators if known is not None and self.archive.has(known.sha256) else Validators()
        self._asked.evidence = []
        sha256: str | None = None
        try:
            fetched = self.client.fetch(url, validators=validators, site=site)
            if fetched.content is not None:
                sha256 = self.archive.put(fetched.content)
            else:
                assert known is not None
                sha256 = known.sha256
        finally:
            told: list[FetchEvidence] = self._asked.evidence
            self._asked.evidence = None
            self._remember(
                Asked(
                    evidence,
                    sha256 if number == len(told) else None,
                    evidence.headers.get("content-type"),
                    publisher,
                    year,
                )
                for number, evidence in enumerate(told, start=1)
            )
        declared = known.media_type if known is not None and fetched.not_modified else fetched.media_type
        return Held(fetched.evidence.url, sha256, declared, fetched.name, fetched.evidence.fetched_at)

    def _record(self, evidence: FetchEvidence) -> None:
        """Take the evidence of every request: at once, or with the document's hash when it is for a document."""
        waiting = getattr(self._asked, "evidence", None)
        if waiting is not None and not evidence.url.endswith("/robots.txt"):
            waiting.append(evidence)
        else:
            self._remember([Asked(evidence, media_type=evidence.headers.get("content-type"))])

    def _remember(self, asked: Iterable[Asked]) -> None:
        if self._evidence is not None:
            self._evidence.add(asked)


def fetch_settings() -> FetchSettings:
    """The fetcher's settings: NIANBAO_CONTACT says how a site's operator reaches us. Hiccups are tried again once at
    once; what lasts longer is left to the run's own retries."""
    return FetchSettings(contact=os.environ.get("NIANBAO_CONTACT") or None, retries=1, backoff=1)


_made: dict[str, Hands] = {}
_lock = threading.Lock()


def hands_of(order: Order) -> Hands:
    """The tools of a run in this process, made at the first call."""
    with _lock:
        if order.run_id not in _made:
            _made[order.run_id] = Hands(order)
        return _made[order.run_id]


def known(order: Order) -> Hands | None:
    """The tools of a run in this process, if it has any."""
    with _lock:
        return _made.get(order.run_id)


@contextmanager
def at_work(order: Order) -> Iterator[Hands]:
    """The tools of a run, given back at the end."""
    if not gc.get_freeze_count():
        gc.freeze()  # what was imported stays: the garbage collector need not look through it (0.2 s each time)
    try:
        yield hands_of(order)
    finally:
        with _lock:
            hands = _made.pop(order.run_id, None)
        if hands is not None:
            hands.close()
