"""Reread: archived documents through the current parser, and what that changes. No network."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from flows.pipeline import parser_version
from flows.plan import Owed, Unit
from flows.states import GOOD, UNCHANGED, state_of
from flows.work.checks import Checks
from flows.work.decide import Understood, decide, guarded
from flows.work.gather import Document
from flows.work.hands import Hands, Held, Order, known
from flows.work.store import store
from schemas.errors import LoadError, NianbaoError
from schemas.ledger import LedgerState
from schemas.report import Reason
from schemas.site import PublisherEntry
from tasks.discover.publishers import names
from tasks.fetch.expect import file_name
from tasks.load import Change, ReportRow, Warehouse
from tasks.load.reports import Source as LoadSource
from tasks.load.rereading import rehearse, sources
from tasks.parse import Hint

log = logging.getLogger("nianbao.reparse")


@dataclass(frozen=True, slots=True)
class Archived:
    """A report's documents as the archive has them, in the order they are to be read."""

    owed: Owed
    entry: PublisherEntry
    documents: tuple[Held, ...]
    chosen: str | None = None  # hash of the one that a person chose


@dataclass(frozen=True, slots=True)
class Reparsed:
    """What reading a report again came to: the outcome before (None: nothing was stored) and after, what changes."""

    owed: Owed
    name: str
    before: str | None
    after: str
    changes: tuple[Change, ...] = ()
    reason_code: str | None = None
    reason: str | None = None

    @property
    def changed(self) -> bool:
        return bool(self.changes) or self.after not in (UNCHANGED, self.before)


def archived(units: Iterable[Unit], warehouse: Warehouse, *, stale_only: bool) -> list[Archived]:
    """The reports of the units of which there are documents. `stale_only` leaves out what the current parser read and
    no decision waits for."""
    chosen = list(units)
    entries = {owed: entry for unit in chosen for entry in unit.publishers for owed in unit.owed if owed[0] == entry.id}
    newest = _newest(warehouse, {owed.year for owed in entries}, {owed.publisher for owed in entries})
    found = with_documents(entries, newest, warehouse)
    if not stale_only:
        return found
    waiting = {Owed(one.publisher, one.year) for one in warehouse.due()}
    read = {owed for owed, row in newest.items() if row.parser_version == parser_version()} - waiting
    return [report for report in found if report.owed not in read]


def with_documents(
    entries: Mapping[Owed, PublisherEntry], newest: Mapping[Owed, ReportRow], warehouse: Warehouse
) -> list[Archived]:
    """Each of these reports of which there are documents: those of the last look, and the one it was made from."""
    years, publishers = {owed.year for owed in entries}, {owed.publisher for owed in entries}
    held: dict[Owed, dict[str, Held]] = {}
    for source in sources(warehouse, years, publishers):
        name = file_name(source.url, {key.lower(): value for key, value in source.headers.items()})
        one = Held(source.url, source.sha256, source.media_type, name, source.fetched_at)
        held.setdefault(Owed(source.publisher, source.year), {})[source.sha256] = one
    for owed, row in newest.items():
        own = Held(row.url, row.document_sha256, row.media_type, file_name(row.url, {}), row.fetched_at)
        held.setdefault(owed, {}).setdefault(row.document_sha256, own)
    chosen = warehouse.choices()
    return [
        Archived(owed, entries[owed], tuple(documents.values()), chosen.get(owed))
        for owed, documents in sorted(held.items())
        if owed in entries
    ]


def _newest(warehouse: Warehouse, years: Collection[int], publishers: Collection[str]) -> dict[Owed, ReportRow]:
    """The current report of each publisher and year, or the quarantined one that waits where none is current."""
    found = {Owed(row.publisher, row.year): row for row in warehouse.current_reports(years, publishers)}
    for row in warehouse.ledger(years, publishers):
        owed = Owed(row.publisher, row.year)
        waiting = row.review_report_id or row.report_id
        if waiting is not None and (owed not in found or row.review_report_id is not None):
            found.update((owed, report) for report in warehouse.reports([waiting]))
    return found


def reread(batch: Sequence[Archived], order: Order) -> tuple[Understood, ...]:
    """The verdict on each report, from its documents alone."""
    with _borrowed(order) as hands:
        return read_again(batch, hands)


def read_again(batch: Sequence[Archived], hands: Hands) -> tuple[Understood, ...]:
    """The same with the tools at hand. All reports in one go, so that the reading processes have work."""
    try:
        whole = [(report, _documents(report, hands)) for report in batch]
        asked = [_question(report, document) for report, documents in whole for document in documents]
        examined = iter(hands.examine(asked))
    except NianbaoError:  # a document that the archive does not hand out must not take the others with it
        return tuple(guarded([_one(report, hands) for report in batch]))
    found = [
        decide(
            report.owed,
            report.entry,
            [(document, next(examined)) for document in documents],
            chosen=report.chosen,
        )
        for report, documents in whole
    ]
    return tuple(guarded(found))


def _one(report: Archived, hands: Hands) -> Understood:
    try:
        documents = _documents(report, hands)
        examined = hands.examine([_question(report, document) for document in documents])
    except NianbaoError as error:
        return Understood(report.owed, reason=Reason(error.code, error.message), url=error.where)
    return decide(report.owed, report.entry, list(zip(documents, examined, strict=True)), chosen=report.chosen)


def _documents(report: Archived, hands: Hands) -> list[Document]:
    """The documents as they were gathered: the further pages of a split article belong to its first."""
    further: set[str] = set()
    if len(report.documents) > 1:
        further = {url for held in report.documents for url in hands.links(held).more if url != held.url}
    return [Document(held, title="") for held in report.documents if held.url not in further]


def _question(report: Archived, document: Document) -> tuple[Held, Hint, str | None]:
    hint = Hint(names=names(report.entry), year=report.owed.year, url=document.held.url)
    return document.held, hint, report.entry.kind.value


def settled(unit: Unit, result: Understood, before: str | None, hands: Hands, *, dry: bool) -> Reparsed:
    """What a verdict changes; it is stored, too, unless the run is dry."""
    assert hands.warehouse is not None
    name = next(entry.name for entry in unit.publishers if entry.id == result.owed.publisher)
    reason = result.reason
    if result.examined is not None:
        reason = result.examined.judgement.reason
    try:
        changes, after = _rehearsed(unit, result, hands)
    except LoadError as error:  # the warehouse refuses this one: it must not take the others with it
        if error.recoverable or error.code == "load.not_migrated":
            raise
        changes, after, reason = (), LedgerState.FAILED.value, Reason(error.code, error.message)
    if not dry:
        (line,) = store(unit, [result], hands)
        after = line.outcome
    if after in GOOD:
        reason = None  # a person has decided what was in doubt
    code, message = (reason.code, reason.message) if reason else (None, None)
    return Reparsed(result.owed, name, before, after, changes, code, message)


def _rehearsed(unit: Unit, result: Understood, hands: Hands) -> tuple[tuple[Change, ...], str]:
    assert hands.warehouse is not None
    if result.document is None or result.examined is None:
        return (), state_of(result.reason.code if result.reason else "harvest.not_found").value
    held, judgement = result.document.held, result.examined.judgement
    if judgement.reason and judgement.report is None and state_of(judgement.reason.code) is LedgerState.NEEDS_OCR:
        return (), LedgerState.NEEDS_OCR.value
    media, sample = result.examined.media_type, unit.sample
    source = LoadSource(held.sha256, held.url, media, parser_version(), hands.run_id, held.fetched_at, sample)
    kind = next(entry.kind.value for entry in unit.publishers if entry.id == result.owed.publisher)
    loaded, changes = rehearse(hands.warehouse, *result.owed, source, judgement, Checks(kind))
    return tuple(changes), loaded.outcome


@contextmanager
def _borrowed(order: Order) -> Iterator[Hands]:
    """The tools of the run in its own process; on another worker some of their own, given back at once."""
    own = known(order)
    hands = own or Hands(order)
    try:
        yield hands
    finally:
        if own is None:
            hands.close()
