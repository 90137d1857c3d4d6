"""Gather: every document of every report that a unit's sites list, into the archive."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from flows.assign import Assignment
from flows.plan import Owed, Unit
from flows.work.hands import Hands, Held
from schemas.blocks import Attachment
from schemas.discovery import Candidate
from schemas.errors import FetchTrouble
from schemas.report import Reason
from schemas.site import Site
from tasks.discover.links import is_attachment
from tasks.discover.titles import classify

_DOCUMENT_ENDINGS = frozenset({".pdf", ".doc", ".docx", ".wps", ".rtf", ".xls", ".xlsx", ".odt", ".ofd", ".txt"})
_PAGES_AND_PICTURES = frozenset(
    {".html", ".htm", ".shtml", ".jpg", ".jpeg", ".png", ".gif", ".tif", ".tiff", ".zip", ".rar"}
)
_MOST_FILES = 6  # files of one page that are asked for; more is a page of forms, not a report


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a report, in the archive. `page` is the page that it hangs on; None when the list links to it."""

    held: Held
    title: str
    page: str | None = None
    version: str | None = None  # what the list says of this copy: reissue, correction, image …


@dataclass(frozen=True, slots=True)
class Gathered:
    """All documents of one report in reading order, and what could not be had.

    `owed` is None when only the document can tell the year, or whose it is; `publisher` is what is known of the latter.
    """

    owed: Owed | None
    documents: tuple[Document, ...]
    troubles: tuple[tuple[str, Reason], ...] = ()  # address, reason
    publisher: str | None = None


def gather(unit: Unit, assignment: Assignment, hands: Hands) -> tuple[Gathered, ...]:
    """Fetch what the links of the assignment lead to, and the files that hang on their pages."""
    links = [*assignment.open, *(link for links in assignment.reports.values() for link in links)]
    hands.expect(link.url for link in links)
    try:
        found = [_of_one(unit, owed.publisher, owed, links, hands) for owed, links in assignment.reports.items()]
        found += [_of_one(unit, link.publisher, None, (link,), hands) for link in assignment.open]
    finally:
        hands.written()
    return tuple(found)


def _of_one(unit: Unit, publisher: str | None, owed: Owed | None, links: Iterable[Candidate], hands: Hands) -> Gathered:
    documents: list[Document] = []
    troubles: list[tuple[str, Reason]] = []
    year = owed.year if owed else None

    def fetch(url: str, site: Site) -> Held | None:
        try:
            return hands.document(url, site, publisher=publisher, year=year)
        except FetchTrouble as trouble:
            troubles.append((url, Reason(trouble.code, trouble.message)))
            return None

    for link in links:
        site = site_of(unit, link.url)
        held = fetch(link.url, site)
        if held is None:
            continue
        leads = hands.links(held)
        files = likely_files(leads.attachments, link.title)
        hands.expect([*leads.more, *(file.url for file in files)])
        parts = [fetch(url, site) for url in leads.more]
        whole = tuple(part for part in parts if part is not None)
        if len(whole) == len(parts):  # half an article is no document; the trouble of its other half is told
            documents.append(Document(replace(held, more=whole), link.title, version=link.version))
        for file in files:
            hanging = fetch(file.url, site)
            if hanging is None:
                continue
            behind = [fetch(inner.url, site) for inner in _behind_a_gate(file, hanging, link.title, hands)]
            documents += [
                Document(one, file.label or link.title, page=link.url, version=link.version)
                for one in [inner for inner in behind if inner is not None] or [hanging]
            ]
    return Gathered(owed, tuple(_once(documents)), tuple(troubles), publisher)


def _behind_a_gate(file: Attachment, held: Held, title: str, hands: Hands) -> tuple[Attachment, ...]:
    """The files that a page offers which came in a file's place: Epoint hands its attachments out in two steps."""
    if file.kind != "file" or "html" not in (held.declared or "text/html"):
        return ()
    return tuple(inner for inner in likely_files(hands.links(held).attachments, title) if inner.url != file.url)


def likely_files(found: Iterable[Attachment], title: str) -> tuple[Attachment, ...]:
    """The files of a page that may be the report: documents by their ending or held in a frame, and no look-alikes."""
    likely = [file for file in found if file.kind != "image" and _may_be_report(file, title)]
    return tuple({file.url: file for file in likely}.values())[:_MOST_FILES]


def site_of(unit: Unit, url: str) -> Site:
    """The unit's site on whose host the address stands; the first when it is on none (the client decides then)."""
    host = urlsplit(url).netloc.lower()
    return next((site for site in unit.sites if host in site.hosts), unit.sites[0])


def _may_be_report(file: Attachment, title: str) -> bool:
    ending = PurePosixPath(urlsplit(file.url).path).suffix.lower()
    named = PurePosixPath(file.label.strip()).suffix.lower()
    handed_out = ending not in _PAGES_AND_PICTURES and is_attachment(file.url)  # by a door that names no file
    if file.kind != "frame" and not ({ending, named} & _DOCUMENT_ENDINGS or handed_out):
        return False
    verdict = classify(file.label)
    # A label such as 附件1 says nothing; one that names another kind of paper, or another year, says no.
    if verdict.why_not not in (None, "no_report", "no_year", "other_subject"):
        return False
    years = {verdict.year, classify(title).year} - {None}
    return len(years) <= 1


def _once(documents: Iterable[Document]) -> list[Document]:
    """The same bytes under several addresses are one document; the first address is kept, the title of the list."""
    found: dict[str, Document] = {}
    for document in documents:
        known = found.setdefault(document.held.sha256, document)
        if known is not document and known.page is not None and document.page is None:
            found[document.held.sha256] = replace(known, title=document.title)
    return list(found.values())
