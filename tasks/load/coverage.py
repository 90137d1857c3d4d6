"""Coverage: which reports that are owed are there, which are not, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.ledger import LedgerState
from schemas.tables import Ledger, Publisher, table_of
from tasks.load.bulk import chunks

_LEDGER, _PUBLISHER = table_of(Ledger), table_of(Publisher)
_STATES = {state.value: state for state in LedgerState}
_THERE = [state.value for state in LedgerState if state.holds_report or state is LedgerState.GONE]


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
    for publisher, name, year, said, code, reason, overdue, report_id in _entries(connection, years, publishers, today):
        state = _STATES[said]
        named[publisher] = name
        cells.setdefault(publisher, {})[year] = CoverageCell(state, code, reason, bool(overdue), report_id)
        counted[year][state] += 1
    rows = tuple(CoverageRow(publisher, named[publisher], found) for publisher, found in cells.items())
    totals = {year: dict(sorted(counts.items())) for year, counts in counted.items()}
    return Coverage(tuple(counted), rows, totals)


def _entries(
    connection: Connection, years: Collection[int], publishers: Collection[str] | None, today: date
) -> Iterator[Any]:
    """What is told of each publisher and year, in this order; the law's deadline is reckoned in SQL."""
    there = _LEDGER.c.state.in_(
        [state.value for state in LedgerState if state.holds_report or state is LedgerState.GONE]
    )
    query = (
        sa.select(
            _LEDGER.c.publisher_id,
            _PUBLISHER.c.name,
            _LEDGER.c.year,
            _LEDGER.c.state,
            _LEDGER.c.reason_code,
            _LEDGER.c.reason,
            sa.and_(~there, _LEDGER.c.deadline < today),
            _LEDGER.c.report_id,
        )
        .join(_PUBLISHER, _PUBLISHER.c.id == _LEDGER.c.publisher_id)
        .where(_LEDGER.c.year.in_(sorted(set(years))))
        .order_by(_LEDGER.c.publisher_id, _LEDGER.c.year)
    )
    for part in [None] if publishers is None else chunks(sorted(set(publishers))):
        limited = query if part is None else query.where(_LEDGER.c.publisher_id.in_(list(part)))
        yield from connection.execute(limited)
