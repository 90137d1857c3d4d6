"""Parquet files, one for each view, with labels beside the columns."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.load.export.columns import TYPES
from tasks.load.views import View, ViewColumn


def write_parquet(view: View, batches: Iterable[list[pa.Array]], path: Path) -> int:
    """Write a view, given column by column; labels stand in the metadata of each. Returns the number of rows.

    While some rows are packed, the next are read: packing needs no lock of Python.
    """
    schema = pa.schema([_field(column) for column in view.columns], {"zh": view.zh, "en": view.en})
    count = 0
    with pq.ParquetWriter(path, schema, compression="zstd") as writer, ThreadPoolExecutor(1) as packing:
        under_way: Future[None] | None = None
        for batch in batches:
            if under_way is not None:
                under_way.result()  # one at most waits, so that memory stays bounded
            under_way = packing.submit(writer.write_batch, pa.record_batch(batch, schema=schema))
            count += len(batch[0])
        if under_way is not None:
            under_way.result()
    return count


def _field(column: ViewColumn) -> pa.Field:
    described = {"zh": column.zh, "en": column.en, **({"unit": column.unit} if column.unit else {})}
    return pa.field(column.name, TYPES[column.type], metadata=described)
