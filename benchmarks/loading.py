"""Reports loaded with all that a load promises, against the same rows written bare into the same tables.

`Warehouse.load_series`, as a harvest calls it: some reports in a transaction, with versions, digests and the ledger.
The bare peer writes what lies there afterwards, sorted by table, in one transaction: executemany on SQLite, COPY on
PostgreSQL. It is handed finished rows, and knows no version, ledger or decision. Both have the same settings: on SQLite
the write-ahead log, its checkpoints, and foreign keys that are checked. What one report in a transaction of its own
costs is told beside.
"""

from __future__ import annotations

import random
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import psycopg
import sqlalchemy as sa

from benchmarks.measure import Cost, measured
from benchmarks.postgres import postgres
from benchmarks.row import Row, Size, pick
from flows.pipeline import understand
from infra.replica.documents import render
from infra.replica.random_reports import random_truth
from schemas.report import Edition, Judgement
from schemas.site import PublisherEntry
from schemas.tables import metadata
from tasks.load import Delivery, Source, Warehouse
from tasks.load.engine import PAGES_TO_CHECKPOINT
from tasks.load.snapshot import snapshot
from tasks.load.together import AT_ONCE

_AT = datetime(2026, 2, 1, tzinfo=UTC)
_KINDS = 20  # different reports; loaded for different publishers they are different rows
_WRITTEN = ("document", "report", "fact", "statistic", "section", "finding", "ledger", "ledger_history")


def loading(size: Size) -> Iterable[Row]:
    """Both databases in turn."""
    count = pick(size, 4, 300, 2000)
    judgements = list(_judgements(min(_KINDS, count)))
    rounds = pick(size, 1, 3, 3)
    with tempfile.TemporaryDirectory() as folder:
        files = (f"sqlite:///{folder}/{number}.sqlite" for number in range(3 * rounds))
        yield _row("SQLite", "bare executemany", files, judgements, count, rounds)
    with postgres() as address:
        yield _row("PostgreSQL", "bare COPY", _emptied(address), judgements, count, rounds)


def _row(name: str, peer: str, places: Iterator[str], judgements: list[Judgement], count: int, rounds: int) -> Row:
    deliveries = [_delivery(judgements[number % len(judgements)], number) for number in range(count)]
    ours, single, bare = (Cost(9e9, 9e9) for _ in range(3))
    wrong = None
    for _ in range(rounds):
        with _warehouse(next(places), count) as warehouse:
            single = _better(single, _one_by_one(warehouse, deliveries))
            alone = snapshot(warehouse.engine)
        with _warehouse(next(places), count) as warehouse:
            ours = _better(ours, _loaded(warehouse, deliveries))
            wrong = wrong or _wrong(warehouse, judgements, count)
            wrong = wrong or (None if snapshot(warehouse.engine) == alone else "a batch stores other rows")
            rows = _stored(warehouse)
        with _warehouse(next(places), count) as warehouse:
            address = warehouse.engine.url.render_as_string(hide_password=False)
            warehouse.close()
            with measured() as cost:
                (_executemany if name == "SQLite" else _copy)(address, rows)
            bare = _better(bare, cost)
            wrong = wrong or (None if _stored(warehouse) == rows else "the bare rows differ from the loaded ones")
    facts = len(rows["fact"][1])
    total = sum(len(lines) for _, lines in rows.values())
    return Row(
        f"load {name}",
        f"{count:,} reports with {facts:,} facts loaded, {AT_ONCE} a transaction, {name}",
        f"{peer} of the same {total:,} rows",
        ours.wall / bare.wall,
        "the stored rows are those of the judgements, and the same in batches, one by one and bare",
        wrong,
        at_most=2.0,
        figures={
            "ours_ms_per_report": round(ours.wall * 1000 / count, 2),
            "ours_cpu_ms_per_report": round(ours.cpu * 1000 / count, 2),
            "one_by_one_ms_per_report": round(single.wall * 1000 / count, 2),
            "one_by_one_cpu_ms_per_report": round(single.cpu * 1000 / count, 2),
            "one_by_one_ratio": round(single.wall / bare.wall, 2),
            "peer_ms_per_report": round(bare.wall * 1000 / count, 2),
            "peer_cpu_ms_per_report": round(bare.cpu * 1000 / count, 2),
            "rows_per_report": round(total / count, 1),
        },
    )


def _judgements(kinds: int) -> Iterator[Judgement]:
    for number in range(kinds):
        truth = random_truth(random.Random(number), edition=Edition.FORM_2021)
        yield understand(render(truth, "html"), name="report.html")


def _warehouse(address: str, count: int) -> Warehouse:
    warehouse = Warehouse(address)
    warehouse.migrate()
    warehouse.sync_publishers(PublisherEntry(id=f"body-{number}", name=f"第{number}局") for number in range(count))
    return warehouse


def _delivery(judgement: Judgement, number: int) -> Delivery:
    assert judgement.report is not None
    assert judgement.report.year is not None
    url = f"http://127.0.0.1/{number}.html"
    source = Source(f"{number:064x}", url, "text/html", "1", None, _AT, sample=False)
    return Delivery(f"body-{number}", judgement.report.year, source, judgement)


def _loaded(warehouse: Warehouse, deliveries: Sequence[Delivery]) -> Cost:
    with measured() as cost:
        for _ in warehouse.load_series(deliveries):
            pass
    return cost


def _one_by_one(warehouse: Warehouse, deliveries: Sequence[Delivery]) -> Cost:
    with measured() as cost:
        for delivery in deliveries:
            warehouse.load_all([delivery])
    return cost


def _better(one: Cost, other: Cost) -> Cost:
    return Cost(min(one.wall, other.wall), min(one.cpu, other.cpu))


def _wrong(warehouse: Warehouse, judgements: list[Judgement], count: int) -> str | None:
    reports = [judgements[number % len(judgements)].report for number in range(count)]
    facts = sum(len(report.facts) for report in reports if report is not None)
    with warehouse.engine.connect() as connection:
        stored = connection.execute(sa.text("SELECT count(*) FROM fact")).scalar_one()
    return None if stored == facts else f"{stored} facts stored instead of {facts}"


def _stored(warehouse: Warehouse) -> dict[str, tuple[list[str], list[tuple[Any, ...]]]]:
    """Columns and rows of each table that a load writes, as the driver gives them, in the order of the tables."""
    found = {}
    with warehouse.engine.connect() as connection:
        for table in metadata.sorted_tables:
            if table.name in _WRITTEN:
                names = [column.name for column in table.columns]
                key = ", ".join(column.name for column in table.primary_key)
                casts = ", ".join(_as_text(column, warehouse.engine.dialect.name) for column in table.columns)
                lines = connection.exec_driver_sql(f"SELECT {casts} FROM {table.name} ORDER BY {key}").all()  # noqa: S608 - our own table names
                found[table.name] = (names, [tuple(line) for line in lines])
    return found


def _as_text(column: sa.Column[Any], dialect: str) -> str:
    """JSON columns of PostgreSQL as text, which is what COPY takes."""
    is_json = isinstance(column.type, sa.JSON) or "JSON" in str(column.type)
    return f"{column.name}::text" if dialect == "postgresql" and is_json else column.name


def _executemany(address: str, rows: dict[str, tuple[list[str], list[tuple[Any, ...]]]]) -> None:
    connection = sqlite3.connect(address.removeprefix("sqlite+pysqlite:///"))
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute(f"PRAGMA wal_autocheckpoint={PAGES_TO_CHECKPOINT}")
    connection.execute("PRAGMA foreign_keys=ON")
    with connection:
        for table, (names, lines) in rows.items():
            marks = ", ".join("?" for _ in names)
            connection.executemany(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", lines)  # noqa: S608
    connection.close()


def _copy(address: str, rows: dict[str, tuple[list[str], list[tuple[Any, ...]]]]) -> None:
    with psycopg.connect(address.replace("postgresql+psycopg", "postgresql", 1)) as connection:
        for table, (names, lines) in rows.items():
            statement = f"COPY {table} ({', '.join(names)}) FROM STDIN"
            with connection.cursor().copy(statement.encode()) as copy:
                for line in lines:
                    copy.write_row(line)


def _emptied(address: str) -> Iterator[str]:
    """The same database again and again, empty each time."""
    while True:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
        yield address
