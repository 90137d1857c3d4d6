"""Aligns what was printed to the rows of a known form: by label where there is one, by order where there is none.

Both the printed rows and the form's rows are in order, so the best alignment is found by dynamic programming
over monotone assignments. A printed row without a usable label is placed only when exactly as many rows of the
form are open between its labelled neighbours as there are such rows: order then leaves one reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from schemas.blocks import Borders
from tasks.parse.labels import EXACT, PREFIX, bare, closeness
from tasks.parse.lines import Line, Slot

_SURE_ROWS = (Borders.DOM, Borders.RULED)
_SUBTOTALS = frozenset({"合计", "小计", "总计"})


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
        return any(slot.filled for slot in self.values)


@dataclass(frozen=True, slots=True)
class Target:
    """A row of the form to be found."""

    code: str
    labels: tuple[str, ...]  # bare
    group: bool = False


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
    first = line.slots[0]
    following = next((slot for slot in line.slots[1:] if slot.filled), None)
    serial = first.folded.isdecimal() and len(first.folded) <= 2
    before_words = following is not None and following.value is None
    return replace(line, slots=line.slots[1:]) if serial and before_words else line


def _grid_row(line: Line, number: int) -> Printed:
    line = without_serial(line)
    last_words = max((at for at, slot in enumerate(line.slots) if slot.value is None), default=-1)
    labels = [slot for slot in line.slots[: last_words + 1] if slot.value is None]
    values = line.slots[last_words + 1 :]
    if last_words >= 0 and any(slot.value is not None and slot.value.value is not None for slot in line.slots):
        # Words behind numbers are a cell we do not understand, not a label: keep the count of cells true.
        first_number = next(
            at for at, slot in enumerate(line.slots) if slot.value is not None and slot.value.value is not None
        )
        if first_number < last_words:
            labels = [slot for slot in line.slots[:first_number] if slot.value is None]
            values = line.slots[first_number:]
    if not any(slot.filled for slot in values):
        values = values if labels else ()
    return Printed(
        parts=tuple(bare(slot.folded) for slot in labels),
        label="".join(slot.text for slot in labels[-1:]),
        values=tuple(values),
        borders=line.borders,
        line=number,
        columns=tuple(slot.column for slot in labels),
        item=line.item,
    )


def closest(row: Printed, target: Target) -> int:
    """The best closeness of a row's label to a form row, its own (last) part first."""
    best = 0
    # A group's label before a row's own is no sign that the row is the group's subtotal.
    for at in range(len(row.parts) - 1 if target.group and row.parts else 0, len(row.parts)):
        printed = "".join(row.parts[at:])
        for label in target.labels:
            best = max(best, closeness(printed, label))
        if best == EXACT:
            return best
    return best


def _matches(row: Printed, targets: Sequence[Target]) -> list[int]:
    """The closeness of a row to every target. A label that is exactly one of the form's needs no second look."""
    own = row.parts[-1] if row.parts else None
    exact = [EXACT if own in target.labels else 0 for target in targets]
    return exact if any(exact) else [closest(row, target) for target in targets]


def align(rows: Sequence[Printed], targets: Sequence[Target], *, any_order: bool = False) -> Alignment:
    """Places printed rows with values on the rows of the form; see the module text for the rule.

    A row whose label is exactly that of one open row is placed even out of sequence where label and numbers are cells
    of one row, and with `any_order` everywhere (table 2, whose blocks converters move, and the annexes).
    """
    printed = [row for row in rows if row.has_values]
    match = [_matches(row, targets) for row in printed]
    chosen, score = _best_path(match)
    result = Alignment(score=score)
    taken: dict[int, int] = dict(chosen)  # printed index → target index
    for at, closeness_of in enumerate(match):
        exact = [column for column, quality in enumerate(closeness_of) if quality == EXACT]
        free = at not in taken and len(exact) == 1 and exact[0] not in taken.values()
        if free and (any_order or printed[at].borders in _SURE_ROWS):
            taken[at] = exact[0]
    if not any_order:
        _place_by_order(printed, targets, match, taken)
    for at, row in enumerate(printed):
        if at in taken:
            target = targets[taken[at]]
            quality = match[at][taken[at]]
            how = "order" if quality == 0 else ("label" if quality > PREFIX else "near-label")
            if target.group:
                result.subtotals.append(row)
            else:
                result.placed[target.code] = (row, how)
        elif row.parts and row.parts[-1] in _SUBTOTALS:
            result.subtotals.append(row)
        elif any(slot.value is not None and slot.value.value is not None for slot in row.values):
            result.unplaced.append(row)
    result.missing = [target.code for target in targets if not target.group and target.code not in result.placed]
    return result


def _best_path(match: list[list[int]]) -> tuple[list[tuple[int, int]], int]:
    """The monotone assignment with the highest sum of closeness."""
    height = len(match)
    width = len(match[0]) if match else 0
    best = [[0] * (width + 1) for _ in range(height + 1)]
    for row in range(height):
        for column in range(width):
            gain = match[row][column]
            best[row + 1][column + 1] = max(
                best[row][column + 1], best[row + 1][column], best[row][column] + gain if gain else 0
            )
    path: list[tuple[int, int]] = []
    row, column = height, width
    while row and column:
        here = best[row][column]
        if here == best[row - 1][column]:
            row -= 1
        elif here == best[row][column - 1]:
            column -= 1
        else:
            row, column = row - 1, column - 1
            path.append((row, column))
    return path[::-1], best[height][width] if match else 0


def _place_by_order(
    printed: Sequence[Printed],
    targets: Sequence[Target],
    match: list[list[int]],
    taken: dict[int, int],
) -> None:
    """Fills the gaps between labelled rows where the count of unlabelled rows fits exactly."""
    anchors = [(-1, -1), *sorted(taken.items()), (len(printed), len(targets))]
    for (row_before, target_before), (row_after, target_after) in pairwise(anchors):
        nameless = [
            at
            for at in range(row_before + 1, row_after)
            if not any(match[at]) and not (printed[at].parts and printed[at].parts[-1] in _SUBTOTALS)
        ]
        between = range(target_before + 1, target_after)
        open_rows = [at for at in between if not targets[at].group and at not in taken.values()]
        if nameless and len(nameless) == len(open_rows):
            taken.update(zip(nameless, open_rows, strict=True))
