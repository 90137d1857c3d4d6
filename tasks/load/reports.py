"""Loading one report: all of it or nothing, the same again without a trace, one current version at most.

A version is a document and what was read in it. Which version counts follows the time its document was fetched,
so that a load repeated late (after a crash, by a slow worker) cannot bring back what was superseded.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.errors import LoadError
from schemas.ledger import LedgerState
from schemas.report import Judgement, Outcome, Reason
from schemas.tables import Fact, Finding, Report, Section, Statistic, table_of
from tasks.load import ledger
from tasks.load.bulk import insert
from tasks.load.evidence import remember_document
from tasks.load.rows import ReportRows, Row, digest, rows_of, storable
from tasks.load.shapes import LoadResult, LoadStatus

_REPORT = table_of(Report)
_FACT, _STATISTIC, _SECTION, _FINDING = (table_of(model) for model in (Fact, Statistic, Section, Finding))

REVIEW = "review"
"""The next action when a reading waits for a person."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a judgement came from."""

    document_sha: str
    url: str
    media_type: str | None
    parser_version: str
    run_id: str | None
    fetched_at: datetime
    sample: bool


def load(
    connection: Connection, publisher: str, year: int, source: Source, judgement: Judgement, now: datetime
) -> LoadResult:
    """Store the judgement on one document of a publisher's report for a year.

    Raises LoadError `load.year_mismatch` when an unquarantined report says another year, and what `rows_of` raises.
    """
    printed = judgement.report.year if judgement.report else None
    if judgement.outcome is not Outcome.QUARANTINED and printed != year:
        raise LoadError("load.year_mismatch", f"loaded for {year}, but the report says {printed}", where=source.url)
    rows = rows_of(judgement, document_sha=source.document_sha)
    return _Loading(connection, publisher, year, source, rows, now).run()


@dataclass
class _Loading:
    connection: Connection
    publisher: str
    year: int
    source: Source
    rows: ReportRows
    now: datetime

    def run(self) -> LoadResult:
        entry = ledger.lock(self.connection, self.publisher, self.year, self.now, self.source.run_id)
        current = self._one(_REPORT.c.is_current)
        report_id = f"{self.publisher}.{self.year}.{digest(self.rows.content_digest)[:10]}"
        known = self._one(_REPORT.c.id == report_id)
        quarantined = self.rows.report["outcome"] == Outcome.QUARANTINED.value
        stale = self._stale(current)
        becomes_current = not quarantined and not stale

        written = False
        if current is not None and current.id != report_id and becomes_current:
            self._retire(current)
            written = True
        if known is None:
            version = self._insert(report_id, becomes_current)
            written = True
        else:
            version = known.version
            written |= self._update(known, becomes_current, withdrawn=quarantined and known.is_current)
        holds = report_id if becomes_current else self._kept(current, report_id, quarantined)
        if not stale:
            written |= self._tell(entry, report_id, holds, current)
        return LoadResult(
            status=self._status(current, known, report_id, quarantined, becomes_current),
            report_id=report_id,
            version=version,
            outcome=self.rows.report["outcome"],
            touched=written,
            current_id=holds,
            previous_id=current.id if current is not None and current.id != holds else None,
        )

    def _stale(self, current: Any) -> bool:
        """True when a later fetched document already counts: this load is kept as history only."""
        if current is None or current.document_sha256 == self.source.document_sha:
            return False
        return bool(self.source.fetched_at < current.fetched_at)

    def _kept(self, current: Any, report_id: str, quarantined: bool) -> str | None:
        """The report that is current when this reading is not. A reading that we now doubt cannot stay current."""
        if current is None or (quarantined and current.id == report_id):
            return None
        return str(current.id)

    def _one(self, condition: Any) -> Any:
        query = sa.select(_REPORT).where(
            _REPORT.c.publisher_id == self.publisher, _REPORT.c.year == self.year, condition
        )
        return self.connection.execute(query).one_or_none()

    def _retire(self, current: Any) -> None:
        self.connection.execute(
            sa.update(_REPORT).where(_REPORT.c.id == current.id).values(is_current=False, superseded_at=self.now)
        )

    def _insert(self, report_id: str, is_current: bool) -> int:
        source = self.source
        remember_document(
            self.connection,
            source.document_sha,
            url=source.url,
            media_type=source.media_type,
            size=None,
            at=source.fetched_at,
        )
        last = self.connection.execute(
            sa.select(sa.func.max(_REPORT.c.version)).where(
                _REPORT.c.publisher_id == self.publisher, _REPORT.c.year == self.year
            )
        ).scalar_one()
        version = int(last or 0) + 1
        row: Row = {
            **self.rows.report,
            "id": report_id,
            "publisher_id": self.publisher,
            "year": self.year,
            "version": version,
            "is_current": is_current,
            "document_sha256": source.document_sha,
            "url": storable(source.url),
            "media_type": source.media_type,
            "parser_version": source.parser_version,
            "content_digest": self.rows.content_digest,
            "assessment_digest": self.rows.assessment_digest,
            "sample": source.sample,
            "fetched_at": source.fetched_at,
            "loaded_at": self.now,
            "superseded_at": None,
            "run_id": source.run_id,
        }
        self.connection.execute(sa.insert(_REPORT).values(row))
        self._insert_children(report_id)
        return version

    def _update(self, known: Any, is_current: bool, *, withdrawn: bool) -> bool:
        """Bring a version that is known up to date; returns False when there is nothing to write."""
        values: Row = {}
        if is_current and not known.is_current:
            values.update(is_current=True, superseded_at=None, fetched_at=self.source.fetched_at)
        elif withdrawn:
            values.update(is_current=False, superseded_at=self.now)
        if known.parser_version != self.source.parser_version:
            values["parser_version"] = self.source.parser_version
        if known.assessment_digest != self.rows.assessment_digest:
            values.update(self.rows.report, assessment_digest=self.rows.assessment_digest)
            for table in (_FACT, _STATISTIC, _SECTION):
                self.connection.execute(sa.delete(table).where(table.c.report_id == known.id))
            own = (_FINDING.c.report_id == known.id, _FINDING.c.scope == "report")
            self.connection.execute(sa.delete(_FINDING).where(*own))
            self._insert_children(known.id)
        if not values:
            return False
        values["run_id"] = self.source.run_id
        self.connection.execute(sa.update(_REPORT).where(_REPORT.c.id == known.id).values(values))
        return True

    def _insert_children(self, report_id: str) -> None:
        for table, rows in (
            (_FACT, self.rows.facts),
            (_STATISTIC, self.rows.statistics),
            (_SECTION, self.rows.sections),
            (_FINDING, self.rows.findings),
        ):
            insert(self.connection, table, [{"report_id": report_id, **row} for row in rows])

    def _tell(self, entry: Any, report_id: str, holds: str | None, current: Any) -> bool:
        """Say in the ledger what holds now."""
        code, said = self.rows.report["reason_code"], self.rows.report["reason"]
        reason = Reason(code, said) if code else None
        outcome = LedgerState(self.rows.report["outcome"])
        if holds == report_id:
            news = ledger.Entry(outcome, reason, None, report_id)
        elif holds is None:
            news = ledger.Entry(LedgerState.QUARANTINED, reason, REVIEW, report_id)
        else:
            doubt = f"version {current.version} stays current; the newer reading: {said or 'quarantined'}"
            waits = Reason("load.newer_quarantined", doubt)
            news = ledger.Entry(LedgerState(current.outcome), waits, REVIEW, holds, report_id)
        return ledger.write(self.connection, entry, news, self.now, self.source.run_id)

    def _status(self, current: Any, known: Any, report_id: str, quarantined: bool, becomes_current: bool) -> LoadStatus:
        if quarantined:
            return LoadStatus.QUARANTINED
        if not becomes_current:
            return LoadStatus.UNCHANGED
        if current is None:
            return LoadStatus.NEW
        if current.id != report_id or known.outcome != self.rows.report["outcome"]:
            return LoadStatus.CHANGED
        return LoadStatus.UNCHANGED
