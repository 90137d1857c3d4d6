"""Leases of the lines at hosts, kept in the warehouse, so that all workers together are one polite guest.

A process takes a line, has it alone, and gives a sign of life for all its lines together every few seconds; one that
was killed loses them by the database's clock. Who waits is written down beside the lease: its holder gives the line
back between two requests, and nobody else may take it before the one who waits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from schemas.leases import Grant, Renewal, Use
from schemas.tables import HostLease, table_of
from tasks.load.bulk import insert_missing
from tasks.load.engine import writing

_LEASE = table_of(HostLease)

SECONDS = 20.0
"""How long a line is its holder's without a sign of life."""

_WANTED = 5.0  # seconds that a line is kept for one who waits
_ASK_AGAIN = 0.5


class HostLeases:
    """The leases of a warehouse (`Warehouse.engine`), migrated before. Each method is one transaction."""

    def __init__(self, engine: Engine, *, seconds: float = SECONDS) -> None:
        self._engine = engine
        self._seconds = seconds

    def take(self, line: str, holder: str, delay: float) -> Grant:
        """Take a line, or be written down as the one who waits for it."""
        with writing(self._engine) as connection:
            insert_missing(connection, _LEASE, [_fresh(line)])
            row = connection.execute(_locked(_LEASE.c.line == line)).one()
            now = _now(connection)
            free = row.holder in (None, holder) or row.until <= now
            awaited = row.wanted_by not in (None, holder) and row.wanted_until > now
            if not free or (awaited and row.holder != holder):
                if not awaited:
                    _write(connection, line, wanted_by=holder, wanted_until=now + _WANTED)
                return Grant(yours=False, wait=_ASK_AGAIN)
            # One that was killed may have asked up to the end of its lease.
            asked_at = max(row.asked_at, row.until) if row.holder not in (None, holder) else row.asked_at
            changed: dict[str, Any] = {"holder": holder, "until": now + self._seconds, "asked_at": asked_at}
            if row.wanted_by == holder:
                changed |= {"wanted_by": None, "wanted_until": 0.0}
            _write(connection, line, delay=delay, **changed)
            since = max(now - asked_at, 0.0) if asked_at else None
            use = Use(row.delay, since, row.day, row.asked)
            return Grant(yours=True, seconds=self._seconds, held=max(row.held_until - now, 0.0), use=use)

    def renew(self, holder: str, lines: Mapping[str, Use]) -> Renewal:
        """A sign of life for the lines that a process has, with what became of them."""
        with writing(self._engine) as connection:
            rows = connection.execute(_locked(_LEASE.c.holder == holder, _LEASE.c.line.in_(sorted(lines)))).all()
            now = _now(connection)
            _write_uses(connection, now, rows, lines, until=now + self._seconds)
            wanted = {row.line for row in rows if row.wanted_by not in (None, holder) and row.wanted_until > now}
            return Renewal(frozenset(row.line for row in rows), frozenset(wanted), self._seconds)

    def give_back(self, holder: str, lines: Mapping[str, Use]) -> None:
        """Let others have these lines. What is no longer the holder's is left as it is."""
        with writing(self._engine) as connection:
            rows = connection.execute(_locked(_LEASE.c.holder == holder, _LEASE.c.line.in_(sorted(lines)))).all()
            _write_uses(connection, _now(connection), rows, lines, holder=None)

    def hold(self, line: str, seconds: float) -> None:
        """Nobody may ask there for so long; the longest hold wins."""
        with writing(self._engine) as connection:
            insert_missing(connection, _LEASE, [_fresh(line)])
            row = connection.execute(_locked(_LEASE.c.line == line)).one()
            _write(connection, line, held_until=max(row.held_until, _now(connection) + seconds))


def _fresh(line: str) -> dict[str, Any]:
    return HostLease(line=line).model_dump()


def _locked(*where: Any) -> sa.Select[Any]:
    """The rows, kept from others until the transaction ends (a SQLite writer is alone anyway), in one order for all."""
    return sa.select(_LEASE).where(*where).order_by(_LEASE.c.line).with_for_update()


def _now(connection: Connection) -> float:
    """Seconds since 1970 by the database's clock, which all workers share. Asked for after the rows are locked."""
    if connection.dialect.name == "postgresql":
        moment: Any = sa.func.extract("epoch", sa.func.clock_timestamp())
    else:
        moment = (sa.func.julianday("now") - 2_440_587.5) * 86_400.0
    return float(connection.execute(sa.select(moment)).scalar_one())


def _write(connection: Connection, line: str, **values: Any) -> None:
    connection.execute(sa.update(_LEASE).where(_LEASE.c.line == line).values(**values))


def _write_uses(
    connection: Connection, now: float, rows: Sequence[sa.Row[Any]], uses: Mapping[str, Use], **values: Any
) -> None:
    """Write down how these lines were used, all in one statement."""
    told = []
    for row in rows:
        use = uses[row.line]
        asked_at = row.asked_at if use.since is None else now - use.since
        told.append({"key": row.line, "delay": use.delay, "day": use.day, "asked": use.asked, "asked_at": asked_at})
    if told:
        connection.execute(
            sa.update(_LEASE).where(_LEASE.c.line == sa.bindparam("key")), [one | values for one in told]
        )
