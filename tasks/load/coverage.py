"""Coverage: which reports that are owed are there, which are not, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.ledger import LedgerState
from schemas.shape import quick
from schemas.tables import Ledger, Publisher, table_of
from tasks.load.bulk import chunks

_LEDGER, _PUBLISHER = table_of(Ledger), table_of(Publisher)
_STATES = {state.value: state for state in LedgerState}
_THERE = [state.value for state in LedgerState if state.holds_report or state is LedgerState.GONE]
_YEAR_AND_STATE = itemgetter(1, 2)  # of an entry


@quick
@dataclass(frozen=True, slots=True)
class CoverageCell:
    """Where one publisher and year stands. `overdue` is true for what is not there though the law wanted it."""

    state: LedgerState
    reason_code: str | None
    reason: str | None
    overdue: bool
    report_id: str | None


@dataclass(frozen=True, slots=True)
class CoverageRow:
    """One publisher over the years; a year it does not owe is missing from `cells`."""

    publisher: str
    name: str
    cells: dict[int, CoverageCell]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The matrix of publishers by years, and how many entries are in each state."""

    years: tuple[int, ...]
    rows: tuple[CoverageRow, ...]
    totals: dict[int, dict[LedgerState, int]]

    def missing(self) -> list[tuple[CoverageRow, int, CoverageCell]]:
        """What is not there, by publisher and year. A report withdrawn at its source is there."""
        return [
            (row, year, cell)
            for row in self.rows
            for year, cell in sorted(row.cells.items())
            if not (cell.state.holds_report or (cell.state is LedgerState.GONE and cell.report_id))
        ]


def coverage(
    connection: Connection,
    years: Collection[int],
    publishers: Collection[str] | None = None,
    *,
    today: date,
) -> Coverage:
    """The matrix for these years, from the ledger alone."""
    named: dict[str, str] = {}
    cells: dict[str, dict[int, CoverageCell]] = {}
    counted: dict[int, Counter[LedgerState]] = {year: Counter() for year in sorted(set(years))}
    for part in [None] if publishers is None else chunks(sorted(set(publishers))):
        named |= _names(connection, part)
        entries = _entries(connection, counted, part, today)
        here: dict[int, CoverageCell] = {}
        last = None
        for publisher, year, said, code, reason, overdue, report_id in entries:
            if publisher != last:
                here, last = cells.setdefault(publisher, {}), publisher
            here[year] = CoverageCell(_STATES[said], code, reason, bool(overdue), report_id)
        for (year, said), times in Counter(map(_YEAR_AND_STATE, entries)).items():
            counted[year][_STATES[said]] += times
    rows = tuple(CoverageRow(publisher, named[publisher], found) for publisher, found in cells.items())
    totals = {year: dict(sorted(counts.items())) for year, counts in counted.items()}
    return Coverage(tuple(counted), rows, totals)


def _names(connection: Connection, publishers: Sequence[str] | None) -> dict[str, str]:
    query = sa.select(_PUBLISHER.c.id, _PUBLISHER.c.name)
    if publishers is not None:
        query = query.where(_PUBLISHER.c.id.in_(publishers))
    return {row.id: row.name for row in connection.execute(query)}


def _entries(
    connection: Connection, years: Collection[int], publishers: Sequence[str] | None, today: date
) -> Sequence[Any]:
    """What is told of each publisher and year, in this order; the law's deadline is reckoned in SQL."""
    overdue = sa.and_(_LEDGER.c.state.not_in(_THERE), _LEDGER.c.deadline < today)
    query = (
        sa.select(
            _LEDGER.c.publisher_id,
            _LEDGER.c.year,
            _LEDGER.c.state,
            _LEDGER.c.reason_code,
            _LEDGER.c.reason,
            overdue,
            _LEDGER.c.report_id,
        )
        .where(_LEDGER.c.year.in_(list(years)))
        .order_by(_LEDGER.c.publisher_id, _LEDGER.c.year)
    )
    if publishers is not None:
        query = query.where(_LEDGER.c.publisher_id.in_(publishers))
    with connection.execute(query) as result:
        assert result.cursor is not None
        return result.cursor.fetchall()  # bare tuples: nothing in them is to be turned
