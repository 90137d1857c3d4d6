"""Table 4, 政府信息公开行政复议、行政诉讼情况: one row of fifteen numbers, the same in both editions.

Columns are identified by order (5 + 5 + 5): their labels repeat three times and headers come out damaged.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from schemas.blocks import Borders
from schemas.forms import form
from schemas.report import Doubt, Edition
from tasks.parse.align import Printed, printed_rows
from tasks.parse.lines import Line, Slot
from tasks.parse.tables.common import TableReading, fact_of, take_values

WIDTH = 15


@cache
def codes() -> tuple[str, ...]:
    """The fifteen fact codes in the order of the form."""
    return tuple(form(Edition.FORM_2021).tables["t4"].codes())


def read_proceedings(lines: Sequence[Line], *, sure: bool = True) -> TableReading:
    """Reads table 4; an empty reading when none of its lines carries values."""
    rows = [row for row in printed_rows(lines, width=WIDTH) if _may_be_data(row)]
    if not rows:
        return _blank_row(lines)
    reading = TableReading(edition=Edition.FORM_2021)
    slots = _one_row(rows) or _two_rows(rows)
    if slots is None:
        shown = " / ".join(" ".join(slot.text.strip() or "·" for slot in row.values) for row in rows)
        reading.doubts.append(
            Doubt("parse.row_incomplete", f"table 4: no row of exactly 15 cells ({shown[:120]})", codes())
        )
        return reading
    certain = sure and slots[1]
    reading.facts.extend(
        fact_of(code, slot, unit="件", reached_by="order", sure=certain)
        for code, slot in zip(codes(), slots[0], strict=True)
    )
    taken = [slot.folded for slot in slots[0]]
    others = [
        row
        for row in rows
        if any(slot.value is not None and slot.value.value is not None for slot in row.values)
        and not set(row.values) & set(slots[0])
        and [slot.folded for slot in row.values] != taken  # the same table printed twice
    ]
    for row in others:
        reading.doubts.append(
            Doubt(
                "parse.row_unknown",
                f"table 4: a second row of values ({' '.join(slot.text.strip() for slot in row.values)[:60]})",
                codes(),
            )
        )
    return reading


def _blank_row(lines: Sequence[Line]) -> TableReading:
    """A table whose fifteen cells are all empty: blanks as they stand, and nothing at all without such a row."""
    for line in lines:
        empty = line.borders in (Borders.DOM, Borders.RULED) and not any(slot.filled for slot in line.slots)
        if empty and len(line.slots) == WIDTH:
            cells = zip(codes(), line.slots, strict=True)
            return TableReading(
                Edition.FORM_2021, [fact_of(c, slot, unit="件", reached_by="order") for c, slot in cells]
            )
    return TableReading()


def _may_be_data(row: Printed) -> bool:
    """Header rows consist of words; blank cells under a spanning header are not data."""
    filled = sum(slot.filled for slot in row.values)
    return filled > 0 or (len(row.values) >= WIDTH and not row.parts)


def _one_row(rows: Sequence[Printed]) -> tuple[tuple[Slot, ...], bool] | None:
    for row in rows:
        taken = take_values(row, WIDTH, None)
        if taken is not None:
            return taken.slots, taken.sure
    return None


def _two_rows(rows: Sequence[Printed]) -> tuple[tuple[Slot, ...], bool] | None:
    """Reviews (5) and lawsuits (10) as two tables, or three of five."""
    values = [row.values for row in rows if any(slot.filled for slot in row.values)]
    if [len(part) for part in values] in ([5, 10], [5, 5, 5]) and all(slot.filled for part in values for slot in part):
        return tuple(slot for part in values for slot in part), True
    return None
