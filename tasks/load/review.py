"""Cases that wait for a person: what is in doubt, every reading of it, and what was decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.errors import LoadError
from schemas.ledger import LedgerRow
from schemas.report import Certainty
from schemas.tables import Document, Fetch, Finding, Report, table_of
from tasks.load import ledger, query
from tasks.load.decisions import Decision, decisions
from tasks.load.pending import RELOAD
from tasks.load.shapes import Change, FactRow, FindingRow, ReportRow
from tasks.load.standing import REVIEW

_FINDING, _REPORT = table_of(Finding), table_of(Report)
_FETCH, _DOCUMENT = table_of(Fetch), table_of(Document)


@dataclass(frozen=True, slots=True)
class CaseDocument:
    """A document that was had for a report, loaded or not: one of those among which a person may choose."""

    sha256: str
    url: str
    media_type: str | None
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Case:
    """One report about which a person should decide."""

    entry: LedgerRow
    doubted: ReportRow  # the reading in question
    current: ReportRow | None  # what counts meanwhile, if anything
    findings: tuple[FindingRow, ...]
    facts: tuple[FactRow, ...]  # all cells of the reading in question
    readings: tuple[tuple[ReportRow, dict[tuple[str, str], FactRow]], ...]  # every version with its cells
    decisions: tuple[Decision, ...]
    documents: tuple[CaseDocument, ...]
    changes: tuple[Change, ...] = ()  # from the version before the one in question

    def doubtful(self) -> set[str]:
        """Codes of the cells in doubt: inferred and unproved, or named by a finding about our reading."""
        named = {cell.split("@")[0] for finding in self.findings if finding.in_doubt for cell in finding.cells}
        return named | {fact.code for fact in self.facts if fact.certainty == Certainty.DOUBTFUL.value}

    def marked(self) -> set[str]:
        """The cells that a person should look at: those in doubt, else those of any finding that stands."""
        standing = (finding for finding in self.findings if finding.dismissed_by is None)
        named = {cell.split("@")[0] for finding in standing for cell in finding.cells}
        return self.doubtful() or named


def cases(connection: Connection) -> list[LedgerRow]:
    """The ledger entries that wait for a decision, or for a load that makes one take effect."""
    return [entry for entry in ledger.rows(connection) if entry.next_action in (REVIEW, RELOAD)]


def case(connection: Connection, publisher: str, year: int) -> Case:
    """Everything about one case. Raises LoadError `load.no_case` when no report was ever read for it."""
    entries = ledger.rows(connection, [year], [publisher])
    entry = entries[0] if entries else None
    in_doubt = (entry.review_report_id or entry.report_id) if entry is not None else None
    if entry is None or in_doubt is None:
        raise LoadError("load.no_case", f"no report of {publisher} for {year} was read")
    versions = query.reports(connection, years=[year], publishers=[publisher], current=False)
    readings = tuple((version, _cells(connection, version.id)) for version in versions)
    cells = next(found for version, found in readings if version.id == in_doubt)
    doubted = next(version for version in versions if version.id == in_doubt)
    before = [version for version in versions if version.version < doubted.version]
    return Case(
        entry=entry,
        doubted=doubted,
        current=next((version for version in versions if version.is_current), None),
        findings=tuple(findings(connection, in_doubt)),
        facts=tuple(cells.values()),
        readings=readings,
        decisions=tuple(decisions(connection, publisher, year)),
        documents=_documents(connection, publisher, year),
        changes=tuple(query.diff(connection, before[-1].id, doubted.id)) if before else (),
    )


def findings(connection: Connection, report_id: str) -> Iterator[FindingRow]:
    """All findings about a report, those of its reading first."""
    rows = connection.execute(
        sa.select(_FINDING)
        .where(_FINDING.c.report_id == report_id)
        .order_by(_FINDING.c.verdict.desc(), _FINDING.c.severity, _FINDING.c.key)
    )
    for row in rows:
        yield FindingRow(
            report_id=row.report_id,
            key=row.key,
            check=row.check_code,
            severity=row.severity,
            verdict=row.verdict,
            message=row.message,
            left=row.left_side,
            right=row.right_side,
            cells=tuple(row.cells),
            scope=row.scope,
            dismissed_by=row.dismissed_by,
            other_report_id=row.other_report_id,
        )


def _cells(connection: Connection, report_id: str) -> dict[tuple[str, str], FactRow]:
    return {(row.code, row.row_key): row for row in query.facts(connection, report_id=report_id)}


def _documents(connection: Connection, publisher: str, year: int) -> tuple[CaseDocument, ...]:
    """Every document that was fetched or loaded for the report, in the order it was first had."""
    found: dict[str, CaseDocument] = {}
    fetched = (
        sa.select(_FETCH.c.sha256, _FETCH.c.url, _FETCH.c.fetched_at, _DOCUMENT.c.media_type)
        .join(_DOCUMENT, _DOCUMENT.c.sha256 == _FETCH.c.sha256)
        .where(_FETCH.c.publisher_id == publisher, _FETCH.c.year == year)
        .order_by(_FETCH.c.fetched_at, _FETCH.c.id)
    )
    loaded = (
        sa.select(_REPORT.c.document_sha256.label("sha256"), _REPORT.c.url, _REPORT.c.fetched_at, _REPORT.c.media_type)
        .where(_REPORT.c.publisher_id == publisher, _REPORT.c.year == year)
        .order_by(_REPORT.c.version)
    )
    for row in (*connection.execute(fetched), *connection.execute(loaded)):
        found.setdefault(row.sha256, CaseDocument(row.sha256, row.url, row.media_type, row.fetched_at))
    return tuple(found.values())
