"""Loading one report: all of it or nothing, the same again without a trace, one current version at most.

A version is a document and what was read in it. Which version counts follows the time its document was fetched.
A load that says nothing new changes nothing, however late it is repeated (after a crash, by a slow worker): it
cannot bring back what was superseded meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.errors import LoadError
from schemas.report import Judgement, Outcome
from schemas.tables import DecisionKind, Fact, Finding, Report, Section, Statistic, table_of
from tasks.load import ledger
from tasks.load.apply import Judge, accepted, apply
from tasks.load.bulk import insert, insert_fast
from tasks.load.decisions import Decision, decisions, expire
from tasks.load.evidence import remember_document
from tasks.load.pending import mark_applied, pending
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
    connection: Connection,
    publisher: str,
    year: int,
    source: Source,
    judgement: Judgement,
    now: datetime,
    judge: Judge | None = None,
) -> LoadResult:
    """Store the judgement on one document of a publisher's report for a year, with people's decisions applied.

    Raises LoadError `load.year_mismatch` when an unquarantined report says another year, and what `rows_of` and
    `apply` raise.
    """
    printed = judgement.report.year if judgement.report else None
    if judgement.outcome is not Outcome.QUARANTINED and printed != year:
        raise LoadError("load.year_mismatch", f"loaded for {year}, but the report says {printed}", where=source.url)
    return _Loading(connection, publisher, year, source, judgement, judge, now).run()


@dataclass
class _Loading:
    connection: Connection
    publisher: str
    year: int
    source: Source
    judgement: Judgement
    judge: Judge | None
    now: datetime
    rows: ReportRows = field(init=False)
    choice: Decision | None = field(init=False, default=None)

    def run(self) -> LoadResult:
        entry = ledger.lock(self.connection, self.publisher, self.year, self.now, self.source.run_id)
        versions = self._versions()
        before = next((row for row in versions if row.is_current), None)
        self.rows, expired = self._decided(before)
        report_id = self._report_id(self.rows)
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
        applied = self._applied(versions)
        current = next((row for row in versions if row.is_current), None)
        if written or applied or (current is not None and current.id == report_id):
            news = standing(self.connection, versions)
            assert news is not None  # there is at least the version of this load
            written |= ledger.write(self.connection, entry, news, self.now, self.source.run_id)
        return LoadResult(
            status=self._status(before, current),
            report_id=report_id,
            version=next(row.version for row in versions if row.id == report_id),
            outcome=self.rows.report["outcome"],
            touched=written or applied or bool(expired),
            expired=expired,
            current_id=current.id if current else None,
            previous_id=before.id if before and (current is None or current.id != before.id) else None,
        )

    def _decided(self, before: Any) -> tuple[ReportRows, tuple[str, ...]]:
        """The rows with all decisions applied that hold, and the ids of those that hold no longer.

        A late repeat of a document that was superseded says nothing about what holds now: it ends no decision.
        """
        active = [one for one in decisions(self.connection, self.publisher, self.year) if one.active]
        done = apply(self.judgement, active, self.judge)
        ended = list(done.expired)
        sha = self.source.document_sha
        plain = rows_of(done.judgement, document_sha=sha, overridden=done.overridden, dismissed=done.dismissed)
        rows = plain
        for one in active:
            if one.kind is DecisionKind.ACCEPT and done.judgement.outcome is Outcome.QUARANTINED:
                if one.target == self._report_id(plain):
                    rows = rows_of(
                        accepted(done.judgement, self.judge),
                        document_sha=sha,
                        overridden=done.overridden,
                        dismissed=done.dismissed,
                        accepted_by=one.id,
                    )
                elif one.applies_to["document_sha256"] == sha:
                    ended.append((one, "the document is read otherwise now"))
            if one.kind is DecisionKind.CHOOSE:
                if sha in one.applies_to["documents"]:
                    self.choice = one
                else:
                    ended.append((one, "there is a document that was not known then"))
        if before is not None and before.document_sha256 != sha and self.source.fetched_at < before.fetched_at:
            return rows, ()
        for one, why in ended:
            expire(self.connection, one, why, self.now)
        return rows, tuple(one.id for one, _ in ended)

    def _applied(self, versions: Sequence[Any]) -> bool:
        """Note that decisions about this document have taken effect; returns whether there were any."""
        latest = max(versions, key=lambda row: row.fetched_at).document_sha256
        done = [
            row.id
            for row in pending(self.connection, self.publisher, self.year)
            if (row.applies_to["document_sha256"] or latest) == self.source.document_sha
        ]
        mark_applied(self.connection, done, self.now)
        return bool(done)

    def _report_id(self, rows: ReportRows) -> str:
        return f"{self.publisher}.{self.year}.{digest(rows.content_digest)[:10]}"

    @property
    def _doubted(self) -> bool:
        return bool(self.rows.report["outcome"] == Outcome.QUARANTINED.value)

    def _says_something_new(self, known: Any, versions: Sequence[Any]) -> bool:
        """Another verdict or parser on a known reading; or its document came back after another one."""
        if known.assessment_digest != self.rows.assessment_digest or known.parser_version != self.source.parser_version:
            return True
        if self.choice is not None and self.choice.target == known.document_sha256 and not self._doubted:
            return not known.is_current
        current = next((row for row in versions if row.is_current), None)
        if self.choice is None and current is not None and not self._doubted and known.fetched_at > current.fetched_at:
            return True  # a choice that was taken back had put an older document in its place
        others = [row.fetched_at for row in versions if row.id != known.id and row.fetched_at >= known.fetched_at]
        return bool(others) and self.source.fetched_at > max(others)

    def _counts(self, current: Any, known: Any) -> bool:
        """Whether a trusted reading with news takes the place of the current one."""
        mine = current is not None and current.document_sha256 == self.source.document_sha
        if self.choice is not None:  # what is current stays so until the chosen document is read without doubt
            return mine or self.choice.target == self.source.document_sha
        if current is None or mine:
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
        insert(self.connection, _REPORT, [row])
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
            insert_fast(self.connection, table, [{"report_id": report_id, **row} for row in rows])

    def _status(self, before: Any, current: Any) -> LoadStatus:
        if self._doubted:
            return LoadStatus.QUARANTINED
        if before is None:
            return LoadStatus.NEW if current is not None else LoadStatus.UNCHANGED
        if current is None or current.id != before.id or current.outcome != before.outcome:
            return LoadStatus.CHANGED
        return LoadStatus.UNCHANGED
