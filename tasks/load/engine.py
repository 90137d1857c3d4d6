"""Connections to the warehouse: settings of both databases, transactions, and errors in the house's words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event, exc
from sqlalchemy.engine import URL, Connection, Engine, make_url

from schemas.errors import LoadError
from tasks.load.exact import teach_sqlite
from tasks.load.plain import json_text

BUSY_SECONDS = 60
"""How long a SQLite writer waits for another; a report takes milliseconds to load."""

PAGES_TO_CHECKPOINT = 8_000
"""Pages of 4 kB that wait in the write-ahead log; a report takes some fifty, and a checkpoint waits for the disk."""

_WRITE = "nianbao_write"


def warehouse_url(url: str) -> URL:
    """The address with the driver we ship: `sqlite:///file`, `postgresql://…`, or a bare path to a SQLite file.

    Raises LoadError `load.url` for other databases and for addresses that make no sense.
    """
    if "://" not in url:
        url = f"sqlite:///{url}"
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError) as error:
        raise LoadError("load.url", "the warehouse address is not understood", where=url.split("@")[-1]) from error
    backend = parsed.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise LoadError("load.url", f"{backend} is not supported: use sqlite or postgresql", where=parsed.host)
    if not parsed.database or parsed.database == ":memory:":
        raise LoadError("load.url", "the warehouse needs a file: several connections share it", where=str(parsed))
    return parsed.set(drivername="sqlite+pysqlite")


def make_engine(url: URL) -> Engine:
    """An engine for a warehouse address; makes the folder of a SQLite file. Nothing is connected yet."""
    if url.get_backend_name() == "sqlite":
        assert url.database
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = sa.create_engine(url, connect_args={"timeout": BUSY_SECONDS}, json_serializer=json_text)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    settings = {"options": "-c timezone=UTC", "application_name": "nianbao"}
    return sa.create_engine(url, connect_args=settings, json_serializer=json_text, pool_pre_ping=True)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own transaction handling commits before DDL; we begin transactions ourselves.
    connection.isolation_level = None
    teach_sqlite(connection)
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=ON")
    if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")  # safe against a killed process; see sqlite.org/wal.html
    cursor.execute(f"PRAGMA wal_autocheckpoint={PAGES_TO_CHECKPOINT}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its lock at once: upgrading a read lock later fails without waiting.
    writes = connection.get_execution_options().get(_WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def writing(engine: Engine, *, foreign_keys: bool = True) -> Iterator[Connection]:
    """A transaction that writes: all of it or nothing. Database errors come out as LoadError.

    `foreign_keys` off is for migrations: SQLite can alter a table only by copying it.
    """
    with _in_our_words(engine), engine.connect() as connection:
        connection.execution_options(**{_WRITE: True})
        switch = not foreign_keys and engine.dialect.name == "sqlite"
        try:
            if switch:
                _driver_cursor(connection, "PRAGMA foreign_keys=OFF")  # has no effect inside a transaction
            with connection.begin():
                yield connection
        finally:
            if switch:
                _driver_cursor(connection, "PRAGMA foreign_keys=ON")


def _driver_cursor(connection: Connection, statement: str) -> None:
    """Run a statement outside of any transaction."""
    assert connection.connection.driver_connection is not None
    connection.connection.driver_connection.execute(statement)


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that reads one state of the warehouse, whatever others write meanwhile."""
    with _in_our_words(engine), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True, stream_results=False
            )
        with connection.begin():
            yield connection


def count_rows(connection: Connection) -> None:
    """Let SQLite know how large its tables are, so that it looks things up in the right order; PostgreSQL counts alone.

    It looks at some hundred rows of each index, which takes milliseconds.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA analysis_limit=400")
        connection.exec_driver_sql("ANALYZE")


@contextmanager
def _in_our_words(engine: Engine) -> Iterator[None]:
    where = engine.url.render_as_string(hide_password=True)
    try:
        yield
    except exc.DBAPIError as error:
        raise _translated(error, where) from error
    except Exception as error:
        # COPY goes past SQLAlchemy, and so do its errors
        driver = engine.dialect.dbapi
        if driver is None or not isinstance(error, driver.Error):
            raise
        wrapped = exc.DBAPIError.instance(None, None, error, driver.Error, dialect=engine.dialect)
        assert isinstance(wrapped, exc.DBAPIError)
        raise _translated(wrapped, where) from error


def _translated(error: exc.DBAPIError, where: str) -> LoadError:
    said = str(error.orig).strip().splitlines()
    message = said[0] if said else type(error.orig).__name__
    if "no such table" in message or type(error.orig).__name__ == "UndefinedTable":
        return LoadError("load.not_migrated", "the warehouse has no schema yet, or an older one", where=where)
    if isinstance(error, exc.IntegrityError):
        return LoadError("load.refused", message, where=where)
    if "database is locked" in message or type(error.orig).__name__ in ("DeadlockDetected", "LockNotAvailable"):
        return LoadError("load.locked", message, where=where, recoverable=True)
    if isinstance(error, exc.OperationalError | exc.InterfaceError):
        return LoadError("load.unreachable", message, where=where, recoverable=True)
    return LoadError("load.database", message, where=where)
