"""Deciding what one delivery changes, from what is known of its publisher and year; the writing is left to a batch.

A version is a document and what was read in it. Which version counts follows the time its document was fetched.
A load that says nothing new changes nothing, however late it is repeated (after a crash, by a slow worker): it
cannot bring back what was superseded meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.report import Outcome
from schemas.tables import DecisionKind, Fact, table_of
from tasks.load.apply import Judge, accepted, apply
from tasks.load.batch import Batch
from tasks.load.decisions import Decision, decisions_of, expire
from tasks.load.delivery import Delivery
from tasks.load.pending import waiting
from tasks.load.plain import digest, storable
from tasks.load.rows import ReportRows, Row, rows_of
from tasks.load.shapes import LoadResult, LoadStatus
from tasks.load.standing import Known, Version, known, stands

_FACT = table_of(Fact)


@dataclass(slots=True)
class Loading:
    """One delivery under way: `run`, then the batch is written, then `result`."""

    connection: Connection
    delivery: Delivery
    rows: ReportRows
    entry: Any  # row of the ledger, locked
    known: Known
    judge: Judge | None
    now: datetime
    choice: Decision | None = None
    before: Version | None = None
    expired: tuple[str, ...] = ()
    touched: bool = False
    told: bool = False  # there is an entry of the ledger among the news

    def run(self, batch: Batch) -> None:
        """Decide what is to be written, and put it into the batch."""
        self.before = before = self.known.current
        self.rows, self.expired = self._decided()
        found = self._version()
        undone = self._override_undone()
        written = found is None or undone or self._says_something_new(found)
        if written:
            counts = not self._doubted and self._counts(before, found)
            if (counts or undone) and before is not None and before.id != self._id:
                self._retire(before, batch)
            if found is None:
                self._insert(counts, batch)
            else:
                self._update(found, counts, batch)
        written |= self._choice_undone(batch)
        applied = self._applied()
        batch.applied += applied
        current = self.known.current
        self.touched = written or bool(applied) or bool(self.expired)
        if written or applied or (current is not None and current.id == self._id):
            news = stands(self.known, applied)
            assert news is not None  # there is at least the version of this load
            batch.news.append((self.entry, news, self.delivery.source.run_id))
            self.told = True

    def result(self, news: Iterable[bool]) -> LoadResult:
        """What became of it, once it is written; takes its own from what the ledger says was news."""
        current, before = self.known.current, self.before
        changed = next(iter(news)) if self.told else False
        found = self._version()
        assert found is not None
        return LoadResult(
            status=self._status(before, current),
            report_id=found.id,
            version=found.version,
            outcome=self.rows.report["outcome"],
            touched=self.touched or changed,
            expired=self.expired,
            current_id=current.id if current else None,
            previous_id=before.id if before and (current is None or current.id != before.id) else None,
        )

    def _decided(self) -> tuple[ReportRows, tuple[str, ...]]:
        """The rows with all decisions applied that hold, and the ids of those that hold no longer.

        A late repeat of a document that was superseded says nothing about what holds now: it ends no decision.
        """
        active = [one for one in decisions_of(self.known.corrections) if one.active]
        if not active:
            return self.rows, ()
        done = apply(self.delivery.judgement, active, self.judge)
        ended = list(done.expired)
        sha, before = self.delivery.source.document_sha, self.before
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
        if before is not None and before.document_sha256 != sha and self.delivery.source.fetched_at < before.fetched_at:
            return rows, ()
        for one, why in ended:
            expire(self.connection, one, why, self.now)
        if ended:
            unit = self.delivery.unit
            self.known.corrections = known(self.connection, [unit])[unit].corrections
        return rows, tuple(one.id for one, _ in ended)

    def _override_undone(self) -> bool:
        """Whether what counts holds a figure that a person had set and took back: it counts no more, also where what
        was read is doubted, or was there before."""
        current = self.known.current
        if current is None or current.id == self._id or current.document_sha256 != self.delivery.source.document_sha:
            return False
        undone = {row.undoes for row in self.known.corrections if row.kind == DecisionKind.REOPEN.value}
        if not undone:
            return False
        held = (_FACT.c.report_id == current.id, _FACT.c.corrected_by.in_(sorted(undone)))
        return bool(self.connection.scalar(sa.select(sa.exists().where(*held))))

    def _choice_undone(self, batch: Batch) -> bool:
        """What counted only because a person chose it counts no more once the choice is taken back, also where what
        takes its place is doubted: then what counted before the choice counts again, if anything did."""
        current, sha = self.known.current, self.delivery.source.document_sha
        if current is None or self.choice is not None or current.document_sha256 == sha:
            return False
        freed = {row.undoes for row in waiting(self.known.corrections) if row.kind == DecisionKind.REOPEN.value}
        chosen = next(
            (row for row in self.known.corrections if row.id in freed and row.kind == DecisionKind.CHOOSE.value), None
        )
        if chosen is None or chosen.target != current.document_sha256:
            return False
        loaded = chosen.applies_to.get("loaded", [current.document_sha256])
        if current.document_sha256 in loaded:  # it would have counted by itself
            return False
        self._retire(current, batch)
        trusted = [
            row
            for row in self.known.versions
            if row.document_sha256 in loaded and row.outcome != Outcome.QUARANTINED.value
        ]
        if trusted:
            back = max(trusted, key=lambda row: row.fetched_at)
            batch.changed.append({"b_id": back.id, "is_current": True, "superseded_at": None})
            self._replace(back, replace(back, is_current=True, superseded_at=None))
        return True

    def _applied(self) -> list[str]:
        """The decisions about this document that take effect with this load."""
        latest = max(self.known.versions, key=lambda row: row.fetched_at).document_sha256
        return [
            row.id
            for row in waiting(self.known.corrections)
            if (row.applies_to["document_sha256"] or latest) == self.delivery.source.document_sha
        ]

    def _report_id(self, rows: ReportRows) -> str:
        return f"{self.delivery.publisher}.{self.delivery.year}.{digest(rows.content_digest)[:10]}"

    @property
    def _id(self) -> str:
        return self._report_id(self.rows)

    def _version(self) -> Version | None:
        """The version that this load is about, if it is stored."""
        wanted = self._id
        return next((row for row in self.known.versions if row.id == wanted), None)

    @property
    def _doubted(self) -> bool:
        return bool(self.rows.report["outcome"] == Outcome.QUARANTINED.value)

    def _says_something_new(self, found: Version) -> bool:
        """Another verdict or parser on a known reading; or its document came back after another one."""
        source, current = self.delivery.source, self.known.current
        if found.assessment_digest != self.rows.assessment_digest or found.parser_version != source.parser_version:
            return True
        if self.choice is not None and self.choice.target == found.document_sha256 and not self._doubted:
            return not found.is_current
        if self.choice is None and current is not None and not self._doubted and found.fetched_at > current.fetched_at:
            return True  # a choice that was taken back had put an older document in its place
        others = [
            row.fetched_at for row in self.known.versions if row.id != found.id and row.fetched_at >= found.fetched_at
        ]
        return bool(others) and source.fetched_at > max(others)

    def _counts(self, current: Version | None, found: Version | None) -> bool:
        """Whether a trusted reading with news takes the place of the current one."""
        source = self.delivery.source
        mine = current is not None and current.document_sha256 == source.document_sha
        if self.choice is not None:  # what is current stays so until the chosen document is read without doubt
            return mine or self.choice.target == source.document_sha
        if current is None or mine:
            return True
        if found is not None and not found.is_current:
            return source.fetched_at > current.fetched_at
        return source.fetched_at >= current.fetched_at

    def _retire(self, current: Version, batch: Batch) -> None:
        values: Row = {"is_current": False, "superseded_at": self.now}
        batch.retired.append({"b_id": current.id, **values})
        self._replace(current, replace(current, **values))

    def _insert(self, is_current: bool, batch: Batch) -> None:
        source = self.delivery.source
        document: Row = {
            "sha256": source.document_sha,
            "media_type": source.media_type,
            "size": None,
            "first_url": storable(source.url),
            "first_fetched_at": source.fetched_at,
        }
        batch.documents.setdefault(source.document_sha, document)
        row: Row = {
            **self.rows.report,
            "id": self._id,
            "publisher_id": self.delivery.publisher,
            "year": self.delivery.year,
            "version": len(self.known.versions) + 1,
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
        batch.reports.append(row)
        batch.children.append((self._id, self.rows))
        self.known.versions.append(Version(*(row[name] for name in Version.__slots__)))

    def _update(self, found: Version, is_current: bool, batch: Batch) -> None:
        """Bring a known version up to date: verdict, evidence of the reading, and whether it counts."""
        source = self.delivery.source
        values: Row = {
            "parser_version": source.parser_version,
            "fetched_at": max(found.fetched_at, source.fetched_at),
            "judged_at": self.now,
            "run_id": source.run_id,
            "is_current": is_current,
            "superseded_at": None if is_current else self.now if found.is_current else found.superseded_at,
        }
        if found.assessment_digest != self.rows.assessment_digest:
            values |= {**self.rows.report, "assessment_digest": self.rows.assessment_digest}
            batch.emptied.append(found.id)
            batch.children.append((found.id, self.rows))
        batch.changed.append({"b_id": found.id, **values})
        self._replace(found, replace(found, **{name: values[name] for name in Version.__slots__ if name in values}))

    def _replace(self, old: Version, new: Version) -> None:
        self.known.versions[self.known.versions.index(old)] = new

    def _status(self, before: Version | None, current: Version | None) -> LoadStatus:
        if self._doubted:
            return LoadStatus.QUARANTINED
        if before is None:
            return LoadStatus.NEW if current is not None else LoadStatus.UNCHANGED
        if current is None or current.id != before.id or current.outcome != before.outcome:
            return LoadStatus.CHANGED
        return LoadStatus.UNCHANGED
