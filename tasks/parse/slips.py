"""Rows whose figures slipped: one cell is lost, those behind (or before) it moved up, a blank is left at the end.

What is printed then has the right number of cells. Only the equations tell: they fail as it stands, and all of them
hold when the figures are moved back and the lost one is filled in. The publisher is not to blame for such a row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from schemas.report import Doubt, Fact
from tasks.parse.prove import COLUMNS, Equation, column_equations, proceedings_equations, row_equations
from tasks.parse.tables.common import TableReading
from tasks.parse.tables.proceedings import codes

Values = dict[str, Decimal | None]
_THREE = 3
_FEWEST = 1  # figures in a row, other than noughts, without which nothing can have slipped


def slipped_applications(reading: TableReading) -> Iterator[Doubt]:
    """Table 3: rows that satisfy the columns' equations only when they are moved back."""
    if reading.edition is None:
        return
    values = {fact.code: fact.value for fact in reading.facts}
    columns = column_equations(reading.edition)
    blank = {code.split(".")[1] for code, value in values.items() if value is None}
    if not blank:
        return
    for row in dict.fromkeys([fact.code.split(".")[1] for fact in reading.facts]):
        if row not in blank:
            continue
        cells = [f"t3.{row}.{column}" for column in COLUMNS]
        if not _blank_at_one_end([values.get(cell) for cell in cells]):
            continue
        own = row_equations([row])
        if _slipped(cells, values, [*own, *(each for each in columns if set(cells) & set(each.cells()))], len(own)):
            yield _doubt(f"table 3, row {row}", cells)


def slipped_proceedings(reading: TableReading) -> Iterator[Doubt]:
    """Table 4: its row satisfies the equations of its three groups only when it is moved back."""
    values = {fact.code: fact.value for fact in reading.facts}
    cells = list(codes())
    equations = proceedings_equations()
    due = values.get(cells[-1]) is None  # the last of the three totals, blank beside its parts
    if _slipped(cells, values, equations, len(equations), due=due):
        yield _doubt("table 4", cells)


def slipped_disclosure(reading: TableReading) -> Iterator[Doubt]:
    """Table 2: the only blank of the table, at an end of a row of three. No sums run over it that would tell more."""
    rows: dict[str, list[Fact]] = {}
    for fact in reading.facts:
        rows.setdefault(fact.code.split(".")[1], []).append(fact)
    if [fact.value for fact in reading.facts].count(None) != 1:
        return
    for row, facts in rows.items():
        filled = [fact for fact in facts if fact.value]
        if len(facts) == _THREE and len(filled) > 1 and _blank_at_one_end([fact.value for fact in facts]):
            message = f"table 2, row {row}: one blank in a table of figures; those of its row may have moved up to it"
            yield Doubt("parse.row_incomplete", message, tuple(fact.code for fact in facts))


def merged_proceedings(reading: TableReading) -> Iterator[Doubt]:
    """Table 4: two cells printed as one beside a blank. Their sum holds in whichever of the two the figure stands."""
    joined = [fact.code for fact in reading.facts if fact.reached_by in {"joined", "repaired"} and fact.value]
    if joined and any(fact.value is None for fact in reading.facts):
        yield Doubt("parse.row_incomplete", "table 4: figures of two cells stand in one", tuple(joined))


def _slipped(
    cells: Sequence[str], values: Values, equations: Sequence[Equation], needed: int, *, due: bool = False
) -> bool:
    """Whether the row only holds when moved back. `needed` equations may give the lost figure, `due` says it is one."""
    row = [values.get(cell) for cell in cells]
    if any(cell not in values for cell in cells) or not _blank_at_one_end(row):
        return False
    fails = due or any(each.holds(values) is False for each in equations)
    if not fails or sum(bool(value) for value in row) < _FEWEST:
        return False
    return any(_holds(moved, cells, values, equations, needed) for moved in _moved_back(row))


def _blank_at_one_end(row: Sequence[Decimal | None]) -> bool:
    return row.count(None) == 1 and (row[0] is None or row[-1] is None)


def _moved_back(row: Sequence[Decimal | None]) -> Iterator[Callable[[Decimal], list[Decimal | None]]]:
    """The row with the lost figure at each place that it may have had, as functions of that figure."""
    kept = [value for value in row if value is not None]
    places = range(len(row)) if row[-1] is None else range(len(row) - 1, -1, -1)
    for place in places:
        if place != (len(kept) if row[-1] is None else 0):  # there it is the blank that is printed
            yield lambda lost, place=place: [*kept[:place], lost, *kept[place:]]  # type: ignore[misc]


def _holds(
    moved: Callable[[Decimal], list[Decimal | None]],
    cells: Sequence[str],
    values: Values,
    equations: Sequence[Equation],
    needed: int,
) -> bool:
    """Whether one figure for the lost cell makes every equation hold. Two trials give it: the equations are linear."""

    def trial(lost: Decimal) -> Values:
        return {**values, **dict(zip(cells, moved(lost), strict=True))}

    for each in equations[:needed]:
        at_zero, at_one = (each.difference(trial(Decimal(lost))) for lost in (0, 1))
        if at_zero is None or at_one is None or at_zero == at_one:
            continue
        lost = at_zero / (at_zero - at_one)
        whole = lost >= 0 and lost == lost.to_integral_value()
        return whole and all(other.holds(trial(lost)) is not False for other in equations)
    return False


def _doubt(where: str, cells: Sequence[str]) -> Doubt:
    message = f"{where}: a cell seems to be lost and the others moved; only so do the equations hold"
    return Doubt("parse.row_incomplete", message, tuple(cells))
