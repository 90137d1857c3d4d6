"""What the ledger must say of a publisher and year, given all versions: it depends on them alone, not on their order.

A current report that a check over the warehouse contradicts is flagged, whatever it said of itself.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.ledger import LedgerState
from schemas.report import Outcome, Reason, Severity, Verdict
from schemas.tables import Correction, CorrectionApplied, DecisionKind, Finding, Report, table_of
from tasks.load import ledger
from tasks.load.ledger import Entry, Unit, one_of
from tasks.load.pending import RELOAD, waiting

_REPORT, _FINDING = table_of(Report), table_of(Finding)
_CORRECTION, _APPLIED = table_of(Correction), table_of(CorrectionApplied)

REVIEW = "review"
"""The next action when something waits for a person."""


@dataclass(frozen=True, slots=True)
class Version:
    """What decides about one version of a report."""

    id: str
    version: int
    is_current: bool
    outcome: str
    reason_code: str | None
    reason: str | None
    document_sha256: str
    parser_version: str
    assessment_digest: str
    fetched_at: datetime
    judged_at: datetime
    superseded_at: datetime | None


_COLUMNS = tuple(_REPORT.c[name] for name in Version.__slots__)


@dataclass(slots=True)
class Known:
    """All that is known of a publisher and year: versions and decisions, oldest first, and what speaks against them."""

    versions: list[Version] = field(default_factory=list)
    corrections: list[Any] = field(default_factory=list)  # rows of `correction` with `applied_at`
    against: dict[str, list[Any]] = field(default_factory=dict)  # by report: undismissed errors between reports

    @property
    def current(self) -> Version | None:
        """The version that counts."""
        return next((version for version in self.versions if version.is_current), None)


def known(connection: Connection, units: Collection[Unit]) -> dict[Unit, Known]:
    """What the warehouse knows of each of these."""
    found = {unit: Known() for unit in units}
    here = (_REPORT.c.publisher_id, _REPORT.c.year)
    for part in ledger.parts(found):
        query = sa.select(*here, *_COLUMNS).where(one_of(*here, part)).order_by(_REPORT.c.version)
        for publisher, year, *values in connection.execute(query):
            found[publisher, year].versions.append(Version(*values))
        _decisions(connection, part, found)
        _contradictions(connection, [unit for unit in part if found[unit].versions], found)
    return found


def _decisions(connection: Connection, units: Sequence[Unit], found: dict[Unit, Known]) -> None:
    query = (
        sa.select(_CORRECTION, _APPLIED.c.applied_at)
        .outerjoin(_APPLIED, _APPLIED.c.correction_id == _CORRECTION.c.id)
        .where(one_of(_CORRECTION.c.publisher_id, _CORRECTION.c.year, units))
        .order_by(_CORRECTION.c.seq)
    )
    for row in connection.execute(query):
        found[row.publisher_id, row.year].corrections.append(row)


def _contradictions(connection: Connection, units: Sequence[Unit], found: dict[Unit, Known]) -> None:
    if not units:
        return
    query = (
        sa.select(_FINDING.c.report_id, _FINDING.c.message, _FINDING.c.verdict, _REPORT.c.publisher_id, _REPORT.c.year)
        .join(_REPORT, _REPORT.c.id == _FINDING.c.report_id)
        .where(
            one_of(_REPORT.c.publisher_id, _REPORT.c.year, units),
            _FINDING.c.scope != "report",
            _FINDING.c.severity == Severity.ERROR.value,
            _FINDING.c.dismissed_by.is_(None),
        )
        .order_by(_FINDING.c.key)
    )
    for row in connection.execute(query):
        found[row.publisher_id, row.year].against.setdefault(row.report_id, []).append(row)


def versions_of(connection: Connection, publisher: str, year: int) -> Sequence[Any]:
    """All versions of a report with all their columns, oldest first."""
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
    unit = (versions[0].publisher_id, versions[0].year)
    return stands(known(connection, [unit])[unit])


def stands(known: Known, applied: Collection[str] = ()) -> Entry | None:
    """The ledger's entry for what is known; None when there is neither a current version nor a doubt.

    `applied` are decisions that take effect just now.
    """
    entry = _entry(known)
    if entry is not None and any(row.id not in applied for row in waiting(known.corrections)):
        return replace(entry, next_action=RELOAD)
    return entry


def _entry(known: Known) -> Entry | None:
    current = known.current
    doubts = [row for row in known.versions if row.outcome == Outcome.QUARANTINED.value]
    if current is not None:
        passed_over = _passed_over(known.corrections)
        doubts = [row for row in doubts if row.document_sha256 not in passed_over]
    doubt = max(doubts, key=_order, default=None)
    if current is None:
        return Entry(LedgerState.QUARANTINED, _reason(doubt), REVIEW, doubt.id) if doubt is not None else None
    state, reason, action = _disputed(current, known.against.get(current.id, []))
    if doubt is None or _order(doubt) < _order(current):
        return Entry(state, reason, action, current.id)
    waits = f"version {current.version} stays current; the newer reading: {doubt.reason or 'quarantined'}"
    return Entry(state, Reason("load.newer_quarantined", waits), REVIEW, current.id, doubt.id)


def confirm(connection: Connection, publisher: str, year: int, now: datetime, run_id: str | None) -> LedgerState:
    """The source was looked at again and is as it was: drop what was noted beside a stored report.

    Returns the state that holds. A year without a stored report stays as it is.
    """
    row = ledger.lock(connection, publisher, year, now, run_id)
    entry = stands(known(connection, [(publisher, year)])[publisher, year])
    if entry is None:
        return LedgerState(row.state)
    ledger.write(connection, row, entry, now, run_id)
    return entry.state


def _disputed(current: Version, against: Sequence[Any]) -> tuple[LedgerState, Reason | None, str | None]:
    """State, reason and action of a current report: flagged when another report contradicts it."""
    if not against:
        return LedgerState(current.outcome), _reason(current), None
    more = f" And {len(against) - 1} more." if len(against) > 1 else ""
    doubtful = any(row.verdict == Verdict.READING.value for row in against)
    said = Reason("load.contradicted", f"{against[0].message}.{more}")
    return LedgerState.FLAGGED, said, REVIEW if doubtful else None


def _passed_over(corrections: Sequence[Any]) -> frozenset[str]:
    """Documents that a person knew and did not choose: a doubt about them waits for nobody."""
    ended = {row.undoes for row in corrections if row.undoes}
    choices = [row for row in corrections if row.kind == DecisionKind.CHOOSE.value and row.id not in ended]
    return frozenset(sha for row in choices for sha in row.applies_to["documents"] if sha != row.target)


def _order(row: Version) -> tuple[datetime, datetime, int]:
    return row.fetched_at, row.judged_at, row.version  # two judged in one transaction have one time


def _reason(row: Version) -> Reason | None:
    return Reason(row.reason_code, row.reason or "") if row.reason_code else None
