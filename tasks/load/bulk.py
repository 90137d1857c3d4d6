"""Bulk statements that read the same on both databases: insert what is missing, update only what differs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

Row = dict[str, Any]

CHUNK = 5_000
"""Rows per statement: bounds memory and stays below SQLite's limit of 32,766 parameters for IN lists."""


def chunks(items: Sequence[Any], size: int = CHUNK) -> Iterator[Sequence[Any]]:
    """The items in slices."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def insert(connection: Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert rows that cannot be there yet; all rows have the same columns."""
    for part in chunks(rows):
        connection.execute(sa.insert(table), list(part))


def insert_missing(connection: Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert the rows whose key is not there yet; rows that are there stay untouched."""
    statement = _dialect_insert(connection, table).on_conflict_do_nothing()
    for part in chunks(rows):
        connection.execute(statement, list(part))


def upsert(connection: Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert rows or update those with the same primary key; a row without a difference is not written."""
    if not rows:
        return
    statement = _dialect_insert(connection, table)
    keys = [column.name for column in table.primary_key]
    new = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    statement = statement.on_conflict_do_update(
        index_elements=keys,
        set_=new,
        where=sa.or_(*(table.c[name].is_distinct_from(value) for name, value in new.items())),
    )
    for part in chunks(rows):
        connection.execute(statement, list(part))


def _dialect_insert(connection: Connection, table: sa.Table) -> Any:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)
