"""What a report leaves to the next year and takes over from the last, as texts; filled in from the facts."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

from schemas.tables.types import ExactDecimal, plain_text

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_COLUMNS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other_org", "total")
_LEFT, _TAKEN = ([f"t3.{row}.{column}" for column in _COLUMNS] for row in ("carried_out", "carried_in"))
_MARK = "4341bc0e:"  # of these cells
_AT_ONCE = 5_000


def upgrade() -> None:
    op.add_column("report", sa.Column("left_open", plain_text(), nullable=True))
    op.add_column("report", sa.Column("taken_over", plain_text(), nullable=True))
    _fill(op.get_bind())


def _fill(connection: sa.Connection) -> None:
    report = sa.table("report", *(sa.column(name, plain_text()) for name in ("id", "left_open", "taken_over")))
    names = ("report_id", "code", "row_key")
    fact = sa.table("fact", *(sa.column(name, plain_text()) for name in names), sa.column("value", ExactDecimal()))
    connection.execute(sa.update(report).values(left_open=_text(_LEFT, {}), taken_over=_text(_TAKEN, {})))
    query = (
        sa.select(fact.c.report_id, fact.c.code, fact.c.value)
        .where(fact.c.code.in_(_LEFT + _TAKEN), fact.c.row_key == "", fact.c.value.is_not(None))
        .order_by(fact.c.report_id)
    )
    change = sa.update(report).where(report.c.id == sa.bindparam("b_id"))
    waiting: list[dict[str, Any]] = []
    for report_id, rows in groupby(connection.execute(query), key=lambda row: row.report_id):
        values = {row.code: _plain(format(row.value, "f")) for row in rows}
        waiting.append({"b_id": report_id, "left_open": _text(_LEFT, values), "taken_over": _text(_TAKEN, values)})
        if len(waiting) == _AT_ONCE:
            connection.execute(change, waiting)
            waiting = []
    if waiting:
        connection.execute(change, waiting)


def _text(codes: Iterable[str], values: dict[str, str]) -> str:
    return _MARK + ",".join([values.get(code, "") for code in codes])


def _plain(value: str) -> str:
    return value.rstrip("0").rstrip(".") if "." in value else value
