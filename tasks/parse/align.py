"""Aligns what was printed to the rows of a known form: by label where there is one, by order where there is none.

Labels decide, in the order of the form (`assign`). A printed row without a usable label is placed only when exactly as
many rows of the form are open between its labelled neighbours as there are such rows: order then leaves one reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from schemas.blocks import Borders
from schemas.shape import quick
from tasks.parse.assign import SUBTOTALS, FormRows
from tasks.parse.labels import bare
from tasks.parse.lines import Line, Slot

_SURE_ROWS = (Borders.DOM, Borders.RULED)


@quick
@dataclass(frozen=True, slots=True)
class Printed:
    """A printed row: label parts (bare, left to right) and its value slots, blanks included where they are known."""

    parts: tuple[str, ...]
    label: str  # the words as printed, for people
    values: tuple[Slot, ...]
    borders: Borders
    line: int  # index among the lines of the table
    columns: tuple[int, ...] = ()  # grid columns of the label parts; none for rows of text
    item: int = -1  # index of the document item that the row is from

    @property
    def has_values(self) -> bool:
        return bool(self.values)

    @property
    def filled(self) -> bool:
        """Whether any of the values is more than a blank."""
        return any(slot.folded for slot in self.values)


@dataclass(slots=True)
class Alignment:
    """Which printed row is which row of the form."""

    placed: dict[str, tuple[Printed, str]] = field(default_factory=dict)  # code → row, how: label, fuzzy, order
    unplaced: list[Printed] = field(default_factory=list)  # printed rows with values that fit nowhere
    subtotals: list[Printed] = field(default_factory=list)  # 合计/小计 and group rows with values of their own
    missing: list[str] = field(default_factory=list)
    score: int = 0


def printed_rows(lines: Sequence[Line], *, width: int) -> list[Printed]:
    """Groups lines into printed rows.

    A grid row stands for itself. Lines of text are a stream: words gather into a label until numbers follow; a
    line that already holds a whole row (`width` numbers, or more than one) is not continued by the next.
    """
    found: list[Printed] = []
    words: list[str] = []
    shown: list[str] = []
    values: list[Slot] = []
    began = 0

    def close() -> None:
        if values or words:
            parts = tuple(filter(None, map(bare, words)))
            found.append(Printed(parts, "".join(shown[-3:]), tuple(values), Borders.NONE, began))
        words.clear()
        shown.clear()
        values.clear()

    for number, line in enumerate(lines):
        if line.from_grid:
            close()
            found.append(_grid_row(line, number))
            continue
        numbers = [slot for slot in line.slots if slot.value is not None]
        if len(numbers) >= 2 and values:
            close()
        for slot in line.slots:
            if slot.value is None:
                if values:
                    close()
                if not words:
                    began = number
                words.append(slot.folded)
                shown.append(slot.text)
            elif slot.filled:
                if not words and not values:
                    began = number
                values.append(slot)
                if len(values) == width and len(numbers) < 2 and not _more_numbers(lines, number, line, slot):
                    close()
        if len(numbers) >= 2:
            close()
    close()
    return found


def _more_numbers(lines: Sequence[Line], number: int, line: Line, slot: Slot) -> bool:
    """Whether the stream goes on with a number: then the row has too many, which must stay visible."""
    if line.slots[-1] is not slot:
        return True
    follower = lines[number + 1] if number + 1 < len(lines) else None
    if follower is None or follower.from_grid:
        return False
    first = follower.slots[0]
    return first.value is not None and first.filled and len(follower.slots) == 1


def without_serial(line: Line) -> Line:
    """A grid row without the serial number before its label, which would look like a value."""
    if not line.from_grid or len(line.slots) < 2:
        return line
    first = line.slots[0].folded
    if len(first) > 2 or not first.isdecimal():
        return line
    following = next((slot for slot in line.slots[1:] if slot.filled), None)
    before_words = following is not None and following.value is None
    return replace(line, slots=line.slots[1:]) if before_words else line


def _grid_row(line: Line, number: int) -> Printed:
    slots = without_serial(line).slots
    cut, first_number = 0, -1  # the values begin at `cut`
    for at, slot in enumerate(slots):
        if slot.value is None:
            if first_number >= 0:
                # Words behind numbers are a cell we do not understand, not a label: keep the count of cells true.
                cut = first_number
                break
            cut = at + 1
        elif first_number < 0 and slot.value.value is not None:
            first_number = at
    labels = [slot for slot in slots[:cut] if slot.value is None]
    values = slots[cut:]
    if not labels and not any(slot.folded for slot in values):
        values = ()
    return Printed(
        tuple([bare(slot.folded) for slot in labels]),
        labels[-1].text if labels else "",
        values,
        line.borders,
        number,
        tuple([slot.column for slot in labels]),
        line.item,
    )


def align(rows: Sequence[Printed], form: FormRows, *, any_order: bool = False) -> Alignment:
    """Places printed rows with values on the rows of the form; see the module text for the rule.

    A row whose label is exactly that of one open row is placed even out of sequence where label and numbers are cells
    of one row, and with `any_order` everywhere (table 2, whose blocks converters move, and the annexes).
    """
    printed = [row for row in rows if row.values]
    assigned = form.assign(tuple((row.parts, row.borders in _SURE_ROWS) for row in printed), any_order)
    result = Alignment(score=assigned.score)
    for row, found in zip(printed, assigned.found, strict=True):
        if found is not None:
            target, how = found
            if target.group:
                result.subtotals.append(row)
            else:
                result.placed[target.code] = (row, how)
        elif row.parts and row.parts[-1] in SUBTOTALS:
            result.subtotals.append(row)
        elif any(slot.value is not None and slot.value.value is not None for slot in row.values):
            result.unplaced.append(row)
    placed = result.placed
    result.missing = [target.code for target in form.targets if not target.group and target.code not in placed]
    return result
