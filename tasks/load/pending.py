"""Decisions that were taken and have not taken effect yet: the document they are about was not loaded since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.tables import Correction, CorrectionApplied, DecisionKind, table_of
from tasks.load.bulk import insert_missing

_CORRECTION, _APPLIED = table_of(Correction), table_of(CorrectionApplied)

RELOAD = "reload"
"""The next action of a report whose documents are to be loaded again, so that a decision takes effect."""


def pending(connection: Connection, publisher: str | None = None, year: int | None = None) -> Sequence[Any]:
    """Decisions that wait for a load, of one report or of all; those taken back before are no matter any more."""
    ended = sa.select(_CORRECTION.c.undoes).where(_CORRECTION.c.undoes.is_not(None))
    query = (
        sa.select(_CORRECTION)
        .outerjoin(_APPLIED, _APPLIED.c.correction_id == _CORRECTION.c.id)
        .where(
            _APPLIED.c.correction_id.is_(None),
            _CORRECTION.c.kind != DecisionKind.EXPIRE.value,
            sa.or_(_CORRECTION.c.kind == DecisionKind.REOPEN.value, _CORRECTION.c.id.not_in(ended)),
        )
        .order_by(_CORRECTION.c.publisher_id, _CORRECTION.c.year, _CORRECTION.c.seq)
    )
    if publisher is not None:
        query = query.where(_CORRECTION.c.publisher_id == publisher, _CORRECTION.c.year == year)
    return connection.execute(query).all()


def waiting(corrections: Iterable[Any]) -> list[Any]:
    """The same among the rows of one report's corrections, each with its `applied_at`."""
    rows = list(corrections)
    ended = {row.undoes for row in rows if row.undoes is not None}
    return [
        row
        for row in rows
        if row.applied_at is None
        and row.kind != DecisionKind.EXPIRE.value
        and (row.kind == DecisionKind.REOPEN.value or row.id not in ended)
    ]


def mark_applied(connection: Connection, decisions: Iterable[str], now: datetime) -> None:
    """These decisions have taken effect."""
    rows = [{"correction_id": decision, "applied_at": now} for decision in decisions]
    if rows:
        insert_missing(connection, _APPLIED, rows)
