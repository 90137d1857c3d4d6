"""Decisions of people about reports: append-only, each about what the source said when it was taken.

A decision holds until it is taken back (`reopen`) or what it was about is no more (`expire`). The same decision
twice is one decision. It takes effect with the next load of the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.errors import LoadError
from schemas.ledger import LedgerState
from schemas.report import Outcome, Reason
from schemas.tables import Correction, DecisionKind, Fact, Fetch, Finding, Report, table_of
from tasks.load import ledger
from tasks.load.pending import RELOAD, mark_applied
from tasks.load.plain import storable
from tasks.load.standing import confirm, versions_of

_CORRECTION, _REPORT = table_of(Correction), table_of(Report)
_FACT, _FETCH, _FINDING = table_of(Fact), table_of(Fetch), table_of(Finding)

PROGRAM = "nianbao"
"""Who writes `expire`."""

_ENDS = (DecisionKind.REOPEN.value, DecisionKind.EXPIRE.value)


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision as stored. `active` is False once it was taken back or has expired."""

    id: str
    publisher: str
    year: int
    kind: DecisionKind
    target: str
    applies_to: dict[str, Any]
    value: Decimal | None
    unit: str | None
    why: str
    decided_by: str
    decided_at: datetime
    undoes: str | None
    active: bool


def accept(connection: Connection, report_id: str, by: str, why: str, now: datetime) -> Decision:
    """The doubted reading is right. Raises LoadError `load.no_case` when the report is not quarantined."""
    report = _report(connection, report_id)
    standing = _active(connection, report, DecisionKind.ACCEPT, report_id)
    if standing is not None:
        return standing
    # Accepted before and taken back, it is quarantined again as soon as that takes effect.
    in_doubt = report.outcome == Outcome.QUARANTINED.value or report.accepted_by is not None
    if not in_doubt or report.edition is None:
        raise LoadError("load.no_case", f"{report_id} holds no quarantined figures to accept")
    about = {"document_sha256": report.document_sha256}
    return _append(connection, report, DecisionKind.ACCEPT, report_id, about, by, why, now)


def override(
    connection: Connection,
    report_id: str,
    code: str,
    value: Decimal | None,
    by: str,
    why: str,
    now: datetime,
    *,
    unit: str | None = None,
    row_key: str = "",
) -> Decision:
    """A cell holds another value (None: it is blank). Raises LoadError `load.no_case` when there is no such cell."""
    report = _report(connection, report_id)
    cell = (_FACT.c.report_id == report_id, _FACT.c.code == code, _FACT.c.row_key == row_key)
    fact = connection.execute(sa.select(_FACT).where(*cell)).one_or_none()
    if fact is None:
        raise LoadError("load.no_case", f"{report_id} has no cell {code}")
    read = fact.value_read if fact.corrected_by else fact.value
    about = {
        "document_sha256": report.document_sha256,
        "row_key": row_key,
        "raw": fact.raw,
        "value": None if read is None else format(read, "f"),
    }
    target = f"{code}|{row_key}" if row_key else code
    standing = _active(connection, report, DecisionKind.OVERRIDE, target)
    if standing is not None and (standing.value, standing.unit) == (value, unit) and _same(standing.applies_to, about):
        return standing
    if standing is not None:
        _replaced(connection, report, standing, by, why, now)
    return _append(connection, report, DecisionKind.OVERRIDE, target, about, by, why, now, value=value, unit=unit)


def choose(
    connection: Connection, publisher: str, year: int, document_sha256: str, by: str, why: str, now: datetime
) -> Decision:
    """That document is the report. Raises LoadError `load.no_case` for a document that was never had for it.

    A document that was only a second reading so far will do: it is loaded when the decision takes effect.
    """
    known = documents_of(connection, publisher, year)
    if document_sha256 not in known:
        raise LoadError("load.no_case", f"{document_sha256} is no document of {publisher} for {year}")
    entry = ledger.lock(connection, publisher, year, now, None)
    loaded = {row.document_sha256 for row in versions_of(connection, publisher, year)}
    about = {"document_sha256": document_sha256, "documents": sorted(known), "loaded": sorted(loaded)}
    active = [one for one in decisions(connection, publisher, year) if one.active and one.kind is DecisionKind.CHOOSE]
    for standing in active:
        if standing.target == document_sha256 and set(standing.applies_to["documents"]) >= known:
            return standing
        _replaced(connection, entry, standing, by, why, now)
    return _append(connection, entry, DecisionKind.CHOOSE, document_sha256, about, by, why, now)


def documents_of(connection: Connection, publisher: str, year: int) -> set[str]:
    """Every document that was loaded or fetched as a report of this publisher and year."""
    fetched = sa.select(_FETCH.c.sha256).where(
        _FETCH.c.publisher_id == publisher, _FETCH.c.year == year, _FETCH.c.sha256.is_not(None)
    )
    return {
        *connection.execute(fetched.distinct()).scalars(),
        *(row.document_sha256 for row in versions_of(connection, publisher, year)),
    }


def dismiss(connection: Connection, report_id: str, finding: str, by: str, why: str, now: datetime) -> Decision:
    """A finding does not matter. Raises LoadError `load.no_case` when the report has no such finding."""
    report = _report(connection, report_id)
    one = (_FINDING.c.report_id == report_id, _FINDING.c.key == finding)
    row = connection.execute(sa.select(_FINDING).where(*one)).one_or_none()
    if row is None:
        raise LoadError("load.no_case", f"{report_id} has no finding {finding}")
    about = {**said_of(dict(row._mapping)), "document_sha256": report.document_sha256}  # noqa: SLF001
    standing = _active(connection, report, DecisionKind.DISMISS, finding)
    if standing is not None and _same(standing.applies_to, about):
        return standing
    made = _append(connection, report, DecisionKind.DISMISS, finding, about, by, why, now)
    if row.scope == "report":
        return made
    # Findings between reports are not loaded again; they are marked at once.
    connection.execute(sa.update(_FINDING).where(*one).values(dismissed_by=made.id))
    mark_applied(connection, [made.id], now)
    confirm(connection, report.publisher_id, report.year, now, None)
    return made


def reopen(connection: Connection, decision_id: str, by: str, why: str, now: datetime) -> Decision:
    """Take a decision back. One that no longer holds stays as it is. Raises LoadError `load.no_case`."""
    row = connection.execute(sa.select(_CORRECTION).where(_CORRECTION.c.id == decision_id)).one_or_none()
    if row is None or row.kind in _ENDS:
        raise LoadError("load.no_case", f"there is no decision {decision_id} to take back")
    ledger.lock(connection, row.publisher_id, row.year, now, None)
    known = decisions(connection, row.publisher_id, row.year)
    ended = next((one for one in known if one.undoes == decision_id), None)
    if ended is not None:
        return ended
    # Without a choice any document may be the report again; all others concern the one they were about.
    chosen = row.kind == DecisionKind.CHOOSE.value
    about = {"document_sha256": None if chosen else row.applies_to["document_sha256"]}
    made = _append(connection, row, DecisionKind.REOPEN, decision_id, about, by, why, now, undoes=decision_id)
    between = (_FINDING.c.dismissed_by == decision_id, _FINDING.c.scope != "report")
    if connection.execute(sa.update(_FINDING).where(*between).values(dismissed_by=None)).rowcount:
        mark_applied(connection, [made.id], now)
        confirm(connection, row.publisher_id, row.year, now, None)
    return made


def expire(connection: Connection, decision: Decision, why: str, now: datetime) -> None:
    """What a decision was about is no more."""
    row = connection.execute(sa.select(_CORRECTION).where(_CORRECTION.c.id == decision.id)).one()
    _append(connection, row, DecisionKind.EXPIRE, decision.id, {}, PROGRAM, why, now, undoes=decision.id)


def decisions(connection: Connection, publisher: str, year: int) -> list[Decision]:
    """All decisions about a report, oldest first."""
    query = (
        sa.select(_CORRECTION)
        .where(_CORRECTION.c.publisher_id == publisher, _CORRECTION.c.year == year)
        .order_by(_CORRECTION.c.seq)
    )
    return decisions_of(connection.execute(query).all())


def decisions_of(rows: Sequence[Any]) -> list[Decision]:
    """The same from the rows of one report's corrections."""
    ended = {row.undoes for row in rows if row.undoes}
    return [_decision(row, active=row.kind not in _ENDS and row.id not in ended) for row in rows]


def choices(connection: Connection) -> dict[tuple[str, int], str]:
    """The document that was chosen, for each publisher and year where a choice holds."""
    ended = sa.select(_CORRECTION.c.undoes).where(_CORRECTION.c.undoes.is_not(None))
    query = sa.select(_CORRECTION.c.publisher_id, _CORRECTION.c.year, _CORRECTION.c.target).where(
        _CORRECTION.c.kind == DecisionKind.CHOOSE.value, _CORRECTION.c.id.not_in(ended)
    )
    return {(row.publisher_id, row.year): row.target for row in connection.execute(query)}


def said_of(finding: dict[str, Any]) -> dict[str, Any]:
    """What a finding says, without its words: a decision about it holds while this stays."""
    return {
        "check": finding["check_code"],
        "left": finding["left_side"],
        "right": finding["right_side"],
        "cells": sorted(finding["cells"]),
    }


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two decisions are about the same, whichever document shows it."""
    return {**one, "document_sha256": None} == {**other, "document_sha256": None}


def _replaced(connection: Connection, report: Any, standing: Decision, by: str, why: str, now: datetime) -> None:
    """End a decision because another takes its place; nothing waits for that."""
    about = {"document_sha256": None}
    ended = _append(connection, report, DecisionKind.REOPEN, standing.id, about, by, why, now, undoes=standing.id)
    mark_applied(connection, [ended.id], now)


def _report(connection: Connection, report_id: str) -> Any:
    row = connection.execute(sa.select(_REPORT).where(_REPORT.c.id == report_id)).one_or_none()
    if row is None:
        raise LoadError("load.unknown_report", f"there is no report {report_id}")
    return row


def _active(connection: Connection, report: Any, kind: DecisionKind, target: str) -> Decision | None:
    known = decisions(connection, report.publisher_id, report.year)
    return next((one for one in known if one.active and one.kind is kind and one.target == target), None)


def _append(
    connection: Connection,
    about: Any,
    kind: DecisionKind,
    target: str,
    applies_to: dict[str, Any],
    by: str,
    why: str,
    now: datetime,
    *,
    value: Decimal | None = None,
    unit: str | None = None,
    undoes: str | None = None,
) -> Decision:
    """Write one row, under the lock of its publisher and year. Raises LoadError `load.no_name` without who or why."""
    if not by.strip() or not why.strip():
        raise LoadError("load.no_name", "a decision needs who took it, and why")
    publisher, year = about.publisher_id, about.year
    entry = ledger.lock(connection, publisher, year, now, None)
    here = (_CORRECTION.c.publisher_id == publisher, _CORRECTION.c.year == year)
    last = connection.execute(sa.select(sa.func.max(_CORRECTION.c.seq)).where(*here)).scalar_one()
    row = {
        "id": f"{publisher}.{year}.c{(last or 0) + 1}",
        "publisher_id": publisher,
        "year": year,
        "seq": (last or 0) + 1,
        "kind": kind.value,
        "target": target,
        "applies_to": applies_to,
        "value": value,
        "unit": unit,
        "why": storable(why),
        "decided_by": storable(by),
        "decided_at": now,
        "undoes": undoes,
    }
    connection.execute(sa.insert(_CORRECTION).values(row))
    if kind is not DecisionKind.EXPIRE:
        _want_reload(connection, entry, now)
    made = connection.execute(sa.select(_CORRECTION).where(_CORRECTION.c.id == row["id"])).one()
    return _decision(made, active=kind.value not in _ENDS)


def _want_reload(connection: Connection, row: Any, now: datetime) -> None:
    reason = Reason(row.reason_code, row.reason) if row.reason_code else None
    entry = ledger.Entry(LedgerState(row.state), reason, RELOAD, row.report_id, row.review_report_id)
    ledger.write(connection, row, entry, now, None)


def _decision(row: Any, *, active: bool) -> Decision:
    return Decision(
        id=row.id,
        publisher=row.publisher_id,
        year=row.year,
        kind=DecisionKind(row.kind),
        target=row.target,
        applies_to=row.applies_to,
        value=row.value,
        unit=row.unit,
        why=row.why,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        undoes=row.undoes,
        active=active,
    )
