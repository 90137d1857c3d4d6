"""Facts as SQLite hands them out fastest: one text for each report, instead of an object of Python for each value.

A row is packed as its code, its value, and a JSON list of what else it says, left out where that is the usual. What
cannot be unpacked with certainty is not guessed: the caller reads those rows one by one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.report import FactState
from tasks.load.views.figures import FACT, REPORT

COLUMNS = frozenset({"code", "value", "label", "unit", "state", "remark"})
"""The columns of facts that are packed."""

REPORTS = 250
"""Reports that are in memory at a time: some fifty thousand facts."""

_REST = ("label", "unit", "state", "remark")
_CUT = "\x1f"  # JSON writes it as an escape, and neither codes nor figures hold it; the number of pieces tells


@dataclass(frozen=True, slots=True)
class Packed:
    """The facts of some reports in the order of their codes. `columns` are texts; None when they must be read one by
    one."""

    reports: list[str]
    counts: list[int]  # facts of each report
    columns: dict[str, pa.Array] | None


def packed(connection: Connection, reports: sa.Select[Any], where: Any) -> Iterator[Packed]:
    """The facts of these reports, a select of their ids in order; `where` limits the facts."""
    usual = _usual(connection, where)
    own = (FACT.c.report_id == REPORT.c.id, *(() if where is None else (where,)))
    text = sa.select(sa.func.group_concat(_piece(usual), _CUT)).where(*own).scalar_subquery()
    count = sa.select(sa.func.count()).select_from(FACT).where(*own).scalar_subquery()
    with closing(connection.execute(reports.add_columns(text, count)).cursor) as cursor:
        while lines := cursor.fetchmany(REPORTS):
            found = [line for line in lines if line[2]]
            ids, counts = [line[0] for line in found], [line[2] for line in found]
            yield Packed(ids, counts, _unpacked([line[1] for line in found], counts, usual))


def _usual(connection: Connection, where: Any) -> list[str | None]:
    """What most facts say beside code and value, by `_REST`: a number in the unit of the first of them."""
    query = sa.select(FACT.c.unit).where(FACT.c.unit.is_not(None))
    unit = connection.execute((query if where is None else query.where(where)).limit(1)).scalar()
    return [None, unit, FactState.NUMBER.value, None]


def _piece(usual: list[str | None]) -> Any:
    rest = [FACT.c[name] for name in _REST]
    is_usual = sa.and_(*(column.is_not_distinct_from(value) for column, value in zip(rest, usual, strict=True)))
    value = sa.func.coalesce(sa.cast(FACT.c.value, sa.Text), "")
    return FACT.c.code + _CUT + value + _CUT + sa.case((is_usual, ""), else_=sa.func.json_array(*rest))


def _unpacked(texts: list[str], counts: list[int], usual: list[str | None]) -> dict[str, pa.Array] | None:
    pieces = pc.list_flatten(pc.split_pattern(pa.array(texts, pa.large_string()), _CUT)).cast(pa.string())
    rows = sum(counts)
    if len(pieces) != 3 * rows:
        return None
    codes, values, rest = (pieces.take(pa.array(range(start, 3 * rows, 3), pa.int64())) for start in range(3))
    if not _in_order(codes, counts):
        return None
    told = rest.dictionary_encode()
    said = [json.loads(text) if text else usual for text in told.dictionary.to_pylist()]
    columns = {
        name: pa.array([one[place] for one in said], pa.string()).take(told.indices) for place, name in enumerate(_REST)
    }
    empty = pc.equal(values, "")
    return {"code": codes, "value": pc.if_else(empty, pa.scalar(None, pa.string()), values), **columns}


def _in_order(codes: pa.Array, counts: list[int]) -> bool:
    """Whether the codes of each report rise: SQLite promises no order within a text, and has other keys for
    equal codes."""
    rises = pc.less(codes[:-1], codes[1:])
    ends = list(accumulate(counts[:-1]))  # where the next report begins: its first code may be any
    across = rises.take(pa.array([end - 1 for end in ends], pa.int64()))
    within = (pc.sum(rises).as_py() or 0) - (pc.sum(across).as_py() or 0)
    return bool(within == len(rises) - len(across))
