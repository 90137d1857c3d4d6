"""The ledger: one row per publisher and year that is owed, and the history of its states.

A state written again unchanged touches nothing. Work under way never hides a result, and a failed second look
never hides a report that is loaded: it is noted beside it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
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
                missing.append((publisher, year, deadline))
    _add(connection, missing, now, run_id)
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
    """
    query = sa.select(_LEDGER).where(_LEDGER.c.publisher_id == publisher, _LEDGER.c.year == year).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        body = _bodies(connection, [publisher])[publisher]
        _add(connection, [(publisher, year, legal_deadline(BodyKind(body.kind), year))], now, run_id)
        row = connection.execute(query).one()
    return row


def write(connection: Connection, row: sa.Row[Any], entry: Entry, now: datetime, run_id: str | None) -> bool:
    """Make a locked row say `entry`. Returns False, and touches nothing, when it says so already.

    The history grows with every change; `since` moves only when state or reason code do.
    """
    code = entry.reason.code if entry.reason else None
    said: dict[str, Any] = {
        "state": entry.state.value,
        "reason_code": code,
        "reason": entry.reason.message if entry.reason else None,
        "next_action": entry.next_action,
        "report_id": entry.report_id,
        "review_report_id": entry.review_report_id,
    }
    before = row._mapping  # noqa: SLF001 (the documented way to read a row by name)
    if all(before[name] == value for name, value in said.items()):
        return False
    values = {**said, "run_id": run_id}
    if (row.state, row.reason_code) != (entry.state.value, code):
        values["since"] = now
        values["attempts"] = row.attempts + (entry.state in TROUBLE)
    here = (_LEDGER.c.publisher_id == row.publisher_id, _LEDGER.c.year == row.year)
    connection.execute(sa.update(_LEDGER).where(*here).values(values))
    last = connection.execute(
        sa.select(sa.func.max(_HISTORY.c.seq)).where(
            _HISTORY.c.publisher_id == row.publisher_id, _HISTORY.c.year == row.year
        )
    ).scalar_one()
    history = {"publisher_id": row.publisher_id, "year": row.year, "seq": (last or 0) + 1, "at": now, "run_id": run_id}
    insert(connection, _HISTORY, [{**said, **history}])
    return True


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


def _bodies(connection: Connection, publishers: Collection[str]) -> dict[str, sa.Row[Any]]:
    found: dict[str, sa.Row[Any]] = {}
    for part in chunks(list(publishers)):
        query = sa.select(_PUBLISHER).where(_PUBLISHER.c.id.in_(list(part)))
        found.update((row.id, row) for row in connection.execute(query))
    unknown = [publisher for publisher in publishers if publisher not in found]
    if unknown:
        raise LoadError("load.unknown_publisher", f"not in the warehouse: {', '.join(unknown[:10])}")
    return found


def _deadlines(connection: Connection, publishers: Collection[str], years: Collection[int]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for part in chunks(list(publishers)):
        query = sa.select(_LEDGER.c.publisher_id, _LEDGER.c.year, _LEDGER.c.deadline).where(
            _LEDGER.c.publisher_id.in_(list(part)), _LEDGER.c.year.in_(sorted(set(years)))
        )
        found.update(((row.publisher_id, row.year), row.deadline) for row in connection.execute(query))
    return found


def _add(connection: Connection, keys: Iterable[tuple[str, int, Any]], now: datetime, run_id: str | None) -> None:
    first = [
        {"publisher_id": publisher, "year": year, "state": LedgerState.EXPECTED.value, "deadline": deadline}
        for publisher, year, deadline in keys
    ]
    if not first:
        return
    insert_missing(connection, _LEDGER, [{**row, "since": now, "attempts": 0, "run_id": run_id} for row in first])
    insert_missing(
        connection,
        _HISTORY,
        [{k: v for k, v in row.items() if k != "deadline"} | {"seq": 1, "at": now, "run_id": run_id} for row in first],
    )


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
