"""What the ledger must say of a publisher and year, given all versions: it depends on them alone, not on their order.

A current report that a check over the warehouse contradicts is flagged, whatever it said of itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.ledger import LedgerState
from schemas.report import Outcome, Reason, Severity, Verdict
from schemas.tables import Correction, DecisionKind, Finding, Report, table_of
from tasks.load import ledger
from tasks.load.ledger import Entry
from tasks.load.pending import RELOAD, pending

_REPORT, _FINDING, _CORRECTION = table_of(Report), table_of(Finding), table_of(Correction)

REVIEW = "review"
"""The next action when something waits for a person."""


def versions_of(connection: Connection, publisher: str, year: int) -> Sequence[Any]:
    """All versions of a report, oldest first."""
    query = (
        sa.select(_REPORT)
        .where(_REPORT.c.publisher_id == publisher, _REPORT.c.year == year)
        .order_by(_REPORT.c.version)
    )
    return connection.execute(query).all()


def standing(connection: Connection, versions: Sequence[Any]) -> Entry | None:
    """The ledger's entry for these versions; None when there are none."""
    if not versions:
        return None
    entry = _entry(connection, versions)
    if entry is not None and pending(connection, versions[0].publisher_id, versions[0].year):
        return replace(entry, next_action=RELOAD)
    return entry


def _entry(connection: Connection, versions: Sequence[Any]) -> Entry | None:
    current = next((row for row in versions if row.is_current), None)
    doubts = [row for row in versions if row.outcome == Outcome.QUARANTINED.value]
    if current is not None:
        passed_over = _passed_over(connection, current)
        doubts = [row for row in doubts if row.document_sha256 not in passed_over]
    doubt = max(doubts, key=_order, default=None)
    if current is None:
        return Entry(LedgerState.QUARANTINED, _reason(doubt), REVIEW, doubt.id) if doubt is not None else None
    state, reason, action = _disputed(connection, current)
    if doubt is None or _order(doubt) < _order(current):
        return Entry(state, reason, action, current.id)
    waits = f"version {current.version} stays current; the newer reading: {doubt.reason or 'quarantined'}"
    return Entry(state, Reason("load.newer_quarantined", waits), REVIEW, current.id, doubt.id)


def confirm(connection: Connection, publisher: str, year: int, now: datetime, run_id: str | None) -> LedgerState:
    """The source was looked at again and is as it was: drop what was noted beside a stored report.

    Returns the state that holds. A year without a stored report stays as it is.
    """
    row = ledger.lock(connection, publisher, year, now, run_id)
    entry = standing(connection, versions_of(connection, publisher, year))
    if entry is None:
        return LedgerState(row.state)
    ledger.write(connection, row, entry, now, run_id)
    return entry.state


def _disputed(connection: Connection, current: Any) -> tuple[LedgerState, Reason | None, str | None]:
    """State, reason and action of a current report: flagged when another report contradicts it."""
    query = (
        sa.select(_FINDING)
        .where(
            _FINDING.c.report_id == current.id,
            _FINDING.c.scope != "report",
            _FINDING.c.severity == Severity.ERROR.value,
            _FINDING.c.dismissed_by.is_(None),
        )
        .order_by(_FINDING.c.key)
    )
    found = connection.execute(query).all()
    if not found:
        return LedgerState(current.outcome), _reason(current), None
    more = f" And {len(found) - 1} more." if len(found) > 1 else ""
    doubtful = any(row.verdict == Verdict.READING.value for row in found)
    said = Reason("load.contradicted", f"{found[0].message}.{more}")
    return LedgerState.FLAGGED, said, REVIEW if doubtful else None


def _passed_over(connection: Connection, current: Any) -> frozenset[str]:
    """Documents that a person knew and did not choose: a doubt about them waits for nobody."""
    mine = (_CORRECTION.c.publisher_id == current.publisher_id, _CORRECTION.c.year == current.year)
    ended = sa.select(_CORRECTION.c.undoes).where(*mine, _CORRECTION.c.undoes.is_not(None))
    query = sa.select(_CORRECTION).where(
        *mine, _CORRECTION.c.kind == DecisionKind.CHOOSE.value, _CORRECTION.c.id.not_in(ended)
    )
    return frozenset(
        sha for row in connection.execute(query) for sha in row.applies_to["documents"] if sha != row.target
    )


def _order(row: Any) -> tuple[datetime, datetime]:
    return row.fetched_at, row.judged_at


def _reason(row: Any) -> Reason | None:
    return Reason(row.reason_code, row.reason) if row.reason_code else None
