"""The statistical annexes before 2019: the national form of 2014 (`stat`) and local lists (`local`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import cache

from schemas.forms import Block, form
from schemas.report import Doubt, Edition
from tasks.parse.align import Printed, Target, align, printed_rows
from tasks.parse.labels import bare
from tasks.parse.lines import Line, Slot
from tasks.parse.tables.common import TableReading, fact_of

# forms.json, recognition.decision: score at which an annex is the national or the local one
_STAT_THRESHOLD, _LOCAL_THRESHOLD = 6, 5
_UNITS = frozenset({"条", "件", "次", "篇", "万元", "元", "个", "人", "人次", "份", "宗", "期"})
_YEAR_HEAD = re.compile(r"^(?:(?P<year>(?:19|20)\d\d)年度?|本年度?数?|年末统计|本期实际|统计数|数量|本年)$")
_CUMULATIVE = frozenset({"历年累计", "累计"})


def read_annex(lines: Sequence[Line], *, sure: bool = True) -> TableReading:
    """Reads a statistical annex; an empty reading when it is neither the national nor a local form.

    Rows without a code are kept as `local.unknown_N.{column}` with their printed label, so that nothing is lost.
    """
    text = "".join(line.text for line in lines)
    edition = _edition(text)
    if edition is None:
        return TableReading()
    columns = _value_columns(lines, edition)
    rows = [row for row in map(_without_unit, printed_rows(_numberless(lines), width=len(columns))) if row.parts]
    rows = [row for row in rows if row.parts[-1] not in {"指标名称", "统计指标"}]
    alignment = align(rows, _targets(edition), any_order=True)
    reading = TableReading(edition=edition, score=alignment.score, missing_rows=list(alignment.missing))
    units = {row.code: row.unit for row in _block(edition).rows}
    for code, (row, how) in alignment.placed.items():
        values = _values(row, len(columns))
        cells = _cells(edition, code, columns)
        if values is None:
            reading.doubts.append(_incomplete(row, len(columns), cells))
            continue
        reading.facts.extend(
            fact_of(
                cell,
                slot,
                unit=_printed_unit(row) or units[code],
                unit_source="cell" if _printed_unit(row) else "form",
                reached_by=how,
                sure=sure and how == "label",
                label=row.label,
            )
            for cell, slot in zip(cells, values, strict=True)
        )
    for number, row in enumerate(alignment.unplaced, 1):
        values = _values(row, len(columns))
        cells = _cells(edition, f"unknown_{number}", columns)
        if values is None or edition is Edition.STAT_2014:
            reading.doubts.append(_unknown(row))
            continue
        reading.facts.extend(
            fact_of(cell, slot, unit=_printed_unit(row), unit_source="cell", sure=sure, label=row.label)
            for cell, slot in zip(cells, values, strict=True)
        )
    return reading


def _edition(text: str) -> Edition | None:
    def score(edition: Edition, table: str) -> int:
        return sum(weight for pattern, weight in form(edition).fingerprints[table] if pattern.search(text))

    if score(Edition.STAT_2014, "stat") >= _STAT_THRESHOLD:
        return Edition.STAT_2014
    if score(Edition.STAT_LOCAL, "local") >= _LOCAL_THRESHOLD:
        return Edition.STAT_LOCAL
    return None


@cache
def _block(edition: Edition) -> Block:
    table = "stat" if edition is Edition.STAT_2014 else "local"
    return form(edition).tables[table].blocks[0]


@cache
def _targets(edition: Edition) -> tuple[Target, ...]:
    return tuple(
        Target(row.code, tuple(bare(label) for label in row.labels), group=row.kind == "group")
        for row in _block(edition).rows
    )


def _value_columns(lines: Sequence[Line], edition: Edition) -> list[str]:
    """The value columns that the heading announces: the year's value, and the running total where printed."""
    if edition is Edition.STAT_2014:
        return ["value"]
    heads = {bare(slot.folded) for line in lines[:6] for slot in line.slots}
    return ["year_value", "cumulative"] if heads & _CUMULATIVE else ["year_value"]


def _cells(edition: Edition, code: str, columns: Sequence[str]) -> tuple[str, ...]:
    if edition is Edition.STAT_2014:
        return (f"stat.{code}",)
    return tuple(f"local.{code}.{column}" for column in columns)


def _numberless(lines: Sequence[Line]) -> list[Line]:
    """Header lines out: 2016年度 looks like words, 2016 would look like a value."""
    found = []
    for line in lines:
        heads = [bare(slot.folded) for slot in line.slots]
        if any(head in {"指标名称", "统计指标", "计量单位", "历年累计"} for head in heads):
            continue
        if not (len(heads) == 1 and _YEAR_HEAD.match(heads[0])):
            found.append(line)
    return found


def _without_unit(row: Printed) -> Printed:
    """Label without the unit cell; a unit glued to the end of a text label is split off too."""
    if len(row.parts) >= 2 and row.parts[-1] in _UNITS:
        return Printed(row.parts[:-1], row.label, row.values, row.borders, row.line)
    if len(row.parts) == 1:
        for unit in sorted(_UNITS, key=len, reverse=True):
            label = row.parts[0].removesuffix(unit)
            if label != row.parts[0] and label.endswith("数"):
                return Printed((label,), row.label, row.values, row.borders, row.line)
    return row


def _printed_unit(row: Printed) -> str | None:
    return row.label if row.label in _UNITS else None


def _values(row: Printed, width: int) -> tuple[Slot, ...] | None:
    filled = tuple(slot for slot in row.values if slot.filled)
    if len(filled) == width:
        return filled
    return row.values if len(row.values) == width else None


def _incomplete(row: Printed, width: int, cells: tuple[str, ...]) -> Doubt:
    shown = " ".join(slot.text.strip() or "·" for slot in row.values)
    return Doubt("parse.row_incomplete", f"annex, row “{row.label}”: cells ({shown}) where {width} are expected", cells)


def _unknown(row: Printed) -> Doubt:
    shown = " ".join(slot.text.strip() or "·" for slot in row.values)
    return Doubt("parse.row_unknown", f"annex: the row “{row.label}” ({shown[:40]}) is no row of the form", ())


def header_year(lines: Sequence[Line]) -> int | None:
    """The year in the heading of the value column (checks.json L_HEADER_YEAR)."""
    for line in lines[:4]:
        for slot in line.slots:
            match = _YEAR_HEAD.match(bare(slot.folded))
            if match and match["year"]:
                return int(Decimal(match["year"]))
    return None
