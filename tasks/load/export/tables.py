"""What an export contains, as streams of plain rows: the views, limited to what changed where that is asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.engine import Connection

from schemas.errors import LoadError
from tasks.load import query
from tasks.load.bulk import CHUNK
from tasks.load.plain import json_text
from tasks.load.views import View

Row = dict[str, Any]

PRECISION, SCALE = 38, 10
"""Decimals of columnar files: 28 digits before the point, 10 after; amounts in 万元 have up to six."""

_LARGEST = Decimal(10) ** (PRECISION - SCALE)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rows go into an export."""

    years: Collection[int] | None = None
    publishers: Collection[str] | None = None
    samples: bool = True
    report_ids: frozenset[str] | None = None  # only rows of these reports, in views that name the report


def rows(connection: Connection, view: View, choice: Choice) -> Iterator[Row]:
    """The chosen rows of a view, in its order."""
    named = any(column.name == "report_id" for column in view.columns)
    for row in query.view(connection, view, years=choice.years, publishers=choice.publishers):
        if row["sample"] and not choice.samples:
            continue
        if choice.report_ids is not None and named and row["report_id"] not in choice.report_ids:
            continue
        yield row


def batches(items: Iterator[Row], size: int = CHUNK) -> Iterator[list[Row]]:
    """The rows in lists of bounded length; at least one list, so that an empty view keeps its columns."""
    batch: list[Row] = []
    first = True
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch, first = [], False
    if batch or first:
        yield batch


def fitting(value: Decimal, where: str) -> Decimal:
    """The value as columnar files hold it. Raises LoadError `load.export_precision` rather than round."""
    if abs(value) >= _LARGEST or int(value.as_tuple().exponent) < -SCALE:
        raise LoadError("load.export_precision", f"{value} has more digits than a column holds", where=where)
    return value


def as_text(value: Any) -> str:
    """A value as text files show it: decimals as printed, times in UTC, JSON sorted, nothing for nothing."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Decimal():
            return format(value, "f")
        case datetime():
            return value.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        case date():
            return value.isoformat()
        case dict() | list():
            return json_text(value)
        case _:
            return str(value)
