"""Reports loaded with all that a load promises, against the same rows written bare into the same tables.

`Warehouse.load` keeps versions, digests and the ledger, one transaction for each report. The bare peer writes what
lies there afterwards, sorted by table, in one transaction: executemany on SQLite, COPY on PostgreSQL.
"""

from __future__ import annotations

import random
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
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
from tasks.load import Warehouse

_AT = datetime(2026, 2, 1, tzinfo=UTC)
_KINDS = 20  # different reports; loaded for different publishers they are different rows
_WRITTEN = ("document", "report", "fact", "statistic", "section", "finding", "ledger", "ledger_history")


def loading(size: Size) -> Iterable[Row]:
    """Both databases in turn."""
    count = pick(size, 4, 300, 2000)
    judgements = list(_judgements(min(_KINDS, count)))
    rounds = pick(size, 1, 2, 3)
    with tempfile.TemporaryDirectory() as folder:
        files = (f"sqlite:///{folder}/{number}.sqlite" for number in range(2 * rounds))
        yield _row("SQLite", "bare executemany", files, judgements, count, rounds)
    with postgres() as address:
        yield _row("PostgreSQL", "bare COPY", _emptied(address), judgements, count, rounds)


def _row(name: str, peer: str, places: Iterator[str], judgements: list[Judgement], count: int, rounds: int) -> Row:
    ours, bare = Cost(9e9, 9e9), Cost(9e9, 9e9)
    wrong = None
    rows: dict[str, tuple[list[str], list[tuple[Any, ...]]]] = {}
    for _ in range(rounds):
        with _warehouse(next(places), count) as warehouse:
            with measured() as cost:
                _load_all(warehouse, judgements, count)
            ours = Cost(min(ours.wall, cost.wall), min(ours.cpu, cost.cpu))
            wrong = wrong or _wrong(warehouse, judgements, count)
            rows = _stored(warehouse)
        with _warehouse(next(places), count) as warehouse:
            address = warehouse.engine.url.render_as_string(hide_password=False)
            warehouse.close()
            with measured() as cost:
                (_executemany if name == "SQLite" else _copy)(address, rows)
            bare = Cost(min(bare.wall, cost.wall), min(bare.cpu, cost.cpu))
            again = _stored(warehouse)
            wrong = wrong or (None if again == rows else "the bare rows differ from the loaded ones")
    facts = len(rows["fact"][1])
    total = sum(len(lines) for _, lines in rows.values())
    return Row(
        f"load {name}",
        f"{count:,} reports with {facts:,} facts loaded, {name}",
        f"{peer} of the same {total:,} rows",
        ours.wall / bare.wall,
        "the stored rows are those of the judgements, and the same in both",
        wrong,
        at_most=2.0,
        figures={
            "ours_ms_per_report": round(ours.wall * 1000 / count, 2),
            "ours_cpu_ms_per_report": round(ours.cpu * 1000 / count, 2),
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


def _load_all(warehouse: Warehouse, judgements: list[Judgement], count: int) -> None:
    for number in range(count):
        judgement = judgements[number % len(judgements)]
        assert judgement.report is not None
        assert judgement.report.year is not None
        warehouse.load(
            f"body-{number}",
            judgement.report.year,
            document_sha=f"{number:064x}",
            url=f"http://127.0.0.1/{number}.html",
            media_type="text/html",
            judgement=judgement,
            parser_version="1",
            fetched_at=_AT,
        )


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
