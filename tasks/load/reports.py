"""Loading one report: all of it or nothing, the same again without a trace, one current version at most.

A version is a document and what was read in it. Which version counts follows the time its document was fetched.
A load that says nothing new changes nothing, however late it is repeated (after a crash, by a slow worker): it
cannot bring back what was superseded meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.errors import LoadError
from schemas.report import Judgement, Outcome
from schemas.tables import Fact, Finding, Report, Section, Statistic, table_of
from tasks.load import ledger
from tasks.load.bulk import insert
from tasks.load.evidence import remember_document
from tasks.load.rows import ReportRows, Row, digest, rows_of, storable
from tasks.load.shapes import LoadResult, LoadStatus
from tasks.load.standing import standing, versions_of

_REPORT = table_of(Report)
_FACT, _STATISTIC, _SECTION, _FINDING = (table_of(model) for model in (Fact, Statistic, Section, Finding))


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
        versions = self._versions()
        before = next((row for row in versions if row.is_current), None)
        report_id = f"{self.publisher}.{self.year}.{digest(self.rows.content_digest)[:10]}"
        known = next((row for row in versions if row.id == report_id), None)
        written = False
        if known is None or self._says_something_new(known, versions):
            counts = not self._doubted and self._counts(before, known)
            if counts and before is not None and before.id != report_id:
                self._retire(before)
            if known is None:
                self._insert(report_id, len(versions) + 1, counts)
            else:
                self._update(known, counts)
            written, versions = True, self._versions()
        current = next((row for row in versions if row.is_current), None)
        if written or (current is not None and current.id == report_id):
            news = standing(self.connection, versions)
            assert news is not None  # there is at least the version of this load
            written |= ledger.write(self.connection, entry, news, self.now, self.source.run_id)
        return LoadResult(
            status=self._status(before, current),
            report_id=report_id,
            version=next(row.version for row in versions if row.id == report_id),
            outcome=self.rows.report["outcome"],
            touched=written,
            current_id=current.id if current else None,
            previous_id=before.id if before and (current is None or current.id != before.id) else None,
        )

    @property
    def _doubted(self) -> bool:
        return bool(self.rows.report["outcome"] == Outcome.QUARANTINED.value)

    def _says_something_new(self, known: Any, versions: Sequence[Any]) -> bool:
        """Another verdict or parser on a known reading; or its document came back after another one."""
        if known.assessment_digest != self.rows.assessment_digest or known.parser_version != self.source.parser_version:
            return True
        others = [row.fetched_at for row in versions if row.id != known.id and row.fetched_at >= known.fetched_at]
        return bool(others) and self.source.fetched_at > max(others)

    def _counts(self, current: Any, known: Any) -> bool:
        """Whether a trusted reading with news takes the place of the current one."""
        if current is None or current.document_sha256 == self.source.document_sha:
            return True
        if known is not None and not known.is_current:
            return bool(self.source.fetched_at > current.fetched_at)
        return bool(self.source.fetched_at >= current.fetched_at)

    def _versions(self) -> Sequence[Any]:
        return versions_of(self.connection, self.publisher, self.year)

    def _retire(self, current: Any) -> None:
        self.connection.execute(
            sa.update(_REPORT).where(_REPORT.c.id == current.id).values(is_current=False, superseded_at=self.now)
        )

    def _insert(self, report_id: str, version: int, is_current: bool) -> None:
        source = self.source
        remember_document(
            self.connection,
            source.document_sha,
            url=source.url,
            media_type=source.media_type,
            size=None,
            at=source.fetched_at,
        )
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
            "judged_at": self.now,
            "superseded_at": None,
            "run_id": source.run_id,
        }
        self.connection.execute(sa.insert(_REPORT).values(row))
        self._insert_children(report_id)

    def _update(self, known: Any, is_current: bool) -> None:
        """Bring a known version up to date: verdict, evidence of the reading, and whether it counts."""
        values: Row = {
            "parser_version": self.source.parser_version,
            "fetched_at": max(known.fetched_at, self.source.fetched_at),
            "judged_at": self.now,
            "run_id": self.source.run_id,
            "is_current": is_current,
        }
        if is_current:
            values["superseded_at"] = None
        elif known.is_current:
            values["superseded_at"] = self.now
        if known.assessment_digest != self.rows.assessment_digest:
            values.update(self.rows.report, assessment_digest=self.rows.assessment_digest)
            for table in (_FACT, _STATISTIC, _SECTION):
                self.connection.execute(sa.delete(table).where(table.c.report_id == known.id))
            own = (_FINDING.c.report_id == known.id, _FINDING.c.scope == "report")
            self.connection.execute(sa.delete(_FINDING).where(*own))
            self._insert_children(known.id)
        self.connection.execute(sa.update(_REPORT).where(_REPORT.c.id == known.id).values(values))

    def _insert_children(self, report_id: str) -> None:
        for table, rows in (
            (_FACT, self.rows.facts),
            (_STATISTIC, self.rows.statistics),
            (_SECTION, self.rows.sections),
            (_FINDING, self.rows.findings),
        ):
            insert(self.connection, table, [{"report_id": report_id, **row} for row in rows])

    def _status(self, before: Any, current: Any) -> LoadStatus:
        if self._doubted:
            return LoadStatus.QUARANTINED
        if before is None:
            return LoadStatus.NEW if current is not None else LoadStatus.UNCHANGED
        if current.id != before.id or current.outcome != before.outcome:
            return LoadStatus.CHANGED
        return LoadStatus.UNCHANGED
