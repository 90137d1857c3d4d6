"""What a report leaves to the next year and what it takes over from the last, each as one text beside the report.

Some equations between years say that one cell of a year is one cell of the next. For them each report keeps two texts:
the values of all such cells of its own that the next year repeats, and of those that repeat the year before, in one
order and one writing. Where the text a year leaves is the text the next one takes over, no such equation can fail, and
no fact need be looked up. Any other pair is compared fact by fact: one text may lack what the other has, which is no
failure, and an unknown or older text says nothing.

The values of a report are part of what makes it a version, so the texts of a version never change.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from schemas.checks import Equation, Nulls, Op, checks
from schemas.tables import Report, table_of
from tasks.load.plain import digest

_REPORT = table_of(Report)
_MARK = 8  # characters of the digest of the cells


def columns(values: Iterable[tuple[Any, Any]]) -> dict[str, str]:
    """The two columns of `report`, from cells of known forms and their values as stored: `left_open`, `taken_over`.

    A text is the mark of the cells it was made for, and their values; a missing one is empty. Equal values are written
    alike (1.0 as 1), and no two values are.
    """
    known = {code: _plain(value) for code, value in values if value is not None}
    sides = zip(*_carried(), strict=True)
    left, taken = (",".join([known.get(code, "") for code in side]) for side in sides)
    return {"left_open": _mark() + left, "taken_over": _mark() + taken}


def proves(equations: Collection[Equation]) -> bool:
    """Whether equal texts of two years say that all of these hold between them."""
    return all(pair in _carried() for pair in map(_cells, equations))


def may_fail(connection: Connection, publishers: Collection[str] | None) -> Sequence[str]:
    """The current reports (ids) whose successor may take over something else than they leave."""
    early, late = _REPORT.alias("early"), _REPORT.alias("late")
    same = sa.and_(
        early.c.left_open == late.c.taken_over, sa.func.substr(early.c.left_open, 1, len(_mark())) == _mark()
    )
    query = (
        sa.select(early.c.id)
        .join(late, sa.and_(late.c.publisher_id == early.c.publisher_id, late.c.year == early.c.year + 1))
        .where(sa.literal_column("early.is_current"), sa.literal_column("late.is_current"), same.is_not(True))
        .order_by(early.c.publisher_id, early.c.year)
    )
    if publishers is not None:
        query = query.where(early.c.publisher_id.in_(sorted(set(publishers))))
    return connection.scalars(query).all()


@cache
def _carried() -> tuple[tuple[str, str], ...]:
    """The cells of a year and of the next that must be equal, of all checks, in the order of checks.yaml."""
    equations = (equation for check in checks().values() for equation in check.equations())
    return tuple(dict.fromkeys(pair for pair in map(_cells, equations) if pair is not None))


def _cells(equation: Equation) -> tuple[str, str] | None:
    """The cell of the earlier year and that of the next, if the equation says nothing but that they are equal."""
    terms = equation.left + equation.right
    if equation.op is not Op.EQUAL or equation.nulls is not Nulls.SKIP or (len(equation.left), len(terms)) != (1, 2):
        return None
    early, late = sorted(terms, key=lambda term: term.offset)
    if any(term.sign < 0 or not term.code for term in terms) or late.offset - early.offset != 1:
        return None
    return early.code, late.code


@cache
def _mark() -> str:
    """Tells the cells that a text was made for: texts of an earlier list prove nothing of this one."""
    return f"{digest(_carried())[:_MARK]}:"


def _plain(value: str) -> str:
    """A stored value without the zeros that end its decimals: digits alone, never rounded."""
    return value.rstrip("0").rstrip(".") if "." in value else value
