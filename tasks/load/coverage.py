"""Coverage: which reports that are owed are there, which are not, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from sqlalchemy.engine import Connection

from schemas.ledger import LedgerRow, LedgerState
from tasks.load import ledger


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
    by_publisher: dict[str, list[LedgerRow]] = {}
    for entry in ledger.rows(connection, years, publishers):
        by_publisher.setdefault(entry.publisher, []).append(entry)
    rows = tuple(
        CoverageRow(publisher, entries[0].name, {entry.year: _cell(entry, today) for entry in entries})
        for publisher, entries in by_publisher.items()
    )
    wanted = tuple(sorted(set(years)))
    totals = {
        year: dict(sorted(Counter(row.cells[year].state for row in rows if year in row.cells).items()))
        for year in wanted
    }
    return Coverage(wanted, rows, totals)


def _cell(entry: LedgerRow, today: date) -> CoverageCell:
    there = entry.state.holds_report or entry.state is LedgerState.GONE
    overdue = not there and today > entry.deadline
    return CoverageCell(entry.state, entry.reason_code, entry.reason, overdue, entry.report_id)
