"""Loading reports: each all of it or nothing, the same again without a trace, one current version at most.

Several reports are loaded in one transaction, which asks and writes for all of them at once; what becomes of each is
as if they were loaded one after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.engine import Connection

from schemas.errors import LoadError
from schemas.report import Judgement
from tasks.load import ledger
from tasks.load.apply import Judge
from tasks.load.batch import Batch
from tasks.load.delivery import Delivery, Prepared, Source, prepare
from tasks.load.ledger import Unit
from tasks.load.loading import Loading
from tasks.load.rows import ReportRows
from tasks.load.shapes import LoadResult
from tasks.load.standing import known

__all__ = ["Delivery", "Prepared", "Source", "load", "load_many", "prepare"]


def load(
    connection: Connection,
    publisher: str,
    year: int,
    source: Source,
    judgement: Judgement,
    now: datetime,
    judge: Judge | None = None,
) -> LoadResult:
    """Store the judgement on one document of a publisher's report for a year, with people's decisions applied.

    Raises LoadError: what `prepare` gives as errors, what `apply` raises, `load.unknown_publisher`.
    """
    (done,) = load_many(connection, prepare([Delivery(publisher, year, source, judgement)]), now, judge)
    if isinstance(done, LoadError):
        raise done
    return done


def load_many(
    connection: Connection, prepared: Sequence[Prepared], now: datetime, judge: Judge | None = None
) -> list[LoadResult | LoadError]:
    """The same for several documents, in their order, with an error in the place of those that cannot be loaded."""
    done: dict[int, LoadResult | LoadError] = {
        number: rows for number, (_, rows) in enumerate(prepared) if isinstance(rows, LoadError)
    }
    sound = [number for number in range(len(prepared)) if number not in done]
    runs = {prepared[number][0].unit: prepared[number][0].source.run_id for number in reversed(sound)}
    ledger.lock_many(connection, runs, now)  # all at once, in the order of all
    for turn in _turns(sound, prepared):
        units = {prepared[number][0].unit: runs[prepared[number][0].unit] for number in turn}
        entries, all_known = ledger.lock_many(connection, units, now), known(connection, units)
        batch, under_way = Batch(), {}
        for number in turn:
            delivery, rows = prepared[number]
            assert isinstance(rows, ReportRows)
            if delivery.unit not in entries:
                done[number] = ledger.unknown([delivery.publisher])
                continue
            one = Loading(
                connection,
                delivery,
                rows,
                entries[delivery.unit],
                all_known[delivery.unit],
                delivery.judge or judge,
                now,
            )
            try:
                one.run(batch)
            except LoadError as error:  # before anything of it was written
                done[number] = error
            else:
                under_way[number] = one
        news = iter(batch.write(connection, now))
        done |= {number: one.result(news) for number, one in under_way.items()}
    return [done[number] for number in range(len(prepared))]


def _turns(numbers: Sequence[int], prepared: Sequence[Prepared]) -> list[list[int]]:
    """The deliveries in rounds: the second document of a report comes after the first is stored."""
    turns: list[list[int]] = []
    seen: dict[Unit, int] = {}
    for number in numbers:
        unit = prepared[number][0].unit
        place = seen.get(unit, 0)
        seen[unit] = place + 1
        if place == len(turns):
            turns.append([])
        turns[place].append(number)
    return turns
