"""What the readers of all tables share: taking the values of a printed row, building facts, collecting doubts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from schemas.blocks import Borders
from schemas.report import Certainty, Doubt, Edition, Fact, FactState
from schemas.shape import quick
from tasks.parse.align import Alignment, Printed
from tasks.parse.lines import Slot
from tasks.parse.numbers import CellValue


@dataclass(slots=True)
class TableReading:
    """One table as read. `edition` is None when the table was not found."""

    edition: Edition | None = None
    facts: list[Fact] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    extra_rows: list[str] = field(default_factory=list)
    missing_rows: list[str] = field(default_factory=list)
    score: int = 0

    def replace_facts(self, changed: Iterable[Fact]) -> None:
        by_code = {(fact.code, fact.label): fact for fact in changed}
        self.facts = [by_code.get((fact.code, fact.label), fact) for fact in self.facts]


@quick
@dataclass(frozen=True, slots=True)
class Taken:
    """The value slots of a row, one per column of the form, and how sure their places are."""

    slots: tuple[Slot, ...]
    how: str  # count, position
    sure: bool


def value_window(rows: Sequence[Printed], width: int) -> tuple[int, ...] | None:
    """The grid columns that hold the values, by majority of the rows that are complete; None without a majority."""
    votes: Counter[tuple[int, ...]] = Counter()
    for row in rows:
        core = _core(row.values)
        if row.borders is not Borders.NONE and len(core) == width and all(slot.filled for slot in core):
            votes[tuple(slot.column for slot in core)] += 1
    if not votes:
        return None
    window, count = votes.most_common(1)[0]
    return window if count * 2 > sum(votes.values()) else None


class Window:
    """The grid columns that hold the values of a table, found when first asked for."""

    def __init__(self, rows: Sequence[Printed], width: int) -> None:
        self._rows = rows
        self._width = width

    @cached_property
    def columns(self) -> tuple[int, ...] | None:
        """The columns, or None where the rows do not agree on them."""
        return value_window(self._rows, self._width)


def take_values(row: Printed, width: int, known: Window | tuple[int, ...] | None) -> Taken | None:
    """The `width` values of a printed row; None when their number does not fit (a cell is lost or too many).

    Without blanks the count alone is proof. With blanks, where outer cells may be padding, the columns must be
    those of the complete rows of the same table, or of its headings (`known`).
    """
    slots = row.values
    if len(slots) == width and "" not in [slot.folded for slot in slots]:
        return Taken(slots, "count", sure=True)
    window = known.columns if isinstance(known, Window) else known
    if row.borders is Borders.ALIGNED:
        # Columns inferred from positions may be too many; blanks between the numbers are then no cells.
        filled = tuple(slot for slot in slots if slot.filled)
        slots = filled if len(filled) == width else slots
    core = _core(slots)
    if len(core) == width and all(slot.filled for slot in core):
        return Taken(core, "count", sure=True)
    if len(slots) == width:
        own = tuple(slot.column for slot in slots)
        trusted = row.borders in (Borders.DOM, Borders.RULED) or own == window
        return Taken(slots, "count", sure=trusted)
    if len(slots) > width and window is not None:
        inside = tuple(slot for slot in slots if slot.column in window)
        # Words beside the columns of values are a remark (备注) on the row.
        if len(inside) == width and all(slot in inside for slot in slots if slot.filled and slot.value is not None):
            return Taken(inside, "position", sure=row.borders in (Borders.DOM, Borders.RULED))
    if len(slots) > width and not core and window is None:
        return Taken(slots[:width], "count", sure=True)  # all blank: any window reads the same
    filled = tuple(slot for slot in slots if slot.filled)
    if len(filled) == width:
        return Taken(filled, "position", sure=False)  # empty columns in between, for the equations to prove
    return None


def _core(slots: Sequence[Slot]) -> tuple[Slot, ...]:
    """The slots without blank ones on the outside."""
    filled = [at for at, slot in enumerate(slots) if slot.filled]
    return tuple(slots[filled[0] : filled[-1] + 1]) if filled else ()


def fact_of(
    code: str,
    slot: Slot,
    unit: str | None,
    *,
    unit_source: str = "form",
    reached_by: str = "label",
    sure: bool = True,
    label: str | None = None,
) -> Fact:
    """The fact of one value slot; the unit in the cell outranks the column's, unexpected words there are a doubt."""
    value = slot.value
    if value is None:
        value, sure = CellValue(None, FactState.REMARK, remark=slot.text.strip()), False
    if value.unit is not None:
        unit, unit_source = value.unit, "cell"
    if value.joined:
        reached_by, sure = "joined", False
    elif value.repaired:
        reached_by, sure = "repaired", False
    elif value.unit == "%" and code[0] == "t":
        sure = False  # the statutory tables hold counts and money
    state = value.state
    certainty = Certainty.EXACT if sure or state is FactState.BLANK else Certainty.DOUBTFUL
    raw, place = slot.text.strip(), slot.place
    # By position: two hundred facts are made for each report, and names cost a quarter of the time.
    return Fact(code, value.value, unit, state, raw, place, unit_source, value.remark, reached_by, certainty, label)


def touching(table: str, row: Printed, how: str, cells: tuple[str, ...]) -> Doubt | None:
    """A doubt where a number touches the label of its row: no label ends in digits, and the cells behind moved up."""
    if how == "label" or not row.parts or not row.parts[-1][-1:].isdecimal():
        return None
    return Doubt("parse.row_incomplete", f"{table}, row “{row.label}”: a number touches the label", cells)


def doubtful(facts: Iterable[Fact]) -> list[Fact]:
    return [fact for fact in facts if fact.certainty is Certainty.DOUBTFUL]


def with_certainty(fact: Fact, certainty: Certainty) -> Fact:
    return replace(fact, certainty=certainty)


def printed_values(row: Printed) -> list[str]:
    """The values of a row without blanks, to compare it with a copy of it."""
    return [slot.folded for slot in row.values if slot.filled]


def alignment_doubts(alignment: Alignment, table: str) -> list[Doubt]:
    """Printed rows with numbers that are no row of the form: their numbers may belong to a row we miss.

    The same row printed again with the same numbers (a copy of the page for telephones) is no doubt.
    """
    placed = {row.parts[-1]: row for row, _ in alignment.placed.values() if row.parts}
    doubts = []
    for row in alignment.unplaced:
        twin = placed.get(row.parts[-1]) if row.parts else None
        shown = " ".join(slot.text.strip() or "·" for slot in row.values)[:60]
        if twin is None:
            doubts.append(
                Doubt(
                    "parse.row_unknown",
                    f"table {table}: the row “{row.label or '(no label)'}” with values {shown} is no row of the form",
                    tuple(f"{table}.{code}" for code in alignment.missing[:6]),
                )
            )
        elif printed_values(twin) != printed_values(row):
            doubts.append(
                Doubt(
                    "parse.two_reports", f"table {table}: the row “{row.label}” is printed twice, once with {shown}", ()
                )
            )
    return doubts
