"""The equations of the form as the judge: what was inferred is proved by them, or stays a doubt.

Only inferred cells are judged here. An exact reading whose equations fail is the publisher's affair and is left
to validation. (Relations: corner cell of table 3; row and group totals of tables 3 and 4.)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, lru_cache

from schemas.forms import form
from schemas.report import Certainty, Doubt, Edition, Fact
from tasks.parse.tables.applications import PARTS
from tasks.parse.tables.common import TableReading, doubtful, with_certainty
from tasks.parse.tables.proceedings import codes

COLUMNS = (*PARTS, "total")


@dataclass(frozen=True, slots=True)
class Equation:
    """Sum of `left` equals sum of `right`; `needed` are the cells without which nothing can be said."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    needed: tuple[str, ...]

    def cells(self) -> tuple[str, ...]:
        return self.left + self.right

    def holds(self, values: dict[str, Decimal | None]) -> bool | None:
        """True, False, or None where a needed cell is blank or absent. Other blanks count as nothing."""
        difference = self.difference(values)
        return None if difference is None else difference == 0

    def difference(self, values: dict[str, Decimal | None]) -> Decimal | None:
        """Left less right; None where a needed cell is blank or absent."""
        if any(values.get(cell) is None for cell in self.needed):
            return None
        sides = [sum((values.get(cell) or Decimal(0) for cell in side), Decimal(0)) for side in (self.left, self.right)]
        return sides[0] - sides[1]


def row_equations(rows: Iterable[str]) -> list[Equation]:
    """Table 3: 总计 = 自然人 + five kinds of organisation, for each row."""
    return [_row_equation(row) for row in rows]


@lru_cache(maxsize=256)
def _row_equation(row: str) -> Equation:
    return Equation(tuple(f"t3.{row}.{part}" for part in PARTS), (f"t3.{row}.total",), (f"t3.{row}.total",))


def column_equations(edition: Edition) -> list[Equation]:
    """Table 3, per column: （七）总计 = the results above it, and the relation printed in the corner cell."""
    return list(_column_equations(edition))


@cache
def _column_equations(edition: Edition) -> tuple[Equation, ...]:
    rows = [row.code for row in form(edition).tables["t3"].blocks[0].rows if row.kind != "group"]
    leaves = [row for row in rows if row not in {"new", "carried_in", "results_total", "carried_out"}]
    found = []
    for column in COLUMNS:
        total = f"t3.results_total.{column}"
        found.append(Equation(tuple(f"t3.{row}.{column}" for row in leaves), (total,), (total,)))
        corner = (f"t3.new.{column}", f"t3.carried_in.{column}"), (total, f"t3.carried_out.{column}")
        found.append(Equation(*corner, (corner[0][0], total)))
    return tuple(found)


def proceedings_equations() -> list[Equation]:
    """Table 4: each group's 总计 is the sum of its four results."""
    order = codes()
    return [Equation(tuple(order[at : at + 4]), (order[at + 4],), (order[at + 4],)) for at in range(0, len(order), 5)]


def prove_applications(reading: TableReading) -> None:
    """Settles the inferred cells of table 3 in place: PROVED, or a doubt that names them."""
    if reading.edition is None or not (doubtful(reading.facts) or reading.missing_rows):
        return
    values = {fact.code: fact.value for fact in reading.facts}
    in_rows = row_equations(dict.fromkeys(fact.code.split(".")[1] for fact in reading.facts))
    in_columns = column_equations(reading.edition)
    _settle(reading, values, in_rows, in_columns)
    _doubt_missing_rows(reading, values, in_columns)


def prove_proceedings(reading: TableReading) -> None:
    """Settles the inferred cells of table 4 in place."""
    if doubtful(reading.facts):
        values = {fact.code: fact.value for fact in reading.facts}
        _settle(reading, values, proceedings_equations(), [])


def prove_disclosure(reading: TableReading) -> None:
    """Table 2 has no equations: what was inferred there stays a doubt."""
    _settle(reading, {}, [], [])


def _settle(
    reading: TableReading,
    values: dict[str, Decimal | None],
    first: Sequence[Equation],
    second: Sequence[Equation],
) -> None:
    """A cell is proved when no equation that holds it fails, and one of each kind that can be assessed holds.

    A cell placed by order needs a column equation: its row adds up wherever it is placed.
    """
    left: list[Fact] = []
    changed: list[Fact] = []
    inferred = doubtful(reading.facts)
    told_by = (_told(first, values), _told(second, values)) if inferred else ({}, {})
    for fact in inferred:
        by_row, by_column = (told.get(fact.code, []) for told in told_by)
        fails = False in by_row or False in by_column
        needed = by_column if fact.reached_by in {"order", "near-label"} and second else by_row + by_column
        if True in needed and not fails:
            changed.append(with_certainty(fact, Certainty.PROVED))
        else:
            left.append(fact)
    reading.replace_facts(changed)
    if left:
        shown = ", ".join(f"{fact.code}={fact.raw or '·'}" for fact in left[:4])
        reading.doubts.append(
            Doubt(
                "parse.cells_unproved",
                f"{len(left)} cells were placed by inference and no equation proves them ({shown})",
                tuple(fact.code for fact in left),
            )
        )


def _told(equations: Sequence[Equation], values: dict[str, Decimal | None]) -> dict[str, list[bool | None]]:
    """Per cell, what the equations that hold it say."""
    told: dict[str, list[bool | None]] = {}
    for equation in equations:
        holds = equation.holds(values)
        for cell in equation.cells():
            told.setdefault(cell, []).append(holds)
    return told


def _doubt_missing_rows(
    reading: TableReading, values: dict[str, Decimal | None], equations: Sequence[Equation]
) -> None:
    """Rows that are not on the page may have been deleted as all zero; then every sum holds without them."""
    doubted = {cell for doubt in reading.doubts for cell in doubt.cells}
    missing = [row for row in dict.fromkeys(reading.missing_rows) if f"t3.{row}.total" not in doubted]
    if not missing:
        return
    absent = {f"t3.{row}.{column}" for row in missing for column in COLUMNS}
    failed = [equation for equation in equations if absent & set(equation.cells()) and equation.holds(values) is False]
    proved = any(equation.holds(values) for equation in equations if absent & set(equation.cells()))
    if failed or not proved:
        reading.doubts.append(
            Doubt(
                "parse.rows_missing",
                f"table 3: {len(missing)} rows were not found ({', '.join(missing[:4])}) and the sums do not hold "
                "without them",
                tuple(sorted(absent))[:28],
            )
        )
