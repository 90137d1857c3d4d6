"""Bulk statements that read the same on both databases: insert what is missing, update only what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from schemas.tables.types import ExactDecimal
from tasks.load.plain import json_text

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


def insert_fast(connection: Connection, table: sa.Table, rows: Sequence[Row]) -> None:
    """Insert many rows of a table without times, past SQLAlchemy's work on each row (see `insert_lines`).

    The values are those that the column types would send; all rows have all columns.
    """
    if rows:
        prepare = _senders(table, connection.dialect.name)
        lines = [tuple(send(row[name]) if send is not None else row[name] for name, send in prepare) for row in rows]
        insert_lines(connection, table, [name for name, _ in prepare], lines)


def insert_lines(
    connection: Connection, table: sa.Table, columns: Sequence[str], lines: Iterable[tuple[Any, ...]]
) -> None:
    """Insert rows whose values are what the driver takes: COPY on PostgreSQL, executemany on SQLite.

    The rows are taken one by one. Errors are the driver's own.
    """
    names = ", ".join(f'"{name}"' for name in columns)
    driver = connection.connection.driver_connection
    assert driver is not None
    if connection.dialect.name == "postgresql":
        with driver.cursor() as cursor, cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
            for line in lines:
                copy.write_row(line)
        return
    places = ", ".join("?" for _ in columns)
    driver.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({places})", lines)  # noqa: S608 (our own schema)


@cache
def _senders(table: sa.Table, dialect: str) -> tuple[tuple[str, Callable[[Any], Any] | None], ...]:
    """For each column what turns its value into what the driver takes; None where nothing is to be done."""
    return tuple((column.name, _sender(column.type, dialect)) for column in table.columns)


def _sender(kind: Any, dialect: str) -> Callable[[Any], Any] | None:
    if isinstance(kind, sa.JSON):
        return lambda value: None if value is None else json_text(value)
    if isinstance(kind, ExactDecimal) and dialect == "sqlite":
        return lambda value: None if value is None else format(value, "f")
    return None


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
