"""What a batch of loads writes, gathered report by report and written at once: few statements, many rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.tables import Document, Fact, Finding, Report, Section, Statistic, table_of
from tasks.load import ledger
from tasks.load.bulk import insert, insert_fast, insert_lines, insert_missing
from tasks.load.facts import FACT_COLUMNS
from tasks.load.ledger import Entry
from tasks.load.pending import mark_applied
from tasks.load.rows import ReportRows, Row

_DOCUMENT, _REPORT = table_of(Document), table_of(Report)
_FACT, _STATISTIC, _SECTION, _FINDING = (table_of(model) for model in (Fact, Statistic, Section, Finding))
_THIS = _REPORT.c.id == sa.bindparam("b_id")


@dataclass(slots=True)
class Batch:
    """Rows to be written. Each publisher and year may be in it once."""

    documents: dict[str, Row] = field(default_factory=dict)  # by hash
    retired: list[Row] = field(default_factory=list)  # reports that stop being current, with when
    reports: list[Row] = field(default_factory=list)  # new versions
    changed: list[Row] = field(default_factory=list)  # known versions with their new values
    emptied: list[str] = field(default_factory=list)  # known versions whose rows are written anew
    children: list[tuple[str, ReportRows]] = field(default_factory=list)  # by report
    applied: list[str] = field(default_factory=list)  # decisions that have taken effect
    news: list[tuple[Any, Entry, str | None]] = field(default_factory=list)  # of the ledger

    def write(self, connection: Connection, now: datetime) -> list[bool]:
        """Write all of it. Returns for each of `news` whether it was any."""
        insert_missing(connection, _DOCUMENT, [row for _, row in sorted(self.documents.items())])
        if self.retired:  # before others become current: there is never a second
            connection.execute(sa.update(_REPORT).where(_THIS), self.retired)
        insert(connection, _REPORT, self.reports)
        self._empty(connection)
        for rows in _alike(self.changed):
            connection.execute(sa.update(_REPORT).where(_THIS), rows)
        self._children(connection)
        mark_applied(connection, self.applied, now)
        return ledger.write_many(connection, self.news, now)

    def _empty(self, connection: Connection) -> None:
        if not self.emptied:
            return
        these = [{"b_id": report_id} for report_id in self.emptied]
        for table in (_FACT, _STATISTIC, _SECTION):
            connection.execute(sa.delete(table).where(table.c.report_id == sa.bindparam("b_id")), these)
        own = (_FINDING.c.report_id == sa.bindparam("b_id"), _FINDING.c.scope == "report")
        connection.execute(sa.delete(_FINDING).where(*own), these)

    def _children(self, connection: Connection) -> None:
        written = sorted(self.children, key=lambda child: child[0])  # in the order of the tables' keys
        facts = ((report_id, *values) for report_id, rows in written for values in rows.facts.values)
        insert_lines(connection, _FACT, ("report_id", *FACT_COLUMNS), facts)
        for table, name in ((_STATISTIC, "statistics"), (_SECTION, "sections"), (_FINDING, "findings")):
            rows = [{"report_id": report_id, **row} for report_id, all_ in written for row in getattr(all_, name)]
            insert_fast(connection, table, rows)


def _alike(rows: Sequence[Row]) -> list[list[Row]]:
    """The rows by what they set: one statement sets the same columns in all its rows."""
    found: dict[tuple[str, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row), []).append(row)
    return list(found.values())
