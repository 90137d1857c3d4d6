"""Views read column by column, past SQLAlchemy's types and without an object for each value.

What a view shows as it is stored is read from its own table alone, in the order of the view (facts of SQLite packed,
see `packed`); the columns that tell of the report and of the cell of a form are few different rows, and are put beside
it in Arrow. All other views are sums over many rows, so they are short, and read row by row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.tables.types import ExactDecimal
from tasks.load.bulk import chunks
from tasks.load.export.packed import COLUMNS, packed
from tasks.load.export.tables import PRECISION, SCALE, Choice, batches, fitting, rows
from tasks.load.facts import split_code
from tasks.load.plain import json_text
from tasks.load.views import View
from tasks.load.views.figures import CELL, FACT, PUBLISHER, REPORT, Plain

_Found = tuple[pa.Array, dict[str, Any]]
"""The report of each row, and its other columns by name, as the driver gave them or as arrays of text."""

BATCH = 50_000
"""Rows that are in memory at a time."""

_OF_CODE = {"row_code": 0, "column_code": 1}
"""Columns of facts that are made of the code (`split_code`), as the loader makes them: no need to ask for them."""

_AT_ONCE = 500  # rows taken from the driver: few, so that they are still in the processor's cache when they are turned

TYPES = {
    "decimal": pa.decimal128(PRECISION, SCALE),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "time": pa.timestamp("us", tz="UTC"),
    "json": pa.string(),
    "text": pa.string(),
}


def column_batches(connection: Connection, view: View, choice: Choice) -> Iterator[list[pa.Array]]:
    """The chosen rows of a view in its order: the values of each of its columns, for at most `BATCH` rows at a time.

    Raises LoadError `load.export_precision` for a value that a column cannot hold.
    """
    if view.plain is not None:
        yield from _Stored(connection, view, view.plain, choice).batches()
        return
    for batch in batches(rows(connection, view, choice), BATCH):
        told = [f"{row['publisher_id']} for {row['year']}" for row in batch]
        yield [_array([row[column.name] for row in batch], column.type, column.name, told) for column in view.columns]


@dataclass(frozen=True, slots=True)
class _Side:
    """A small table to be put beside a large one: its keys, and its columns by name."""

    keys: pa.Array
    columns: dict[str, pa.Array]
    told: Sequence[str] = ()  # what each row is called in an error


@dataclass(frozen=True, slots=True)
class _Stored:
    connection: Connection
    view: View
    plain: Plain
    choice: Choice

    def batches(self) -> Iterator[list[pa.Array]]:
        reports, cells = self._reports(), self._cells()
        own = self._named(self.plain.table)
        for name in ("report_id", *(_OF_CODE if "code" in own else ())):  # the report leads every row
            own.pop(name, None)
        for part in _parts(self.choice.publishers):
            for ids, columns in self._packed(part) if self._can_be_packed(own) else self._by_rows(own, part):
                yield self._batch(ids, columns, reports, cells)

    def _can_be_packed(self, own: Collection[str]) -> bool:
        return self.connection.dialect.name == "sqlite" and self.plain.table is FACT and set(own) == COLUMNS

    def _packed(self, publishers: Sequence[str] | None) -> Iterator[_Found]:
        chosen = self._limited(sa.select(REPORT.c.id), publishers).order_by(REPORT.c.publisher_id, REPORT.c.year)
        for some in packed(self.connection, chosen, self.plain.where):
            if some.columns is None:
                yield from self._by_rows(self._named(FACT), publishers, some.reports)
            else:
                places = np.repeat(np.arange(len(some.reports)), some.counts)
                yield pa.array(some.reports, pa.string()).take(pa.array(places)), dict(some.columns)

    def _by_rows(
        self, own: Mapping[str, Any], publishers: Sequence[str] | None, only: Sequence[str] | None = None
    ) -> Iterator[_Found]:
        query = self._query([_sent(column, self.connection) for column in own.values()], publishers)
        if only is not None:
            query = query.where(self.plain.table.c.report_id.in_(only))
        with closing(_driver_cursor(self.connection, query)) as cursor:
            for values in _by_column(cursor, len(own) + 1):
                yield pa.array(values[0], pa.string()), dict(zip(own, values[1:], strict=True))

    def _batch(self, ids: pa.Array, columns: Mapping[str, Any], reports: _Side, cells: _Side) -> list[pa.Array]:
        place = pc.index_in(ids, value_set=reports.keys)
        told = _Told(reports.told, place)
        types = {column.name: column.type for column in self.view.columns}
        found = {name: _array(values, types[name], name, told) for name, values in columns.items()}
        if place.null_count:  # rows of reports that were not chosen
            found = {name: column.filter(place.is_valid()) for name, column in found.items()}
            place = place.drop_null()
        found |= {name: column.take(place) for name, column in reports.columns.items()}
        found["report_id"] = reports.keys.take(place)
        if "code" in found:
            found |= _parts_of_codes(found["code"])
        if cells.columns:
            cell = pc.index_in(found["code"], value_set=cells.keys)
            found |= {name: column.take(cell) for name, column in cells.columns.items()}
        return [found[column.name] for column in self.view.columns]

    def _query(self, columns: Sequence[Any], publishers: Sequence[str] | None) -> sa.Select[Any]:
        """The rows of the view's own table, each led by its report, in the order of the view."""
        table = self.plain.table
        query = sa.select(table.c.report_id, *columns).join_from(REPORT, table, table.c.report_id == REPORT.c.id)
        if self.plain.where is not None:
            query = query.where(self.plain.where)
        by_name = {column.name: _origin(column) for column in self.plain.columns}
        order = [by_name[name] for name in self.view.key]
        # A publisher has one current report for a year. Naming it changes no order, and lets SQLite read the rows as
        # they lie instead of sorting them.
        order.insert(sum(column.table is not table for column in order), table.c.report_id)
        exactly = [column.asc().nulls_first() if column.nullable else column.asc() for column in order]
        return self._limited(query, publishers).order_by(*exactly)

    def _limited(self, query: sa.Select[Any], publishers: Sequence[str] | None) -> sa.Select[Any]:
        query = query.where(sa.literal_column("report.is_current"))  # as the index has it: SQLite compares the words
        if self.choice.years is not None:
            query = query.where(REPORT.c.year.in_(sorted(set(self.choice.years))))
        return query if publishers is None else query.where(REPORT.c.publisher_id.in_(publishers))

    def _reports(self) -> _Side:
        named = {**self._named(REPORT), **self._named(PUBLISHER)}
        query = sa.select(REPORT.c.id, *(column.label(name) for name, column in named.items()))
        query = query.join(PUBLISHER, PUBLISHER.c.id == REPORT.c.publisher_id)
        found = [
            row
            for part in _parts(self.choice.publishers)
            for row in self.connection.execute(self._limited(query, part))
            if (self.choice.samples or not row.sample)
            and (self.choice.report_ids is None or row.id in self.choice.report_ids)
        ]
        told = [f"{row.publisher_id} for {row.year}" for row in found]
        return self._side(found, list(named), told)

    def _cells(self) -> _Side:
        named = self._named(CELL)
        return self._side(self.connection.execute(sa.select(CELL.c.code, *named.values())).all(), list(named))

    def _side(self, found: Sequence[Any], names: list[str], told: Sequence[str] = ()) -> _Side:
        types = {column.name: column.type for column in self.view.columns}
        columns = {
            name: _array([row[place] for row in found], types[name], name, told)
            for place, name in enumerate(names, start=1)
        }
        return _Side(pa.array([row[0] for row in found], pa.string()), columns, told)

    def _named(self, table: sa.Table) -> dict[str, Any]:
        """The columns of the view that come from a table, by their name in the view."""
        return {column.name: _origin(column) for column in self.plain.columns if _origin(column).table is table}


def _parts_of_codes(codes: pa.Array) -> dict[str, pa.Array]:
    """Row and column of each code; there are few different ones."""
    encoded = codes.dictionary_encode()
    split = [split_code(code) for code in encoded.dictionary.to_pylist()]
    return {
        name: pa.array([parts[place] for parts in split], pa.string()).take(encoded.indices)
        for name, place in _OF_CODE.items()
    }


@dataclass(frozen=True, slots=True)
class _Told:
    """What the report of each row is called."""

    reports: Sequence[str]
    place: pa.Array

    def __getitem__(self, row: int) -> str:
        return str(self.reports[self.place[row].as_py()])


def _driver_cursor(connection: Connection, query: sa.Select[Any]) -> Any:
    """The driver's cursor over a query, which hands out rows as they are asked for."""
    if connection.dialect.name == "sqlite":
        return connection.execute(query).cursor
    driver = connection.connection.driver_connection
    assert driver is not None
    compiled = query.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    cursor = driver.cursor(name="nianbao_export")  # named: it stays in the server
    cursor.execute(str(compiled), compiled.construct_params())
    return cursor


def _by_column(cursor: Any, width: int) -> Iterator[list[list[Any]]]:
    """What the driver gives, by column, `BATCH` rows at a time."""
    while True:
        columns: list[list[Any]] = [[] for _ in range(width)]
        while len(columns[0]) < BATCH and (lines := cursor.fetchmany(_AT_ONCE)):
            for column, values in zip(columns, zip(*lines, strict=True), strict=True):
                column.extend(values)
        if not columns[0]:
            return
        yield columns


def _origin(column: Any) -> Any:
    return column.element if isinstance(column, sa.Label) else column


def _sent(column: Any, connection: Connection) -> Any:
    """A column as the database sends it fastest: decimals as their digits, JSON as it is kept where it is text."""
    as_text = _is_decimal(column) or (isinstance(column.type, sa.JSON) and connection.dialect.name == "sqlite")
    return sa.cast(column, sa.Text) if as_text else column


def _is_decimal(column: Any) -> bool:
    return isinstance(column.type, ExactDecimal)


def _array(values: Any, kind: str, name: str, told: Any) -> pa.Array:
    """What the driver gave as an array; an array of texts stays one, unless it holds decimals."""
    if isinstance(values, pa.Array):
        return values if kind != "decimal" else _decimals(values, name, told)
    if kind == "json":
        values = [value if value is None or isinstance(value, str) else json_text(value) for value in values]
    if kind != "decimal":
        return pa.array(values, TYPES[kind])
    digits = [format(value, "f") if isinstance(value, Decimal) else value for value in values]
    return _decimals(pa.array(digits, pa.string()), name, told)


def _decimals(digits: pa.Array, name: str, told: Any) -> pa.Array:
    try:
        return digits.cast(TYPES["decimal"])
    except pa.ArrowInvalid:
        for row, value in enumerate(digits.to_pylist()):
            if value is not None:
                fitting(Decimal(value), f"{name} of {told[row]}")
        raise


def _parts(publishers: Collection[str] | None) -> list[list[str] | None]:
    return [None] if publishers is None else [list(part) for part in chunks(sorted(set(publishers)))]
