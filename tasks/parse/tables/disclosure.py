"""Table 2, 主动公开政府信息情况: blocks for the 项 of article 20, each with rows and columns of its own."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache

from schemas.blocks import Borders
from schemas.forms import Block, Column, form
from schemas.report import Doubt, Edition, Fact
from tasks.parse.align import Alignment, Printed, align, printed_rows
from tasks.parse.assign import FormRows, Target
from tasks.parse.labels import bare
from tasks.parse.lines import Line
from tasks.parse.rejoin import rejoined
from tasks.parse.tables.common import TableReading, alignment_doubts, fact_of, take_values, touching
from tasks.parse.tables.headings import Orders, order_doubts

_MONEY = re.compile(r"亿元|万元|千元|元")
# checks.json T2_2019_PROCUREMENT_UNIT: above this many 万元 per project the amount must be in 元
_IMPLAUSIBLE_PER_PROJECT = Decimal(100000)


def read_disclosure(lines: Sequence[Line], *, sure: bool = True) -> TableReading:
    """Reads table 2; its edition is that of its column headings (forms.md §2: columns decide, not row labels)."""
    text = "".join(line.text for line in lines)
    rows = rejoined([row for row in printed_rows(lines, width=99) if not _is_heading_row(row)], _labels())
    if not any(row.has_values for row in rows):
        return TableReading()
    tried = {
        edition: align(rows, _form_rows(edition), any_order=True) for edition in (Edition.FORM_2021, Edition.FORM_2019)
    }
    scores = {edition: _score(edition, text, tried[edition]) for edition in tried}
    edition = max(scores, key=lambda candidate: scores[candidate])
    reading = TableReading(edition=edition, score=tried[edition].score)
    if len(set(scores.values())) == 1:
        reading.doubts.append(Doubt("parse.edition_unclear", "table 2: its columns fit both editions equally"))
    _facts(reading, tried[edition], text, lines, sure=sure)
    reading.doubts.extend(order_doubts("table 2", lines, _orders(edition)))
    reading.doubts.extend(_foreign_headings(lines, edition))
    return reading


@cache
def _form_rows(edition: Edition) -> FormRows:
    return FormRows(
        [
            Target(row.code, tuple(bare(label) for label in row.labels))
            for block in form(edition).tables["t2"].blocks
            for row in block.rows
        ]
    )


@cache
def _cells(edition: Edition, code: str) -> tuple[str, ...]:
    """The fact codes of a row."""
    return tuple(f"t2.{code}.{column.code}" for column in _rows(edition)[code].columns)


@cache
def _foreign(edition: Edition) -> frozenset[str]:
    """Bare headings that only the other form has."""
    other = Edition.FORM_2019 if edition is Edition.FORM_2021 else Edition.FORM_2021
    own, others = (
        frozenset(label for order in _orders(form_of) for labels in order for label in labels)
        for form_of in (edition, other)
    )
    return others - own


def _foreign_headings(lines: Sequence[Line], edition: Edition) -> list[Doubt]:
    """Headings of the other form over the columns of this one: 本年新公开数量 is not 本年废止件数."""
    foreign = _foreign(edition)
    words = [slot for line in lines for slot in line.slots if slot.value is None]
    printed = {word: slot.text.strip() for slot in words if (word := bare(slot.folded)) in foreign}
    if not printed:
        return []
    found = list(printed.values())
    other = Edition.FORM_2019 if edition is Edition.FORM_2021 else Edition.FORM_2021
    message = f"table 2: it follows {edition.value}, but {', '.join(found[:3])} are headings of {other.value}"
    return [Doubt("parse.edition_unclear", message)]


@cache
def _orders(edition: Edition) -> Orders:
    return tuple(
        tuple(tuple(bare(label) for label in column.labels) for column in block.columns)
        for block in form(edition).tables["t2"].blocks
    )


@cache
def _labels() -> frozenset[str]:
    """The bare labels of the rows of both editions."""
    return _form_rows(Edition.FORM_2021).labels | _form_rows(Edition.FORM_2019).labels


@cache
def _rows(edition: Edition) -> dict[str, Block]:
    return {row.code: block for block in form(edition).tables["t2"].blocks for row in block.rows}


def _is_heading_row(row: Printed) -> bool:
    return row.borders is not Borders.NONE and "信息内容" in row.parts


def _heading_windows(lines: Sequence[Line]) -> dict[int, tuple[int, ...]]:
    """Per number of columns, the grid columns that a heading row (信息内容 …) gives them."""
    found: dict[int, tuple[int, ...]] = {}
    for line in lines:
        if line.from_grid and any(bare(slot.folded) == "信息内容" for slot in line.slots):
            columns = tuple(slot.column for slot in line.slots if slot.filled and bare(slot.folded) != "信息内容")
            found.setdefault(len(columns), columns)
    return found


def _score(edition: Edition, text: str, alignment: Alignment) -> int:
    """Fingerprints of the headings; the fit of the rows' cell counts speaks where headings are lost."""
    marks = sum(weight for pattern, weight in form(edition).fingerprints.get("t2", ()) if pattern.search(text))
    fits = sum(
        take_values(row, len(_rows(edition)[code].columns), None) is not None
        for code, (row, _) in alignment.placed.items()
    )
    return marks * 10 + fits


def _facts(reading: TableReading, alignment: Alignment, text: str, lines: Sequence[Line], *, sure: bool) -> None:
    assert reading.edition is not None
    blocks = _rows(reading.edition)
    windows = _heading_windows(lines)
    reading.missing_rows.extend(alignment.missing)
    reading.doubts.extend(alignment_doubts(alignment, "t2"))
    reading.extra_rows.extend(row.label for row in alignment.subtotals)
    for code, (row, how) in alignment.placed.items():
        columns = blocks[code].columns
        cells = _cells(reading.edition, code)
        taken = take_values(row, len(columns), windows.get(len(columns)))
        if taken is None:
            shown = " ".join(slot.text.strip() or "·" for slot in row.values)
            reading.doubts.append(
                Doubt(
                    "parse.row_incomplete",
                    f"table 2, row “{row.label or code}”: {len(row.values)} cells ({shown}) where the form has "
                    f"{len(columns)}",
                    cells,
                )
            )
            reading.missing_rows.append(code)
            continue
        if doubt := touching("table 2", row, how, cells):
            reading.doubts.append(doubt)
        for cell, column, slot in zip(cells, columns, taken.slots, strict=True):
            unit, source = _unit(column, text)
            certain = sure and taken.sure and how != "order"
            reading.facts.append(fact_of(cell, slot, unit, unit_source=source, reached_by=how, sure=certain))
    reading.facts = [_with_inferred_unit(fact, reading.facts) for fact in reading.facts]
    _doubt_words_without_values(reading, lines)


def _unit(column: Column, text: str) -> tuple[str | None, str]:
    """The unit of a money column from its printed heading; counts have the unit of the form."""
    if column.code != "amount":
        return column.unit, "form"
    for label in ("本年收费金额", "采购总金额"):
        at = text.find(label)
        if bare(column.labels[0]).startswith(label) and at >= 0:
            heading = text[at : at + 24].split("行政事业性收费")[0].split("政府集中采购")[0]
            money = _MONEY.search(heading)
            if money:
                return money.group(), "header"
    unit = column.unit if column.unit in {"万元", "元"} else None
    return unit, "form" if unit else "none"


def _with_inferred_unit(fact: Fact, facts: Sequence[Fact]) -> Fact:
    """采购总金额 has no printed unit in form-2019; it is inferred only where 万元 would be absurd."""
    if fact.code != "t2.central_procurement.amount" or fact.unit is not None or fact.value is None:
        return fact
    projects = next((other.value for other in facts if other.code == "t2.central_procurement.projects"), None)
    if fact.value == 0 or (projects and fact.value / projects > _IMPLAUSIBLE_PER_PROJECT):
        return replace(fact, unit="元", unit_source="inferred")
    return replace(fact, unit="unknown", unit_source="none")


def _doubt_words_without_values(reading: TableReading, lines: Sequence[Line]) -> None:
    """A missing row whose label stands in a cell or line of its own was printed: its numbers were not found."""
    assert reading.edition is not None
    if not reading.missing_rows:
        return
    doubted = {cell.rsplit(".", 1)[0] for doubt in reading.doubts for cell in doubt.cells}
    printed = {bare(slot.folded).rstrip("0123456789") for line in lines for slot in line.slots if slot.value is None}
    for block in form(reading.edition).tables["t2"].blocks:
        for row in block.rows:
            if row.code not in reading.missing_rows or f"t2.{row.code}" in doubted:
                continue
            if any(bare(label) in printed for label in row.labels):
                reading.doubts.append(
                    Doubt(
                        "parse.row_without_values",
                        f"table 2: the label {row.labels[0]} is printed, its numbers were not found",
                        tuple(f"t2.{row.code}.{column.code}" for column in block.columns),
                    )
                )
