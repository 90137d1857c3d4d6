"""The ledger: one row per publisher and year that is owed, and the history of its states.

A state written again unchanged touches nothing. Work under way never hides a result, and a failed second look
never hides a report that is loaded: it is noted beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.errors import LoadError
from schemas.ledger import LedgerRow, LedgerState, legal_deadline
from schemas.report import Reason
from schemas.site import BodyKind
from schemas.tables import Ledger, LedgerHistory, Publisher, table_of
from tasks.load.bulk import chunks, insert, insert_missing

_LEDGER, _HISTORY = table_of(Ledger), table_of(LedgerHistory)
_PUBLISHER = table_of(Publisher)

TROUBLE = frozenset(
    {
        LedgerState.BLOCKED,
        LedgerState.FAILED,
        LedgerState.LAYOUT_UNKNOWN,
        LedgerState.NEEDS_OCR,
        LedgerState.QUARANTINED,
    }
)
"""States that count as an attempt that did not succeed."""

Unit = tuple[str, int]
"""Publisher and year."""

_UNITS = 500  # per statement
_SAID = ("state", "reason_code", "reason", "next_action", "report_id", "review_report_id")

RESULTS = (LedgerState.LOADED, LedgerState.FLAGGED, LedgerState.QUARANTINED)
"""States that steps under way must not hide; trouble of an earlier run they may."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What the ledger is to say of one publisher and year."""

    state: LedgerState
    reason: Reason | None = None
    next_action: str | None = None
    report_id: str | None = None
    review_report_id: str | None = None


def owe(
    connection: Connection, publisher_ids: Iterable[str], years: Collection[int], now: datetime, run_id: str | None
) -> int:
    """Add the rows that are owed and missing, as `expected`; correct deadlines. Returns how many were added.

    Raises LoadError `load.unknown_publisher` when a publisher is not in the warehouse.
    """
    wanted = sorted(set(publisher_ids))
    bodies = _bodies(connection, wanted)
    known = _deadlines(connection, wanted, years)
    missing, moved = [], []
    for publisher in wanted:
        body = bodies[publisher]
        for year in sorted(set(years)):
            deadline = legal_deadline(BodyKind(body.kind), year)
            if (publisher, year) in known:
                if known[publisher, year] != deadline:
                    moved.append({"b_publisher": publisher, "b_year": year, "b_deadline": deadline})
            elif body.owed_from <= year and (body.owed_to is None or year <= body.owed_to):
                missing.append((publisher, year, deadline, run_id))
    _add(connection, missing, now)
    if moved:
        connection.execute(
            sa.update(_LEDGER)
            .where(_LEDGER.c.publisher_id == sa.bindparam("b_publisher"), _LEDGER.c.year == sa.bindparam("b_year"))
            .values(deadline=sa.bindparam("b_deadline")),
            moved,
        )
    return len(missing)


def lock(connection: Connection, publisher: str, year: int, now: datetime, run_id: str | None) -> sa.Row[Any]:
    """The ledger row, locked until the transaction ends; added when it is not there yet.

    Whoever writes about a publisher and year holds this lock first, so that concurrent loaders take turns.
    Raises LoadError `load.unknown_publisher` when the publisher is not in the warehouse.
    """
    row = lock_many(connection, {(publisher, year): run_id}, now).get((publisher, year))
    if row is None:
        raise unknown([publisher])
    return row


def lock_many(connection: Connection, units: Mapping[Unit, str | None], now: datetime) -> dict[Unit, sa.Row[Any]]:
    """The same for several units, each with its run; those of publishers that are unknown are left out.

    All take these locks in one order, so that nobody waits for somebody who waits for him.
    """
    found: dict[Unit, sa.Row[Any]] = {}
    for part in parts(units):
        query = _locking(part)
        found.update(((row.publisher_id, row.year), row) for row in connection.execute(query))
        missing = [unit for unit in part if unit not in found]
        if missing:
            bodies = _known_bodies(connection, sorted({publisher for publisher, _ in missing}))
            first = [
                (publisher, year, legal_deadline(BodyKind(bodies[publisher].kind), year), units[publisher, year])
                for publisher, year in missing
                if publisher in bodies
            ]
            _add(connection, first, now)
            found.update(((row.publisher_id, row.year), row) for row in connection.execute(query))
    return found


def lock_all(connection: Connection, units: Mapping[Unit, str | None], now: datetime) -> list[sa.Row[Any]]:
    """The same, sorted, of publishers that are all known. Raises LoadError `load.unknown_publisher`."""
    found = lock_many(connection, units, now)
    if missing := sorted({publisher for publisher, year in units if (publisher, year) not in found}):
        raise unknown(missing)
    return [found[unit] for unit in sorted(found)]


def write(connection: Connection, row: sa.Row[Any], entry: Entry, now: datetime, run_id: str | None) -> bool:
    """Make a locked row say `entry`. Returns False, and touches nothing, when it says so already.

    The history grows with every change; `since` moves only when state or reason code do.
    """
    return write_many(connection, [(row, entry, run_id)], now)[0]


def write_many(
    connection: Connection, news: Sequence[tuple[sa.Row[Any], Entry, str | None]], now: datetime
) -> list[bool]:
    """The same for several locked rows, each once, with what it is to say and the run that says so."""
    told = [_values(row, entry, now, run_id) for row, entry, run_id in news]
    changed = [(row, values) for (row, _, _), values in zip(news, told, strict=True) if values is not None]
    if changed:
        update = sa.update(_LEDGER).where(
            _LEDGER.c.publisher_id == sa.bindparam("b_publisher"), _LEDGER.c.year == sa.bindparam("b_year")
        )
        keys = [{"b_publisher": row.publisher_id, "b_year": row.year} for row, _ in changed]
        connection.execute(update, [{**key, **values} for key, (_, values) in zip(keys, changed, strict=True)])
        last = _last_of_history(connection, [(row.publisher_id, row.year) for row, _ in changed])
        history = []
        for row, values in changed:
            here = {"publisher_id": row.publisher_id, "year": row.year, "at": now, "run_id": values["run_id"]}
            said = {name: values[name] for name in _SAID}
            history.append({**here, "seq": last.get((row.publisher_id, row.year), 0) + 1, **said})
        insert(connection, _HISTORY, history)
    return [values is not None for values in told]


def _values(row: sa.Row[Any], entry: Entry, now: datetime, run_id: str | None) -> dict[str, Any] | None:
    """The columns that make a row say `entry`; None when it says so already."""
    code = entry.reason.code if entry.reason else None
    message = entry.reason.message if entry.reason else None
    said = (entry.state.value, code, message, entry.next_action, entry.report_id, entry.review_report_id)
    values = dict(zip(_SAID, said, strict=True))
    before = row._mapping  # noqa: SLF001 (the documented way to read a row by name)
    if all(before[name] == value for name, value in values.items()):
        return None
    moved = (row.state, row.reason_code) != (entry.state.value, code)
    return {
        **values,
        "run_id": run_id,
        "since": now if moved else row.since,
        "attempts": row.attempts + (moved and entry.state in TROUBLE),
    }


def _last_of_history(connection: Connection, units: Sequence[Unit]) -> dict[Unit, int]:
    here = (_HISTORY.c.publisher_id, _HISTORY.c.year)
    found: dict[Unit, int] = {}
    for part in parts(units):
        query = sa.select(*here, sa.func.max(_HISTORY.c.seq)).where(one_of(*here, part)).group_by(*here)
        found.update(((publisher, year), last) for publisher, year, last in connection.execute(query))
    return found


def one_of(publisher: Any, year: Any, units: Sequence[Unit]) -> Any:
    """The condition that two columns name one of these units."""
    if len(units) == 1:
        return sa.and_(publisher == units[0][0], year == units[0][1])
    return sa.tuple_(publisher, year).in_(list(units))


def parts(units: Iterable[Unit]) -> Iterable[Sequence[Unit]]:
    """The units in their order, as many at a time as a statement takes."""
    return chunks(sorted(set(units)), _UNITS)


def _locking(units: Sequence[Unit]) -> sa.Select[Any]:
    query = sa.select(_LEDGER).where(one_of(_LEDGER.c.publisher_id, _LEDGER.c.year, units))
    return query.order_by(_LEDGER.c.publisher_id, _LEDGER.c.year).with_for_update()


def mark(
    connection: Connection,
    publisher: str,
    year: int,
    state: LedgerState,
    reason: Reason | None,
    next_action: str | None,
    now: datetime,
    run_id: str | None,
) -> bool:
    """Say how far a year has come. Returns whether the row changed.

    - Steps under way never go backwards and never hide a result.
    - What stops a second look at a report that is loaded is noted beside `loaded`; only `gone` replaces it.
    - A quarantined reading stays quarantined until a load or a decision says otherwise.
    - `loaded` and `flagged` are said by a load alone: LoadError `load.state_without_report` otherwise.
    """
    row = lock(connection, publisher, year, now, run_id)
    here = LedgerState(row.state)
    entry = Entry(state, reason, next_action, row.report_id, row.review_report_id)
    if state.holds_report:
        if here is not state:
            raise LoadError("load.state_without_report", f"no report of {publisher} for {year} is {state.value}")
        return False
    held = here.holds_report or (here is LedgerState.GONE and row.report_id is not None)
    if state.progress is not None:
        if here in RESULTS or (here.progress is not None and here.progress >= state.progress):
            return False
        return write(connection, row, entry, now, run_id)
    if held and state is not LedgerState.GONE:
        beside = Entry(here, reason or _unexplained(state), next_action, row.report_id)
        return write(connection, row, _with_review(beside, row), now, run_id)
    if here is LedgerState.QUARANTINED and state not in (LedgerState.GONE, LedgerState.QUARANTINED):
        return False
    return write(connection, row, entry, now, run_id)


def rows(
    connection: Connection, years: Collection[int] | None = None, publishers: Collection[str] | None = None
) -> list[LedgerRow]:
    """The ledger by publisher and year."""
    query = sa.select(_LEDGER, _PUBLISHER.c.name).join(_PUBLISHER, _PUBLISHER.c.id == _LEDGER.c.publisher_id)
    if years is not None:
        query = query.where(_LEDGER.c.year.in_(sorted(set(years))))
    wanted: list[Collection[str] | None] = [None] if publishers is None else list(chunks(sorted(set(publishers))))
    found: list[LedgerRow] = []
    for part in wanted:
        limited = query if part is None else query.where(_LEDGER.c.publisher_id.in_(list(part)))
        ordered = limited.order_by(_LEDGER.c.publisher_id, _LEDGER.c.year)
        found.extend(_row(row) for row in connection.execute(ordered))
    return found


def history(connection: Connection, publisher: str, year: int) -> list[LedgerRow]:
    """All states of one publisher and year, oldest first; `since` is when each was entered."""
    query = (
        sa.select(_HISTORY, _HISTORY.c["at"].label("since"), _LEDGER.c.deadline, _LEDGER.c.attempts, _PUBLISHER.c.name)
        .join(_LEDGER, sa.and_(_LEDGER.c.publisher_id == _HISTORY.c.publisher_id, _LEDGER.c.year == _HISTORY.c.year))
        .join(_PUBLISHER, _PUBLISHER.c.id == _HISTORY.c.publisher_id)
        .where(_HISTORY.c.publisher_id == publisher, _HISTORY.c.year == year)
        .order_by(_HISTORY.c.seq)
    )
    return [_row(row) for row in connection.execute(query)]


def _unexplained(state: LedgerState) -> Reason:
    return Reason("load.second_look", f"a second look ended in {state.value}")


def _with_review(entry: Entry, row: sa.Row[Any]) -> Entry:
    return Entry(entry.state, entry.reason, entry.next_action, entry.report_id, row.review_report_id)


def unknown(publishers: Sequence[str]) -> LoadError:
    """What is raised about publishers that are not in the warehouse."""
    return LoadError("load.unknown_publisher", f"not in the warehouse: {', '.join(publishers[:10])}")


def _bodies(connection: Connection, publishers: Collection[str]) -> dict[str, sa.Row[Any]]:
    found = _known_bodies(connection, publishers)
    missing = [publisher for publisher in publishers if publisher not in found]
    if missing:
        raise unknown(missing)
    return found


def _known_bodies(connection: Connection, publishers: Collection[str]) -> dict[str, sa.Row[Any]]:
    found: dict[str, sa.Row[Any]] = {}
    for part in chunks(list(publishers)):
        query = sa.select(_PUBLISHER).where(_PUBLISHER.c.id.in_(list(part)))
        found.update((row.id, row) for row in connection.execute(query))
    return found


def _deadlines(connection: Connection, publishers: Collection[str], years: Collection[int]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for part in chunks(list(publishers)):
        query = sa.select(_LEDGER.c.publisher_id, _LEDGER.c.year, _LEDGER.c.deadline).where(
            _LEDGER.c.publisher_id.in_(list(part)), _LEDGER.c.year.in_(sorted(set(years)))
        )
        found.update(((row.publisher_id, row.year), row.deadline) for row in connection.execute(query))
    return found


def _add(connection: Connection, keys: Sequence[tuple[str, int, Any, str | None]], now: datetime) -> None:
    """Add rows as `expected`, each with its deadline and its run, and the first line of their history."""
    first = [
        {"publisher_id": publisher, "year": year, "state": LedgerState.EXPECTED.value, "run_id": run_id}
        for publisher, year, _, run_id in keys
    ]
    deadlines = [deadline for _, _, deadline, _ in keys]
    rows = [
        {**row, "deadline": deadline, "since": now, "attempts": 0}
        for row, deadline in zip(first, deadlines, strict=True)
    ]
    insert_missing(connection, _LEDGER, rows)
    insert_missing(connection, _HISTORY, [{**row, "seq": 1, "at": now} for row in first])


def _row(row: sa.Row[Any]) -> LedgerRow:
    return LedgerRow(
        publisher=row.publisher_id,
        name=row.name,
        year=row.year,
        state=LedgerState(row.state),
        reason_code=row.reason_code,
        reason=row.reason,
        since=row.since,
        attempts=row.attempts,
        next_action=row.next_action,
        deadline=row.deadline,
        report_id=row.report_id,
        review_report_id=row.review_report_id,
        run_id=row.run_id,
    )
