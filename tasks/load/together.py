"""The part of the warehouse's door for many at once: what a unit of work has to say, in one transaction.

Each method leaves the rows that as many calls of its one-by-one sibling would leave.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from schemas.errors import LoadError
from schemas.ledger import LedgerState
from tasks.load import evidence, ledger, reports, standing
from tasks.load.apply import Judge
from tasks.load.bulk import chunks
from tasks.load.engine import reading, writing
from tasks.load.evidence import Asked, KnownDocument
from tasks.load.ledger import Unit
from tasks.load.opened import Opened
from tasks.load.reports import Delivery, Prepared
from tasks.load.shapes import LoadResult

AT_ONCE = 32
"""Reports loaded in one transaction of a series: others who write wait for a fifth of a second at most."""

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
            locked = ledger.lock_all(connection, dict.fromkeys(wanted, run_id), now)
            behind = [row for row in locked if _is_behind(row, state)]
            news = [
                (row, ledger.Entry(state, None, None, row.report_id, row.review_report_id), run_id) for row in behind
            ]
            return sum(ledger.write_many(connection, news, now))

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
            locked = ledger.lock_all(connection, dict.fromkeys(wanted, run_id), now)
            unsure = {(row.publisher_id, row.year): row for row in locked if _is_noted(row) or row.state not in _STORED}
            news = [
                (unsure[unit], entry, run_id)
                for unit, known in standing.known(connection, unsure).items()
                if (entry := standing.stands(known)) is not None
            ]
            ledger.write_many(connection, news, now)

    def load_all(self, deliveries: Iterable[Delivery], *, judge: Judge | None = None) -> list[LoadResult | LoadError]:
        """Load several documents, as `load` does each, in their order; in one transaction, so a few dozen at a time.

        What cannot be loaded has its error in its place and takes no other with it. Errors that pass (the warehouse is
        locked or cannot be reached) are raised: then nothing is loaded.
        """
        return self._load_prepared(reports.prepare(deliveries), judge)

    def load_series(
        self, deliveries: Iterable[Delivery], *, judge: Judge | None = None
    ) -> Iterator[LoadResult | LoadError]:
        """Load any number of documents as `load_all` does, `AT_ONCE` in a transaction; each result is given when its
        transaction has ended. What is not asked for is not loaded.

        While PostgreSQL writes, the rows of the next ones are made. SQLite writes in this process, row by row, and
        would wait for Python's lock at each.
        """
        parts = list(chunks(list(deliveries), AT_ONCE))
        if self.engine.dialect.name != "postgresql" or len(parts) < 2:
            for part in parts:
                yield from self._load_prepared(reports.prepare(part), judge)
            return
        with ThreadPoolExecutor(1, thread_name_prefix="rows") as ahead:
            coming = ahead.submit(reports.prepare, parts[0])
            for number in range(1, len(parts) + 1):
                prepared = coming.result()
                if number < len(parts):
                    coming = ahead.submit(reports.prepare, parts[number])
                yield from self._load_prepared(prepared, judge)

    def _load_prepared(self, prepared: Sequence[Prepared], judge: Judge | None) -> list[LoadResult | LoadError]:
        try:
            with writing(self.engine) as connection:
                return reports.load_many(connection, prepared, self._clock(), judge)
        except LoadError as error:
            if error.recoverable:
                raise
            if len(prepared) == 1:
                return [error]
        # The database refused one of them, and with it all.
        return [self._load_or_say(one, judge) for one in prepared]

    def _load_or_say(self, prepared: Prepared, judge: Judge | None) -> LoadResult | LoadError:
        try:
            return self._load_one(prepared, judge)
        except LoadError as error:
            if error.recoverable:
                raise
            return error

    def _load_one(self, prepared: Prepared, judge: Judge | None) -> LoadResult:
        with writing(self.engine) as connection:
            (done,) = reports.load_many(connection, [prepared], self._clock(), judge)
            if isinstance(done, LoadError):
                raise done
            return done

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


def _is_behind(row: Any, state: LedgerState) -> bool:
    assert state.progress is not None
    here = LedgerState(row.state)
    return here not in ledger.RESULTS and (here.progress is None or here.progress < state.progress)


def _is_noted(row: Any) -> bool:
    return bool(row.reason_code or row.reason or row.next_action or row.review_report_id)
