"""Questions over many years: coverage, carry-over and export from the warehouse, against DuckDB queries by hand.

The warehouse (SQLite) and a DuckDB file hold the same rows. DuckDB has them in its own format already: what it costs
to bring them there is told beside, since a warehouse is asked while it is being written.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from benchmarks.measure import measured, side_by_side
from benchmarks.row import Row, Size, pick
from flows.pipeline import understand
from infra.replica.documents import render
from infra.replica.random_reports import random_truth
from schemas.checks import checks
from schemas.report import Edition
from schemas.site import PublisherEntry
from schemas.tables import Fact, Ledger, Report, metadata, table_of
from tasks.load import Warehouse, carried
from tasks.load.bulk import insert
from tasks.load.crosscheck import years as year_checks
from tasks.load.engine import count_rows, reading, writing
from tasks.load.export import ExportOptions, Format

YEARS = tuple(range(2014, 2024))
_CHECK = "T3_CARRY_OVER"
_VIEW = "requests_by_year_tidy"
_KEY = ("publisher_id", "year", "code")
_BROKEN = 25  # every so many publishers one year does not take over what the year before left
_KEPT = frozenset({"publisher", "form_cell", "document"})
_TABLES = ("fact", "report", "ledger", "publisher", "form_cell")

_COVERAGE = """
SELECT l.publisher_id, p.name, l.year, l.state, l.reason_code, l.reason, l.deadline, l.report_id
FROM ledger l JOIN publisher p ON p.id = l.publisher_id ORDER BY l.publisher_id, l.year
"""
_CARRY_OVER = """
SELECT a.publisher_id, a.year, fa.column_code, fa.value, fb.value
FROM report a
JOIN report b ON b.publisher_id = a.publisher_id AND b.year = a.year + 1 AND b.is_current
JOIN fact fa ON fa.report_id = a.id AND fa.table_code = 't3' AND fa.row_code = 'carried_out'
JOIN fact fb ON fb.report_id = b.id AND fb.table_code = 't3' AND fb.row_code = 'carried_in'
  AND fb.column_code = fa.column_code
WHERE a.is_current AND fa.value <> fb.value ORDER BY 1, 2, 3
"""
_EXPORT = """
COPY (
  SELECT r.publisher_id, p.name AS publisher, r.year, r.scope, r.sample, f.code, f.row_code, c.row_zh, c.row_en,
         f.column_code, c.column_zh, c.column_en, f.label, f.value, f.unit, f.state, f.remark, f.report_id
  FROM fact f JOIN report r ON r.id = f.report_id JOIN publisher p ON p.id = r.publisher_id
  LEFT JOIN form_cell c ON c.code = f.code
  WHERE r.is_current AND f.table_code = 't3' ORDER BY r.publisher_id, r.year, f.code, f.label
) TO '{path}' (FORMAT parquet, COMPRESSION zstd)
"""


def against_duckdb(size: Size) -> Iterable[Row]:
    """Each question of the warehouse and by hand, on the same rows."""
    publishers = pick(size, 2, 65, 650)
    rounds = pick(size, 1, 2, 2)
    with tempfile.TemporaryDirectory() as name, Warehouse(f"{name}/warehouse.sqlite") as warehouse:
        folder = Path(name)
        facts = _fill(warehouse, publishers)
        with measured() as copied:
            hand = _copied(warehouse, folder / "hand.duckdb")
        what = f"{facts:,} facts of {publishers} publishers × {len(YEARS)} years"
        questions: tuple[tuple[str, Callable[[], Any], Callable[[], Any], Callable[[Any, Any], str | None]], ...] = (
            (
                "coverage",
                lambda: warehouse.coverage(YEARS, today=date(2026, 6, 1)),
                lambda: hand.execute(_COVERAGE).fetchall(),
                lambda ours, theirs: _differ(sum(len(row.cells) for row in ours.rows), len(theirs)),
            ),
            (
                "carry-over",
                lambda: list(_carry_over(warehouse)),
                lambda: hand.execute(_CARRY_OVER).fetchall(),
                lambda ours, theirs: (
                    _differ(_found(ours), {(row[0], row[1]) for row in theirs}) or _planted(ours, publishers)
                ),
            ),
            (
                "export",
                lambda: warehouse.export(folder / "export", ExportOptions((Format.PARQUET,), (_VIEW,))),
                lambda: hand.execute(_EXPORT.format(path=folder / "hand.parquet")),
                lambda _, __: _same_files(folder / "export" / f"{_VIEW}.parquet", folder / "hand.parquet"),
            ),
        )
        for question, ours, theirs, compare in questions:
            wrong = compare(ours(), theirs())
            mine, other = side_by_side((ours, theirs), rounds)
            yield Row(
                f"analysis {question}",
                f"{question} over {what}",
                "the same query by hand in DuckDB, from its own file",
                mine.wall / other.wall,
                "both give the same answer",
                wrong,
                at_most=2.0,
                figures={
                    "ours_s": round(mine.wall, 3),
                    "duckdb_s": round(other.wall, 3),
                    "copy_to_duckdb_s": round(copied.wall, 2),
                    "ratio_with_the_copy": round(mine.wall / (other.wall + copied.wall), 2),
                },
            )
        hand.close()


def _carry_over(warehouse: Warehouse) -> Iterator[Any]:
    with reading(warehouse.engine) as connection:
        yield from year_checks._failures(connection, checks()[_CHECK].equations(), None)  # noqa: SLF001 - it alone


def _found(failures: Iterable[Any]) -> set[tuple[str, int]]:
    return {(failure.publisher, failure.early) for failure in failures}


def _planted(failures: Iterable[Any], publishers: int) -> str | None:
    return _differ(len(_found(failures)), len(range(0, publishers, _BROKEN)))


def _differ(ours: object, theirs: object) -> str | None:
    return None if ours == theirs else f"the answers differ: {str(ours)[:80]} and {str(theirs)[:80]}"


def _same_files(ours: Path, theirs: Path) -> str | None:
    """Every column of the export that the query by hand gives, values as decimals."""
    one, other = (pq.read_table(path).sort_by([(name, "ascending") for name in _KEY]) for path in (ours, theirs))
    if one.num_rows != other.num_rows:
        return f"{one.num_rows} rows exported, by hand {other.num_rows}"
    for name in other.column_names:
        kind = one[name].type if name == "value" else pa.string()
        if not one[name].cast(kind).equals(other[name].cast(kind)):
            return f"the exported {name} differs"
    return None


def _fill(warehouse: Warehouse, publishers: int) -> int:
    """Reports of every publisher and year, shaped like a real one; what a year leaves open the next takes over."""
    warehouse.migrate()
    entries = [PublisherEntry(id=f"body-{number:04}", name=f"第{number}局") for number in range(publishers)]
    warehouse.sync_publishers(entries)
    truth = random_truth(random.Random(1), edition=Edition.FORM_2021)
    judgement = understand(render(truth, "html"), name="report.html")
    assert judgement.report is not None
    assert judgement.report.year is not None
    warehouse.sync_publishers([PublisherEntry(id="pattern", name="样本局")])
    warehouse.load(
        "pattern", judgement.report.year, document_sha="0" * 64, url="http://127.0.0.1/", media_type="text/html",
        judgement=judgement, parser_version="1", fetched_at=datetime(2026, 2, 1, tzinfo=UTC),
    )  # fmt: skip
    tables = {model: table_of(model) for model in (Report, Fact, Ledger)}
    with reading(warehouse.engine) as connection:
        report, pattern, entry = (
            [dict(row) for row in connection.execute(sa.select(tables[model])).mappings()] for model in tables
        )
    total = 0
    with writing(warehouse.engine) as connection:
        for table in reversed(metadata.sorted_tables):
            if table.name not in _KEPT:
                connection.execute(sa.delete(table))
        for number, body in enumerate(entries):
            draw = random.Random(number)
            open_at = {year: draw.randint(0, 99) for year in (YEARS[0] - 1, *YEARS)}
            ids = {year: f"{body.id}.{year}.0" for year in YEARS}
            same: dict[str, Any] = {"publisher_id": body.id}
            facts = {
                year: [
                    _fact(
                        row, ids[year], open_at[year - 1] + (number % _BROKEN == 0 and year == YEARS[4]), open_at[year]
                    )
                    for row in pattern
                ]
                for year in YEARS
            }
            insert(
                connection,
                tables[Report],
                [{**report[0], **same, "id": ids[year], "year": year, **_carried(facts[year])} for year in YEARS],
            )
            insert(
                connection,
                tables[Ledger],
                [{**entry[0], **same, "year": year, "report_id": ids[year]} for year in YEARS],
            )
            for rows in facts.values():
                insert(connection, tables[Fact], rows)
                total += len(rows)
        count_rows(connection)  # as every run does at its end
    return total


def _fact(row: dict[str, Any], report: str, carried_in: int, carried_out: int) -> dict[str, Any]:
    value = {"carried_in": Decimal(carried_in), "carried_out": Decimal(carried_out)}.get(
        row["row_code"] or "", row["value"]
    )
    return {**row, "report_id": report, "value": value, "state": "number" if value is not None else row["state"]}


def _carried(facts: Iterable[dict[str, Any]]) -> dict[str, str]:
    """What the warehouse keeps beside a report of these facts."""
    texts = ((row["code"], None if row["value"] is None else format(row["value"], "f")) for row in facts)
    return carried.columns(texts)


def _copied(warehouse: Warehouse, file: Path) -> duckdb.DuckDBPyConnection:
    """The same tables as DuckDB keeps them: values as decimals, years as integers."""
    hand = duckdb.connect(str(file))
    with reading(warehouse.engine) as connection:
        for name in _TABLES:
            result = connection.exec_driver_sql(f"SELECT * FROM {name}")  # noqa: S608 - our own tables
            columns = list(result.keys())
            rows = result.all()
            frame = pa.table({column: [row[at] for row in rows] for at, column in enumerate(columns)})
            hand.register("arriving", frame)
            kept = ", ".join(_column(column) for column in columns)
            hand.execute(f"CREATE TABLE {name} AS SELECT {kept} FROM arriving")  # noqa: S608
            hand.unregister("arriving")
    return hand


def _column(name: str) -> str:
    if name == "value":
        return "CAST(value AS DECIMAL(38, 6)) AS value"
    return f"CAST({name} AS BOOLEAN) AS {name}" if name in {"is_current", "sample"} else f'"{name}"'
