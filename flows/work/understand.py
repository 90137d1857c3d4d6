"""Understand: the documents of each report become one verdict, or the report is as it was."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from flows.pipeline import Examined, parser_version
from flows.plan import Owed, Unit
from flows.work.decide import Reading, Understood, decide
from flows.work.gather import Document, Gathered
from flows.work.hands import Hands
from schemas.ledger import LedgerState
from schemas.site import PublisherEntry
from tasks.discover.publishers import attribute, names
from tasks.load.shapes import ReportRow
from tasks.parse import Hint
from tasks.validate.frames import hold_back

log = logging.getLogger("nianbao.harvest")


@dataclass(slots=True)
class _Group:
    """One report: the documents found under its year, and readings of links without one that turned out to be it."""

    owed: Owed
    gathered: Gathered
    placed: list[Reading]

    @property
    def documents(self) -> list[Document]:
        return [*self.gathered.documents, *(document for document, _ in self.placed)]


def understand(unit: Unit, gathered: Iterable[Gathered], hands: Hands) -> tuple[Understood, ...]:
    """One result for each report of which there is a document or a trouble. Documents that are as they were when
    their report was loaded by the same parser are not read again."""
    entries = {entry.id: entry for entry in unit.publishers}
    reports = list(gathered)
    groups = {report.owed: _Group(report.owed, report, []) for report in reports if report.owed is not None}
    for report, reading in _read([report for report in reports if report.owed is None], entries, hands):
        owed = _stated(report.publisher, reading[1], unit)
        if owed is not None and owed in unit.owed:
            new = _Group(owed, Gathered(owed, ()), [])
            groups.setdefault(owed, new).placed.append(reading)
        else:
            log.info("%s is not a report that is owed (%s)", reading[0].held.url, _said(reading[1]))
    held = _held(groups, hands)
    found = [
        Understood(owed, unchanged=held[owed])
        for owed, group in groups.items()
        if owed in held and _as_it_was(held[owed], group.documents, hands)
    ]
    unchanged = {result.owed for result in found}
    waiting = [group for owed, group in groups.items() if owed not in unchanged]
    readings = _read([group.gathered for group in waiting], entries, hands)
    for group in waiting:
        own = [reading for report, reading in readings if report is group.gathered]
        entry = entries[group.owed.publisher]
        found.append(decide(group.owed, entry, [*own, *group.placed], group.gathered.troubles))
    return tuple(sorted(_guarded(found), key=lambda result: result.owed))


def _guarded(found: Sequence[Understood]) -> list[Understood]:
    """The results, with those held back whose rows would break a rule of the warehouse."""
    judged = [result for result in found if result.examined is not None]
    if not judged:
        return list(found)
    held_back = hold_back([result.examined.judgement for result in judged if result.examined is not None])
    verdicts = {result.owed: judgement for result, judgement in zip(judged, held_back, strict=True)}
    return [
        replace(result, examined=replace(result.examined, judgement=verdicts[result.owed]))
        if result.examined is not None
        else result
        for result in found
    ]


def _read(
    reports: Sequence[Gathered], entries: dict[str, PublisherEntry], hands: Hands
) -> list[tuple[Gathered, Reading]]:
    """Every document of the reports, examined; all in one go, so that the reading processes have work."""
    jobs = [(report, document) for report in reports for document in report.documents]
    asked = [(document.held, *_known(report, document, entries)) for report, document in jobs]
    examined = hands.examine(asked)
    return [(report, (document, result)) for (report, document), result in zip(jobs, examined, strict=True)]


def _known(report: Gathered, document: Document, entries: dict[str, PublisherEntry]) -> tuple[Hint, str | None]:
    """What is known of a document before it is read: names of the publisher, the year, and the kind of body."""
    entry = entries.get(report.publisher or "")
    year = report.owed.year if report.owed else None
    hint = Hint(names=names(entry) if entry else (), year=year, url=document.held.url)
    return hint, entry.kind.value if entry else None


def _held(owed: Collection[Owed], hands: Hands) -> dict[Owed, ReportRow]:
    """The reports that the warehouse holds for these, read by the current parser."""
    if hands.warehouse is None or not owed:
        return {}
    years, publishers = {one.year for one in owed}, {one.publisher for one in owed}
    states = {Owed(row.publisher, row.year): row.state for row in hands.warehouse.ledger(years, publishers)}
    good = {key for key, state in states.items() if state in (LedgerState.LOADED, LedgerState.FLAGGED)}
    rows = {Owed(row.publisher, row.year): row for row in hands.warehouse.current_reports(years, publishers)}
    return {key: row for key, row in rows.items() if key in good and row.parser_version == parser_version()}


def _as_it_was(row: ReportRow, documents: Sequence[Document], hands: Hands) -> bool:
    """True when the report was made from these documents: its own is among them, and none came later."""
    assert hands.warehouse is not None
    hashes = [sha for document in documents for sha in document.held.hashes]
    if row.document_sha256 not in hashes:
        return False
    first = hands.warehouse.first_fetched(hashes)
    return all(sha in first and first[sha] <= row.loaded_at for sha in hashes)


def _stated(publisher: str | None, examined: Examined, unit: Unit) -> Owed | None:
    """Whose report, and of which year, a document is by its own words; the link's publisher where it names nobody."""
    report = examined.judgement.report
    if report is None or report.year is None:
        return None
    whose = attribute(report.publisher, unit.publishers, publisher).publisher
    return Owed(whose, report.year) if whose is not None else None


def _said(examined: Examined) -> str:
    judgement = examined.judgement
    if judgement.reason is not None:
        return judgement.reason.code
    return f"{judgement.report.publisher} {judgement.report.year}" if judgement.report else "nothing"
