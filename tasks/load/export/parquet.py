"""Parquet files, one for each view, with labels beside the columns."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.load.export.tables import PRECISION, SCALE, Row, batches, fitting
from tasks.load.plain import json_text
from tasks.load.views import View, ViewColumn

_TYPES = {
    "decimal": pa.decimal128(PRECISION, SCALE),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
    "time": pa.timestamp("us", tz="UTC"),
    "json": pa.string(),
    "text": pa.string(),
}


def write_parquet(view: View, rows: Iterator[Row], path: Path) -> int:
    """Write a view; labels stand in the metadata of each column. Returns the number of rows."""
    schema = pa.schema([_field(column) for column in view.columns], {"zh": view.zh, "en": view.en})
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer:
        for batch in batches(rows, 50_000):
            columns = [pa.array([_cell(row, column) for row in batch], _TYPES[column.type]) for column in view.columns]
            writer.write_batch(pa.record_batch(columns, schema=schema))
            count += len(batch)
    return count


def _field(column: ViewColumn) -> pa.Field:
    described = {"zh": column.zh, "en": column.en, **({"unit": column.unit} if column.unit else {})}
    return pa.field(column.name, _TYPES[column.type], metadata=described)


def _cell(row: Row, column: ViewColumn) -> Any:
    value = row[column.name]
    if value is None:
        return None
    if column.type == "decimal":
        return fitting(value, f"{column.name} of {row['publisher_id']} for {row['year']}")
    return json_text(value) if column.type == "json" else value
