"""The statistical annexes before 2019: the national form of 2014 (`stat`) and local lists (`local`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from schemas.forms import Block, form
from schemas.report import Doubt, Edition
from tasks.parse.align import Alignment, Printed, align, printed_rows
from tasks.parse.assign import FormRows, Target
from tasks.parse.labels import bare
from tasks.parse.lines import Line, Slot
from tasks.parse.rejoin import rejoined
from tasks.parse.tables.annex_columns import NAMES, UNITS, YEAR_VALUE, Columns, value_columns
from tasks.parse.tables.common import TableReading, fact_of, printed_values
from tasks.parse.tables.panels import unfolded

# forms.json, recognition.decision: score at which an annex is the national or the local one
_STAT_THRESHOLD, _LOCAL_THRESHOLD = 6, 5
_UNITS = frozenset({"条", "件", "次", "篇", "万元", "元", "个", "人", "人次", "份", "宗", "期"})
_LONG_LABEL, _ENOUGH_LABELS = 5, 4  # characters; labels with digits behind that make an annex
_SUMMED = ("l_received", "l_answered")  # the rows whose parts are all that make them (forms.json, stat-local)
_YEAR = re.compile(r"^(?:19|20)\d\d$")  # of a heading on two lines, 2018 and 年度
_YEAR_HEAD = re.compile(r"^(?:(?:19|20)\d\d年度?|本年度?数?|年末统计|本期实际|统计数|数量|本年)$")


def read_annex(lines: Sequence[Line], *, year: int | None = None, sure: bool = True) -> TableReading:
    """Reads a statistical annex; an empty reading when it is neither the national nor a local form.

    `year` is the report's year, which tells its own column from another year's. Rows without a code are kept as
    `{table}.unknown_N…` with their printed label, so that nothing is lost.
    """
    text = "".join(line.text for line in lines)
    edition = _edition(text)
    if edition is None:
        return TableReading()
    lines = unfolded(lines)
    columns = value_columns(lines, edition, year)
    reading = TableReading(edition=edition)
    if not columns.clear:
        reading.doubts.append(_unclear(lines))
        return reading
    labels = _labels(edition)
    rows = [_without_unit(row, labels) for row in printed_rows(_numberless(lines, labels), width=columns.width)]
    rows = [row for row in rejoined(rows, labels) if not row.parts or row.parts[-1] not in NAMES]
    alignment = align(rows, _form_rows(edition), any_order=True)
    if not alignment.placed and not alignment.unplaced:
        return TableReading()  # a heading and nothing below it
    reading.score, reading.missing_rows = alignment.score, list(alignment.missing)
    _place(reading, alignment, columns, edition, sure=sure)
    _keep_unknown(reading, alignment, columns, edition, sure=sure)
    _doubt_labels_without_values(reading, lines, columns, edition)
    return reading


def annex_edition(text: str) -> Edition | None:
    """The annex whose row labels a text holds, several of them with digits behind; None when it holds none.

    For texts in which no annex could be read as a table (`主动公开信息数条2071223`).
    """
    packed = bare(text)
    units = "|".join(sorted(_UNITS, key=len, reverse=True))
    hits = {
        edition: sum(
            re.search(rf"{label}(?:{units})?\d", packed) is not None
            for label in _labels(edition)
            if len(label) >= _LONG_LABEL
        )
        for edition in (Edition.STAT_LOCAL, Edition.STAT_2014)
    }
    best = max(hits, key=lambda edition: hits[edition])
    return best if hits[best] >= _ENOUGH_LABELS else None


def _place(reading: TableReading, alignment: Alignment, columns: Columns, edition: Edition, *, sure: bool) -> None:
    units = {row.code: row.unit for row in _block(edition).rows}
    for code, (row, how) in alignment.placed.items():
        values = _values(row, columns)
        if values is None:
            reading.doubts.append(_incomplete(row, columns, _cells(edition, code, columns)))
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
            for cell, slot in zip(_cells(edition, code, columns), values, strict=True)
        )


def _keep_unknown(
    reading: TableReading, alignment: Alignment, columns: Columns, edition: Edition, *, sure: bool
) -> None:
    """Rows that provinces added (forms.md §7). Where rows of the form are missing, one of those may be meant."""
    again = {row.parts[-1]: row for row, _ in alignment.placed.values() if row.parts}
    for number, row in enumerate(alignment.unplaced, 1):
        values = _values(row, columns)
        twin = again.get(row.parts[-1]) if row.parts else None
        if twin is not None:
            if printed_values(twin) != printed_values(row):
                message = f"annex: the row “{row.parts[-1]}” is printed twice, once with {_shown(row)}"
                reading.doubts.append(Doubt("parse.two_reports", message, ()))
            continue
        if values is None or not row.parts or (edition is Edition.STAT_2014 and alignment.missing):
            reading.doubts.append(_unknown(row))
            continue
        cells = _cells(edition, f"unknown_{number}", columns)
        reading.facts.extend(
            fact_of(cell, slot, unit=_printed_unit(row), unit_source="cell", sure=sure, label=row.label)
            for cell, slot in zip(cells, values, strict=True)
        )


def _doubt_labels_without_values(
    reading: TableReading, lines: Sequence[Line], columns: Columns, edition: Edition
) -> None:
    """A missing row whose label stands in a cell or line of its own was printed: its number was not found."""
    printed = {bare(slot.folded) for line in lines for slot in line.slots if slot.value is None}
    doubted = {cell for doubt in reading.doubts for cell in doubt.cells}
    for row in _block(edition).rows:
        cells = _cells(edition, row.code, columns)
        if row.code not in reading.missing_rows or row.kind == "group" or set(cells) & doubted:
            continue
        if any(bare(label) in printed for label in row.labels):
            message = f"annex: the label {row.labels[0]} is printed, its number was not found"
            reading.doubts.append(Doubt("parse.row_without_values", message, cells))
            doubted.update(cells)
    if edition is Edition.STAT_LOCAL:
        reading.doubts.extend(_sums_without(reading))
    lost = [f"stat.{row}" for row in reading.missing_rows if f"stat.{row}" not in doubted]
    if edition is Edition.STAT_2014 and lost:
        # Few sums run over the rows of this form, so nothing tells a deleted row from a page that was not read.
        message = f"annex: {len(lost)} rows of the national form were not found ({', '.join(lost[:4])})"
        reading.doubts.append(Doubt("parse.rows_missing", message, tuple(lost)))


def _sums_without(reading: TableReading) -> list[Doubt]:
    """Rows of local lists are left out freely, but a sum that fails without them says that they were printed."""
    values = {fact.code: fact.value for fact in reading.facts if fact.value is not None}
    found = []
    for whole in _SUMMED:
        parts = [row.code for row in _block(Edition.STAT_LOCAL).rows if row.parent == whole]
        missing = [code for code in parts if code in reading.missing_rows]
        cell = f"local.{whole}.{YEAR_VALUE}"
        stated = [values[code] for part in parts if (code := f"local.{part}.{YEAR_VALUE}") in values]
        if missing and stated and cell in values and sum(stated) != values[cell]:
            message = f"annex: the parts of {cell} do not add up to it, and rows of them were not found"
            found.append(Doubt("parse.rows_missing", message, (cell,)))
    return found


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
def _form_rows(edition: Edition) -> FormRows:
    return FormRows(
        [
            Target(row.code, tuple(bare(label) for label in row.labels), group=row.kind == "group")
            for row in _block(edition).rows
        ]
    )


def _labels(edition: Edition) -> frozenset[str]:
    return _form_rows(edition).labels


def _cells(edition: Edition, code: str, columns: Columns) -> tuple[str, ...]:
    if edition is Edition.STAT_2014:
        return (f"stat.{code}",)
    return tuple(f"local.{code}.{column}" for column in columns.codes if column is not None)


def _numberless(lines: Sequence[Line], labels: frozenset[str]) -> list[Line]:
    """Header lines out: 2016年度 looks like words, 2016 would look like a value."""
    found: list[Line] = []
    begun = False
    for line in lines:
        heads = [bare(slot.folded) for slot in line.slots]
        begun = begun or any(head in labels for head in heads)
        if any(head in NAMES | UNITS | {"历年累计"} for head in heads):
            continue
        if len(heads) == 1 and (_YEAR_HEAD.match(heads[0]) or (not begun and _YEAR.match(line.text))):
            continue
        found.append(line)
    return found


def _without_unit(row: Printed, labels: frozenset[str]) -> Printed:
    """Label without the unit cell; a unit glued to the end of a text label is split off too."""
    for size in (2, 1):  # 万 元 may be two tokens; a unit alone is no label: its row has lost it
        if len(row.parts) >= size and "".join(row.parts[-size:]) in _UNITS:
            return replace(row, parts=row.parts[:-size], columns=row.columns[:-size])
    if row.parts and row.parts[-1] not in labels:
        for unit in sorted(_UNITS, key=len, reverse=True):
            label = row.parts[-1].removesuffix(unit)
            if label != row.parts[-1] and (label in labels or label.endswith("数")):
                return replace(row, parts=(*row.parts[:-1], label))
    return row


def _printed_unit(row: Printed) -> str | None:
    return row.label if row.label in _UNITS else None


def _values(row: Printed, columns: Columns) -> tuple[Slot, ...] | None:
    """The slots of the form's own columns; None when the row has another number of cells than the heading."""
    filled = tuple(slot for slot in row.values if slot.filled)
    slots = filled if len(filled) == columns.width else row.values
    if len(slots) != columns.width:
        return None
    return tuple(slot for slot, code in zip(slots, columns.codes, strict=True) if code is not None)


def _shown(row: Printed) -> str:
    return " ".join(slot.text.strip() or "·" for slot in row.values)[:60]


def _incomplete(row: Printed, columns: Columns, cells: tuple[str, ...]) -> Doubt:
    message = f"annex, row “{row.parts[-1]}”: cells ({_shown(row)}) where {columns.width} are expected"
    return Doubt("parse.row_incomplete", message, cells)


def _unknown(row: Printed) -> Doubt:
    name = row.parts[-1] if row.parts else "(no label)"
    return Doubt("parse.row_unknown", f"annex: the row “{name}” ({_shown(row)}) is no row of the form", ())


def _unclear(lines: Sequence[Line]) -> Doubt:
    heads = next((line for line in lines if any(bare(slot.folded) in NAMES for slot in line.slots)), lines[0])
    shown = " | ".join(slot.text.strip() for slot in heads.slots)[:80]
    return Doubt("parse.columns_unknown", f"annex: the headings ({shown}) do not tell which column is its own", ())
