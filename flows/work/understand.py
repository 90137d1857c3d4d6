"""Understand: the documents of each report become one verdict, or the report is as it was."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from flows.pipeline import Examined, parser_version
from flows.plan import Owed, Unit
from flows.work.decide import NOT_THE_REPORT, Understood, decide, guarded
from flows.work.gather import Document, Gathered
from flows.work.hands import Hands, Statement
from schemas.ledger import LedgerState
from schemas.site import PublisherEntry
from tasks.discover.publishers import attribute, names
from tasks.load.shapes import ReportRow
from tasks.parse import Hint

log = logging.getLogger("nianbao.harvest")


Asked = tuple[Gathered, Document]
"""A document, and the link or report under which it was found: what is known of it before it is read."""


@dataclass(slots=True)
class _Group:
    """One report: the documents found under its year, and those of links without one that turned out to be it."""

    owed: Owed
    gathered: Gathered
    placed: list[Asked] = field(default_factory=list)

    @property
    def asked(self) -> list[Asked]:
        return [*((self.gathered, document) for document in self.gathered.documents), *self.placed]


def understand(unit: Unit, gathered: Iterable[Gathered], hands: Hands) -> tuple[Understood, ...]:
    """One result for each report of which there is a document or a trouble. Documents that are as they were when
    their report was loaded by the same parser are not read again."""
    entries = {entry.id: entry for entry in unit.publishers}
    reports = list(gathered)
    read: dict[int, Examined] = {}  # by document, of links that do not tell their year
    groups = _grouped(unit, reports, _stated(_opened(reports), entries, hands, read))
    unchanged = _unchanged(groups, hands)
    waiting = [group for owed, group in groups.items() if owed not in unchanged]
    unread = [one for group in waiting for one in group.asked if id(one[1]) not in read]
    read.update((id(document), found) for (_, document), found in _examined(unread, entries, hands))
    found = [Understood(owed, unchanged=row) for owed, row in unchanged.items()]
    choices = hands.warehouse.choices() if hands.warehouse is not None and waiting else {}
    for group in waiting:
        readings = [(document, read[id(document)]) for _, document in group.asked]
        entry, chosen = entries[group.owed.publisher], choices.get(group.owed)
        found.append(decide(group.owed, entry, readings, group.gathered.troubles, chosen=chosen))
    return tuple(sorted(guarded(found), key=lambda result: result.owed))


def as_they_were(unit: Unit, gathered: Iterable[Gathered], hands: Hands) -> tuple[Understood, ...] | None:
    """The result for each report, when all are as they were; None when a document has to be read or could not be had.
    Reads nothing."""
    entries, reports = {entry.id: entry for entry in unit.publishers}, list(gathered)
    opened = _opened(reports)
    stated = [(one, hands.stated.get(*_question(one[1], *_known(*one, entries)))) for one in opened]
    if any(statement is None for _, statement in stated) or any(not _whole(report) for report in reports):
        return None
    groups = _grouped(unit, reports, stated)
    unchanged = _unchanged(groups, hands)
    if len(unchanged) < len(groups):
        return None
    return tuple(Understood(owed, unchanged=row) for owed, row in sorted(unchanged.items()))


def _whole(report: Gathered) -> bool:
    return bool(report.documents) and not report.troubles


def _opened(reports: Iterable[Gathered]) -> list[Asked]:
    """The documents of links that do not tell their year, or whose report they are."""
    return [(report, document) for report in reports if report.owed is None for document in report.documents]


def _grouped(
    unit: Unit, reports: Iterable[Gathered], stated: Iterable[tuple[Asked, Statement | None]]
) -> dict[Owed, _Group]:
    """The documents by report, those of links that do not tell it by what they say of themselves."""
    groups = {report.owed: _Group(report.owed, report) for report in reports if report.owed is not None}
    for (report, document), statement in stated:
        owed = _whose(statement, report.publisher, unit)
        if owed is not None and owed in unit.owed:
            groups.setdefault(owed, _Group(owed, Gathered(owed, ()))).placed.append((report, document))
        else:
            log.info("%s is not a report that is owed (%s)", document.held.url, _said(statement))
    return groups


def _examined(
    asked: Sequence[Asked], entries: dict[str, PublisherEntry], hands: Hands
) -> Iterator[tuple[Asked, Examined]]:
    """The documents, examined; all in one go, so that the reading processes have work."""
    questions = [(document.held, *_known(report, document, entries)) for report, document in asked]
    return zip(asked, hands.examine(questions) if questions else (), strict=True)


def _stated(
    asked: Sequence[Asked], entries: dict[str, PublisherEntry], hands: Hands, read: dict[int, Examined]
) -> list[tuple[Asked, Statement | None]]:
    """What each document says of itself; None for one that says nothing. The same document is read for this once: what
    had to be read now is added to `read`."""
    found: dict[int, Statement | None] = {}
    for report, document in asked:
        found[id(document)] = hands.stated.get(*_question(document, *_known(report, document, entries)))
    unread = [one for one in asked if found[id(one[1])] is None]
    for (report, document), examined in _examined(unread, entries, hands):
        read[id(document)] = examined
        found[id(document)] = statement = _statement(examined)
        if statement is not None:
            hands.stated.put(statement, *_question(document, *_known(report, document, entries)))
    return [(one, found[id(one[1])]) for one in asked]


def _statement(examined: Examined) -> Statement | None:
    """What a document that was read says of itself; None when another reading may say more (a limit, missing pages)."""
    reason, report = examined.judgement.reason, examined.judgement.report
    if reason is not None and reason.code == "pipeline.pages_missing":
        return None
    if report is not None:
        return Statement(report.publisher, report.year)
    return Statement(None, None) if reason is not None and reason.code in NOT_THE_REPORT else None


def _question(document: Document, hint: Hint, kind: str | None) -> tuple[Any, ...]:
    """All that bears on what a document says of itself, beside the parser. A file's name bears on what it is only
    where its bytes do not tell, and is not repeated by a server that says 304."""
    held = document.held
    return (held.hashes, held.declared, held.url, hint.names, hint.year, kind)


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
    if not good:
        return {}
    rows = {Owed(row.publisher, row.year): row for row in hands.warehouse.current_reports(years, publishers)}
    return {key: row for key, row in rows.items() if key in good and row.parser_version == parser_version()}


def _unchanged(groups: dict[Owed, _Group], hands: Hands) -> dict[Owed, ReportRow]:
    """The reports that are as they were: the document of each is still among those found, and none came later."""
    held = _held(groups, hands)
    hashes = {owed: [sha for _, document in groups[owed].asked for sha in document.held.hashes] for owed in held}
    likely = {owed: row for owed, row in held.items() if row.document_sha256 in hashes[owed]}
    if not likely or hands.warehouse is None:
        return {}
    first = hands.warehouse.first_fetched({sha for owed in likely for sha in hashes[owed]})
    return {
        owed: row
        for owed, row in likely.items()
        if all(sha in first and first[sha] <= row.loaded_at for sha in hashes[owed])
    }


def _whose(statement: Statement | None, publisher: str | None, unit: Unit) -> Owed | None:
    """Whose report, and of which year, a document is by its own words; the link's publisher where it names nobody."""
    if statement is None or statement.year is None:
        return None
    whose = attribute(statement.publisher, unit.publishers, publisher).publisher
    return Owed(whose, statement.year) if whose is not None else None


def _said(statement: Statement | None) -> str:
    return f"{statement.publisher} {statement.year}" if statement else "it could not be read"
