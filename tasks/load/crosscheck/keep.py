"""Keep what the checks over many reports find: only differences are written, decisions of people stay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.ledger import LedgerState
from schemas.tables import Correction, DecisionKind, Finding, Report, table_of
from tasks.load import ledger
from tasks.load.bulk import Row, chunks, insert_missing
from tasks.load.crosscheck.bodies import body_findings
from tasks.load.crosscheck.found import CrossFinding
from tasks.load.crosscheck.texts import TEXT_CHECKS, TextCheck, text_findings
from tasks.load.crosscheck.years import YEAR_CHECKS, year_findings
from tasks.load.decisions import said_of
from tasks.load.rows import short_key, storable
from tasks.load.standing import standing, versions_of

_REPORT, _FINDING, _CORRECTION = table_of(Report), table_of(Finding), table_of(Correction)
_OWN = ("severity", "verdict", "message", "left_side", "right_side", "cells", "other_report_id")


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """What a round of checks changed: findings that are new, gone and standing, and how many stand by check and by
    report."""

    new: int
    gone: int
    standing: int
    by_check: dict[str, int]
    by_report: dict[str, int]


def find(
    connection: Connection,
    publishers: Collection[str] | None,
    text_check: TextCheck | None = None,
    *,
    bodies: bool = True,
) -> list[CrossFinding]:
    """Run all checks over current reports; for neighbouring years only of these publishers, if they are named.

    Checks between bodies look at all, unless `bodies` is off; texts are held against the year before if `text_check`
    is given. Reads only: loaders need not wait for it.
    """
    texts = text_findings(connection, publishers, text_check) if text_check is not None else ()
    between = body_findings(connection) if bodies else ()
    return [*year_findings(connection, publishers), *texts, *between]


def keep(
    connection: Connection,
    findings: Iterable[CrossFinding],
    publishers: Collection[str] | None,
    now: datetime,
    run_id: str | None,
    *,
    texts: bool = False,
    bodies: bool = True,
) -> CrossCheck:
    """Write what changed since the last round. The ledger of every report whose standing changes is told.

    `texts` and `bodies` say that texts and other bodies were looked at: findings that are not among these are gone.

    A report that was superseded since `find` looked may get a finding; it is not current, and the next round
    takes the finding away.
    """
    found = {(row["report_id"], row["key"]): row for row in map(_row, findings)}
    kept = {(row["report_id"], row["key"]): row for row in _kept(connection, publishers, texts, bodies)}
    gone = [key for key, row in kept.items() if key not in found or _differs(row, found[key])]
    new = [row for key, row in found.items() if key not in kept or _differs(kept[key], row)]
    for part in chunks(gone):
        connection.execute(
            sa.delete(_FINDING).where(
                _FINDING.c.report_id == sa.bindparam("b_report"), _FINDING.c.key == sa.bindparam("b_key")
            ),
            [{"b_report": report_id, "b_key": key} for report_id, key in part],
        )
    _mark_dismissed(connection, new)
    insert_missing(connection, _FINDING, new)
    _tell(connection, {key[0] for key in gone} | {row["report_id"] for row in new}, now, run_id)
    by_check = Counter(row["check_code"] for row in found.values())
    by_report = Counter(row["report_id"] for row in found.values())
    changed = {(row["report_id"], row["key"]) for row in new}
    return CrossCheck(
        len(changed - kept.keys()),
        len(set(gone) - changed),
        len(found),
        dict(sorted(by_check.items())),
        dict(by_report),
    )


def _kept(connection: Connection, publishers: Collection[str] | None, texts: bool, bodies: bool) -> list[Row]:
    """The findings that this round answers for: all between bodies, those over years of the named publishers."""
    query = sa.select(_FINDING).where(_FINDING.c.scope != "report")
    if not texts:
        query = query.where(_FINDING.c.check_code.not_in(sorted(TEXT_CHECKS)))
    over_years = _FINDING.c.check_code.in_(sorted(YEAR_CHECKS | TEXT_CHECKS))
    if not bodies:
        query = query.where(over_years)
    if publishers is not None:
        reports = sa.select(_REPORT.c.id).where(_REPORT.c.publisher_id.in_(sorted(set(publishers))))
        query = query.where(sa.or_(~over_years, _FINDING.c.report_id.in_(reports)))
    return [dict(row) for row in connection.execute(query).mappings()]


def _mark_dismissed(connection: Connection, rows: list[Row]) -> None:
    """A finding that comes back as it was stays dismissed. The same figures in another body's report are another
    finding: keys name cells and years, not bodies."""
    query = sa.select(_CORRECTION).where(
        _CORRECTION.c.kind == DecisionKind.DISMISS.value,
        _CORRECTION.c.id.not_in(sa.select(_CORRECTION.c.undoes).where(_CORRECTION.c.undoes.is_not(None))),
    )
    dismissed = {(row.publisher_id, row.year, row.target): row for row in connection.execute(query)}
    if not dismissed:
        return
    units = _units(connection, {row["report_id"] for row in rows})
    for row in rows:
        decision = dismissed.get((*units[row["report_id"]], row["key"]))
        if decision is not None and said_of(row).items() <= decision.applies_to.items():
            row["dismissed_by"] = decision.id


def _units(connection: Connection, reports: Collection[str]) -> dict[str, tuple[str, int]]:
    """Publisher and year of each of these reports."""
    found: dict[str, tuple[str, int]] = {}
    for part in chunks(sorted(reports)):
        query = sa.select(_REPORT.c.id, _REPORT.c.publisher_id, _REPORT.c.year).where(_REPORT.c.id.in_(list(part)))
        found |= {row.id: (row.publisher_id, row.year) for row in connection.execute(query)}
    return found


def _tell(connection: Connection, reports: Collection[str], now: datetime, run_id: str | None) -> None:
    """Bring the ledger up to date for the reports whose findings changed."""
    for publisher, year in sorted(set(_units(connection, reports).values())):
        row = ledger.lock(connection, publisher, year, now, run_id)
        entry = standing(connection, versions_of(connection, publisher, year))
        if entry is not None and row.state != LedgerState.GONE.value:
            ledger.write(connection, row, entry, now, run_id)


def _row(found: CrossFinding) -> Row:
    return {
        "report_id": found.report_id,
        "key": short_key(found.key),
        "check_code": found.check,
        "severity": found.severity.value,
        "verdict": found.verdict.value,
        "message": storable(found.message),
        "left_side": found.left,
        "right_side": found.right,
        "cells": list(found.cells),
        "scope": found.scope,
        "dismissed_by": None,
        "other_report_id": found.other_report_id,
    }


def _differs(one: Row, other: Row) -> bool:
    return any(one[name] != other[name] for name in _OWN)
