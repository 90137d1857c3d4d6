"""The part of the warehouse's door for many at once: what a unit of work has to say, in one transaction.

Each method leaves the rows that as many calls of its one-by-one sibling would leave.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.ledger import LedgerState
from schemas.tables import Ledger, table_of
from tasks.load import evidence, ledger, standing
from tasks.load.bulk import chunks
from tasks.load.engine import reading, writing
from tasks.load.evidence import Asked, KnownDocument
from tasks.load.opened import Opened

Unit = tuple[str, int]
"""Publisher and year."""

_LEDGER = table_of(Ledger)
_UNITS = 500  # per statement
_STORED = frozenset({LedgerState.LOADED.value, LedgerState.FLAGGED.value})


class Together(Opened):
    """Many rows in one transaction: a tenth of what each in a transaction of its own costs."""

    def owe_all(self, owed: Mapping[str, Collection[int]], *, run_id: str | None = None) -> int:
        """Add to the ledger what each publisher owes, as `owe` does. Returns how many rows were added."""
        alike: dict[tuple[int, ...], list[str]] = {}
        for publisher, years in owed.items():
            alike.setdefault(tuple(sorted(set(years))), []).append(publisher)
        with writing(self.engine) as connection:
            now = self._clock()
            return sum(ledger.owe(connection, found, years, now, run_id) for years, found in sorted(alike.items()))

    def reach(self, units: Iterable[Unit], state: LedgerState, *, run_id: str | None = None) -> int:
        """Say how far these publishers and years have come, as `mark` does of one: never backwards, and never hiding a
        result. Returns how many rows changed."""
        wanted = set(units)
        if not wanted:
            return 0
        with writing(self.engine) as connection:
            now = self._clock()
            behind = [row for row in _locked(connection, wanted, now, run_id) if _is_behind(row, state)]
            for row in behind:
                entry = ledger.Entry(state, None, None, row.report_id, row.review_report_id)
                ledger.write(connection, row, entry, now, run_id)
            return len(behind)

    def confirm_all(self, units: Iterable[Unit], *, run_id: str | None = None) -> None:
        """The sources of these stored reports are as they were: `confirm` for each.

        A row that says loaded or flagged and nothing beside it has nothing to drop: whoever changes versions, findings
        or decisions brings it up to date in the same transaction.
        """
        wanted = set(units)
        if not wanted:
            return
        with writing(self.engine) as connection:
            now = self._clock()
            for row in _locked(connection, wanted, now, run_id):
                noted = row.reason_code or row.reason or row.next_action or row.review_report_id
                if noted or row.state not in _STORED:
                    standing.confirm(connection, row.publisher_id, row.year, now, run_id)

    def known_documents(self, urls: Collection[str]) -> dict[str, KnownDocument]:
        """The document that each address gave last; addresses that never gave one are left out."""
        if not urls:
            return {}
        with reading(self.engine) as connection:
            found = {url: evidence.known_document(connection, url) for url in urls}
        return {url: document for url, document in found.items() if document is not None}

    def remember_fetches(self, asked: Collection[Asked], *, run_id: str | None = None) -> None:
        """`remember_fetch` for many requests."""
        if not asked:
            return
        with writing(self.engine) as connection:
            evidence.remember_fetches(connection, list(asked), run_id)


def _locked(connection: Connection, units: Iterable[Unit], now: datetime, run_id: str | None) -> list[sa.Row[Any]]:
    """The ledger rows, each locked as by `ledger.lock`; all take the locks in one order, so that nobody waits for
    somebody who waits for him."""
    found: dict[Unit, sa.Row[Any]] = {}
    wanted = sorted(units)
    here = sa.tuple_(_LEDGER.c.publisher_id, _LEDGER.c.year)
    for part in chunks(wanted, _UNITS):
        order = (_LEDGER.c.publisher_id, _LEDGER.c.year)
        query = sa.select(_LEDGER).where(here.in_(list(part))).order_by(*order).with_for_update()
        found.update(((row.publisher_id, row.year), row) for row in connection.execute(query))
    return [found.get(unit) or ledger.lock(connection, *unit, now, run_id) for unit in wanted]


def _is_behind(row: sa.Row[Any], state: LedgerState) -> bool:
    assert state.progress is not None
    here = LedgerState(row.state)
    return here not in ledger.RESULTS and (here.progress is None or here.progress < state.progress)
